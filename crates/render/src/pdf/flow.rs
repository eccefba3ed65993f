//! From the page to strips: masthead, sections, cards, paragraphs and codes. Fields and tables have files of their own.

use super::fields;
use super::font::Fonts;
use super::strip::{HEIGHT, Ink, Line, Op, Strip, Style, WIDTH, Weight, height, place, set};
use super::structure::{Element, Role, Structure};
use super::table;
use crate::page::{Block, Field, Figure, Page, Section};

pub(super) const LABEL: Style = Style::new(6.8, Ink::Muted);
pub(super) const VALUE: Style = Style::new(8.8, Ink::Dark);
const TITLE: Style = Style::new(15.0, Ink::Accent);
const HEADING: Style = Style::new(10.5, Ink::Accent).bold();
const SMALL_HEADING: Style = Style::new(8.8, Ink::Accent).bold();
const TOTAL: Style = Style::new(13.0, Ink::Dark).bold();
const LINK: Style = Style::new(6.2, Ink::Accent);

/// Space between two things side by side.
pub(super) const GUTTER: f32 = 16.0;
/// 0.42 mm: a module that scans from paper.
const MODULE: f32 = 0.42 / 25.4 * 72.0;

/// Lays a page out.
pub(super) struct Flow<'a> {
    pub(super) fonts: &'a Fonts,
    pub(super) structure: Structure,
    pub(super) strips: Vec<Strip<'a>>,
    /// How wide the column is that is being laid out.
    pub(super) width: f32,
}

impl<'a> Flow<'a> {
    pub(super) fn lay_out(page: &'a Page, fonts: &'a Fonts) -> (Vec<Strip<'a>>, Structure) {
        let mut flow = Flow {
            fonts,
            structure: Structure::new(),
            strips: Vec::new(),
            width: WIDTH,
        };
        let root = flow.structure.root();
        flow.masthead(page, root);
        for section in &page.sections {
            flow.section(section, 2, root);
        }
        (flow.strips, flow.structure)
    }

    fn masthead(&mut self, page: &'a Page, root: Element) {
        let masthead = &page.masthead;
        let above = self.structure.add(root, Role::Paragraph);
        self.lines(set(
            masthead.above.as_str(),
            LABEL,
            self.width,
            above,
            self.fonts,
        ));
        let title = self
            .structure
            .add(root, Role::Heading(1, page.title.clone()));
        let mut ops = vec![Op::Place {
            title: page.title.clone(),
        }];
        // The number stands beside the kind where there is room, else beneath it.
        let kind = format!("{} ", masthead.kind);
        let kind_width = self.fonts.regular.width(&kind, TITLE.size);
        let number = masthead.number.as_ref().map(|text| text.shown.as_str());
        let number_width = number.map_or(0.0, |number| self.fonts.bold.width(number, TITLE.size));
        let beside = kind_width + number_width <= self.width;
        let mut top = place(
            set(kind, TITLE, self.width, title, self.fonts),
            0.0,
            0.0,
            &mut ops,
        );
        if let Some(number) = number {
            let (x, y) = if beside {
                (kind_width, 0.0)
            } else {
                (0.0, top)
            };
            let lines = set(number, TITLE.bold(), self.width, title, self.fonts);
            top = top.max(y + place(lines, x, y, &mut ops));
        }
        self.strips.push(Strip::new(top, ops));
        self.strips.push(Strip::space(5.0));
        self.fields(&masthead.fields, root, 4);
        self.strips.push(Strip::new(
            8.0,
            vec![Op::Rule {
                x: 0.0,
                y: 5.0,
                width: self.width,
                weight: Weight::Heavy,
            }],
        ));
    }

    pub(super) fn section(&mut self, section: &'a Section, level: u8, parent: Element) {
        let Some(title) = &section.title else {
            self.blocks(&section.blocks, level, parent);
            return;
        };
        let style = if level == 2 { HEADING } else { SMALL_HEADING };
        let element = self
            .structure
            .add(parent, Role::Heading(level, title.clone()));
        let mut ops = Vec::new();
        if level == 2 {
            ops.push(Op::Place {
                title: title.clone(),
            });
        }
        let lines = set(title.as_str(), style, self.width, element, self.fonts);
        let mut bottom = place(lines, 0.0, 0.0, &mut ops);
        if level == 2 {
            ops.push(Op::Rule {
                x: 0.0,
                y: bottom + 1.5,
                width: self.width,
                weight: Weight::Middle,
            });
            bottom += 6.0;
        } else {
            bottom += 2.0;
        }
        self.strips
            .push(Strip::space(if level == 2 { 14.0 } else { 7.0 }));
        self.strips.push(Strip::new(bottom, ops).keeping());
        self.blocks(&section.blocks, level + 1, parent);
    }

    fn blocks(&mut self, blocks: &'a [Block], level: u8, parent: Element) {
        for (place, block) in blocks.iter().enumerate() {
            if place > 0 {
                self.strips.push(Strip::space(4.0));
            }
            match block {
                Block::Fields(fields) => {
                    let columns = fields::columns(self.width);
                    self.fields(fields, parent, columns);
                }
                Block::Cards(cards) => self.cards(cards, level, parent),
                Block::Group(group) => self.section(group, level, parent),
                Block::Table(table) => table::lay_out(self, table, parent),
                Block::Paragraph(text) => {
                    let element = self.structure.add(parent, Role::Paragraph);
                    let lines = set(text.shown.as_str(), VALUE, self.width, element, self.fonts);
                    self.lines(lines);
                }
                Block::Total(field) => self.total(field, parent),
                Block::Codes(figures) => self.codes(figures, parent),
            }
        }
    }

    /// Lines that may be parted by the end of a sheet.
    pub(super) fn lines(&mut self, lines: Vec<Line<'a>>) {
        for line in lines {
            let mut ops = Vec::with_capacity(1);
            let height = place([line], 0.0, 0.0, &mut ops);
            self.strips.push(Strip::new(height, ops));
        }
    }

    fn total(&mut self, field: &'a Field, parent: Element) {
        let element = self.structure.add(parent, Role::Paragraph);
        let label = format!("{} ", field.label);
        let label_style = Style::new(VALUE.size, Ink::Muted);
        let value: String = field
            .values
            .iter()
            .map(|value| value.shown.as_str())
            .collect::<Vec<_>>()
            .join(" ");
        let label_width = self.fonts.regular.width(&label, label_style.size) + 6.0;
        let value_width = self.fonts.bold.width(&value, TOTAL.size);
        let mut ops = Vec::new();
        let height = if label_width + value_width <= self.width {
            let x = self.width - value_width;
            ops.push(Op::Text {
                x: x - label_width,
                y: TOTAL.baseline(),
                text: label.into(),
                style: label_style,
                element,
            });
            place(
                set(value, TOTAL, value_width + 1.0, element, self.fonts),
                x,
                0.0,
                &mut ops,
            )
        } else {
            let lines = set(label, label_style, self.width, element, self.fonts);
            let top = place(lines, 0.0, 0.0, &mut ops);
            let lines = set(value, TOTAL, self.width, element, self.fonts);
            top + place(lines, 0.0, top, &mut ops)
        };
        self.strips.push(Strip::space(3.0));
        self.strips.push(Strip::new(height, ops));
    }

    /// Cards two by two; one that is higher than a sheet stands alone, over the whole width.
    fn cards(&mut self, cards: &'a [Section], level: u8, parent: Element) {
        let full = self.width;
        let half = (full - GUTTER) / 2.0;
        let mut waiting: Option<Vec<Strip<'a>>> = None;
        for (place, card) in cards.iter().enumerate() {
            let outside = core::mem::take(&mut self.strips);
            self.width = half;
            self.section(card, level, parent);
            self.width = full;
            let inside = core::mem::replace(&mut self.strips, outside);
            match waiting.take() {
                Some(left) => self.side_by_side(left, inside, half + GUTTER),
                None if place + 1 < cards.len() => waiting = Some(inside),
                None => self.side_by_side(inside, Vec::new(), half + GUTTER),
            }
        }
    }

    fn side_by_side(&mut self, left: Vec<Strip<'a>>, right: Vec<Strip<'a>>, offset: f32) {
        let sum = |strips: &[Strip<'_>]| strips.iter().map(|strip| strip.height).sum::<f32>();
        let height = sum(&left).max(sum(&right));
        if height > HEIGHT - 20.0 {
            self.strips.extend(left);
            self.strips.extend(right);
            return;
        }
        let mut ops = Vec::new();
        for (x, column) in [(0.0, left), (offset, right)] {
            let mut y = 0.0;
            for strip in column {
                for mut op in strip.ops {
                    op.shift(x, y);
                    ops.push(op);
                }
                y += strip.height;
            }
        }
        self.strips.push(Strip::new(height, ops));
    }

    fn codes(&mut self, figures: &'a [Figure], parent: Element) {
        let half = (self.width - GUTTER) / 2.0;
        for pair in figures.chunks(2) {
            let mut ops = Vec::new();
            let mut bottom: f32 = 0.0;
            for (x, figure) in [0.0, half + GUTTER].into_iter().zip(pair) {
                bottom = bottom.max(self.code(figure, x, half, parent, &mut ops));
            }
            self.strips.push(Strip::new(bottom, ops));
            self.strips.push(Strip::space(6.0));
        }
    }

    fn code(
        &mut self,
        figure: &'a Figure,
        x: f32,
        width: f32,
        parent: Element,
        ops: &mut Vec<Op<'a>>,
    ) -> f32 {
        let quiet = ksef_offline_core::code::image::QUIET_ZONE;
        // Pixels are whole numbers far below the limit of a float.
        #[allow(clippy::cast_precision_loss)]
        let modules = (figure.symbol.width() + 2 * quiet) as f32;
        let module = MODULE.min(width / modules);
        let element = self.structure.add(parent, Role::Figure(figure.alt.clone()));
        ops.push(Op::Symbol {
            // The light margin stands outside the column, so that the symbol is in line with the text.
            x: x - 4.0 * module,
            y: 0.0,
            module,
            symbol: &figure.symbol,
            element,
        });
        let mut y = modules * module;
        for (text, style) in [
            (figure.title.as_str(), VALUE),
            (figure.caption.as_str(), VALUE.bold()),
        ] {
            let paragraph = self.structure.add(parent, Role::Paragraph);
            y += place(set(text, style, width, paragraph, self.fonts), x, y, ops);
        }
        let paragraph = self.structure.add(parent, Role::Paragraph);
        let link = self.structure.add(paragraph, Role::Link);
        let lines = set(figure.link.as_str(), LINK, width, link, self.fonts);
        y += 1.0;
        let areas = lines
            .iter()
            .zip(0_u16..)
            .map(|(line, number)| {
                let face = self.fonts.face(line.style.bold);
                let top = y + f32::from(number) * line.style.leading();
                let wide = face.width(&line.text, line.style.size);
                (x, top, wide, line.style.leading())
            })
            .collect();
        let bottom = y + height(&lines);
        place(lines, x, y, ops);
        ops.push(Op::Link {
            areas,
            url: &figure.link,
            element: link,
        });
        bottom
    }
}
