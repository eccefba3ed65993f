//! Tables: columns as wide as their content wants, rows that stay whole, heads that come again on every sheet.

use std::rc::Rc;

use super::flow::{Flow, LABEL};
use super::font::Fonts;
use super::strip::{HEIGHT, Ink, Line, Op, Repeated, Strip, Style, Weight, place, set};
use super::structure::{Element, Role};
use super::wrap::{natural, widest_word};
use crate::page::{Align, Cell, Column, Row, Table};

/// Space between columns.
const GAP: f32 = 8.0;
/// Space above and beneath the text of a row.
const PAD: f32 = 2.6;
/// Sizes of the text, the first that fits is taken.
const SIZES: [f32; 4] = [8.2, 7.6, 7.0, 6.4];
/// How much of the natural width of a text its column asks for at most, in ems.
const WIDEST: f32 = 34.0;
/// A word longer than this may be broken, in ems.
const LONGEST_WORD: f32 = 12.0;

/// Where the columns stand, and how their text is set.
struct Grid {
    /// Left and width.
    columns: Vec<(f32, f32)>,
    size: f32,
}

pub(super) fn lay_out<'a>(flow: &mut Flow<'a>, table: &'a Table, parent: Element) {
    let element = flow.structure.add(parent, Role::Table);
    let grid = Grid::fit(table, flow.width, flow.fonts);
    if table.shows_caption {
        let caption = flow.structure.add(element, Role::Caption);
        let lines = set(
            table.caption.as_str(),
            LABEL,
            flow.width,
            caption,
            flow.fonts,
        );
        let first = flow.strips.len();
        flow.lines(lines);
        for strip in flow.strips.iter_mut().skip(first) {
            strip.keeps = true;
        }
    }
    let head = head(flow, table, &grid, element);
    let rows = flow.structure.add(element, Role::Rows);
    for row in &table.rows {
        lay_out_row(flow, table, row, &grid, rows, &head, false);
    }
    if !table.foot.is_empty() {
        let foot = flow.structure.add(element, Role::Foot);
        for row in &table.foot {
            lay_out_row(flow, table, row, &grid, foot, &head, true);
        }
    }
}

/// Draws the head and gives what is repeated of it.
fn head<'a>(flow: &mut Flow<'a>, table: &'a Table, grid: &Grid, element: Element) -> Rc<Repeated> {
    let style = Style::new(LABEL.size.min(grid.size), Ink::Muted);
    let part = flow.structure.add(element, Role::Head);
    let row = flow.structure.add(part, Role::Row);
    let mut cells = Vec::with_capacity(table.columns.len());
    let mut lines: usize = 0;
    for (column, (_, width)) in table.columns.iter().zip(&grid.columns) {
        let cell = flow.structure.add(row, Role::HeadCell);
        let text = seen(&column.head.shown);
        let set = set(text, style, *width, cell, flow.fonts);
        lines = lines.max(set.len());
        cells.push(set);
    }
    let mut ops = Vec::new();
    let mut texts = Vec::new();
    // The last lines of all heads stand in a row.
    let bottom = (0..lines).map(|_| style.leading()).sum::<f32>();
    for ((cell, column), (x, width)) in cells.into_iter().zip(&table.columns).zip(&grid.columns) {
        let first = ops.len();
        let top = bottom - super::strip::height(&cell);
        place(cell, *x, top, &mut ops);
        align(&mut ops, first, column.align, *width, flow.fonts);
    }
    for op in &ops {
        if let Op::Text { x, y, text, .. } = op {
            texts.push((*x, *y, text.clone().into_owned(), style));
        }
    }
    let height = bottom + 2.5;
    ops.push(Op::Rule {
        x: 0.0,
        y: height,
        width: flow.width,
        weight: Weight::Middle,
    });
    flow.strips.push(Strip::new(height + 0.5, ops).keeping());
    Rc::new(Repeated {
        height: height + 0.5,
        texts,
        rules: vec![(0.0, height, flow.width)],
    })
}

fn lay_out_row<'a>(
    flow: &mut Flow<'a>,
    table: &'a Table,
    row: &'a Row,
    grid: &Grid,
    parent: Element,
    head: &Rc<Repeated>,
    is_sum: bool,
) {
    let element = flow.structure.add(parent, Role::Row);
    let mut cells: Vec<Vec<Line<'a>>> = Vec::with_capacity(table.columns.len());
    for (place, (_, width)) in grid.columns.iter().enumerate() {
        let cell = flow.structure.add(element, Role::Cell);
        let ink = if row.former { Ink::Muted } else { Ink::Dark };
        let mut style = Style::new(grid.size, ink);
        style.bold = is_sum;
        cells.push(match row.cells.get(place) {
            Some(content) => lines_of(flow, content, style, *width, cell),
            None => set(" ", style, *width, cell, flow.fonts),
        });
    }
    // A row that is higher than a sheet goes on upon the next.
    let room = HEIGHT - head.height - 2.0 * PAD - 40.0;
    let mut cells: Vec<_> = cells
        .into_iter()
        .map(|cell| cell.into_iter().peekable())
        .collect();
    loop {
        let mut ops = Vec::new();
        if row.former {
            ops.push(Op::Ground {
                x: -3.0,
                width: flow.width + 6.0,
            });
        }
        let mut tallest: f32 = 0.0;
        for ((cell, column), (x, width)) in cells.iter_mut().zip(&table.columns).zip(&grid.columns)
        {
            let mut lines = Vec::new();
            let mut used = 0.0;
            while let Some(line) = cell.next_if(|line| used + line.style.leading() <= room) {
                used += line.style.leading();
                lines.push(line);
            }
            let first = ops.len();
            tallest = tallest.max(place(lines, *x, PAD, &mut ops));
            align(&mut ops, first, column.align, *width, flow.fonts);
        }
        let is_last = cells.iter_mut().all(|cell| cell.peek().is_none());
        let height = tallest + 2.0 * PAD;
        if is_last && !is_sum {
            ops.push(Op::Rule {
                x: 0.0,
                y: height,
                width: flow.width,
                weight: Weight::Hair,
            });
        }
        flow.strips.push(Strip {
            head: Some(Rc::clone(head)),
            ..Strip::new(height, ops)
        });
        if is_last {
            return;
        }
    }
}

fn lines_of<'a>(
    flow: &mut Flow<'a>,
    cell: &'a Cell,
    style: Style,
    width: f32,
    element: Element,
) -> Vec<Line<'a>> {
    if cell.details.is_empty() {
        let mut lines = Vec::new();
        for value in &cell.values {
            lines.extend(set(value.shown.as_str(), style, width, element, flow.fonts));
        }
        if lines.is_empty() {
            // A cell without content would be no cell.
            lines = set(" ", style, width, element, flow.fonts);
        }
        return lines;
    }
    let mut lines = Vec::new();
    for value in &cell.values {
        let paragraph = flow.structure.add(element, Role::Paragraph);
        lines.extend(set(
            value.shown.as_str(),
            style,
            width,
            paragraph,
            flow.fonts,
        ));
    }
    let detail = Style {
        bold: false,
        ..Style::new(LABEL.size.min(style.size), Ink::Muted)
    };
    for field in &cell.details {
        let paragraph = flow.structure.add(element, Role::Paragraph);
        let values: Vec<&str> = field
            .values
            .iter()
            .map(|value| value.shown.as_str())
            .collect();
        let text = format!("{}: {}", field.label, values.join(", "));
        lines.extend(set(text, detail, width, paragraph, flow.fonts));
    }
    lines
}

/// An empty head is a head all the same.
fn seen(text: &str) -> &str {
    if text.is_empty() { " " } else { text }
}

/// Moves the lines from `first` on to where their column wants them.
fn align(ops: &mut [Op<'_>], first: usize, align: Align, width: f32, fonts: &Fonts) {
    if align == Align::Start {
        return;
    }
    for op in ops.iter_mut().skip(first) {
        if let Op::Text { x, text, style, .. } = op {
            let wide = fonts
                .face(style.bold)
                .width(text.trim_end_matches(' '), style.size);
            *x += (width - wide).max(0.0);
        }
    }
}

impl Grid {
    fn fit(table: &Table, width: f32, fonts: &Fonts) -> Self {
        let wants: Vec<Want> = table
            .columns
            .iter()
            .enumerate()
            .map(|(place, column)| Want::of(table, place, column, fonts))
            .collect();
        let gaps = GAP * count(table.columns.len().saturating_sub(1));
        let room = (width - gaps).max(count(table.columns.len()) * 4.0);
        let least = |size: f32| wants.iter().map(|want| want.least(size)).sum::<f32>();
        let size = SIZES
            .into_iter()
            .find(|size| least(*size) <= room)
            .unwrap_or(SIZES[SIZES.len() - 1]);
        let widths = Self::widths(&wants, &table.columns, size, room);
        let mut left = 0.0;
        let columns = widths
            .into_iter()
            .map(|wide| {
                let place = left;
                left += wide + GAP;
                (place, wide)
            })
            .collect();
        Self { columns, size }
    }

    fn widths(wants: &[Want], columns: &[Column], size: f32, room: f32) -> Vec<f32> {
        let least: f32 = wants.iter().map(|want| want.least(size)).sum();
        if least > room {
            // No size is small enough: words are broken.
            return wants
                .iter()
                .map(|want| want.least(size) * room / least)
                .collect();
        }
        let spare = room - least;
        let more = |want: &Want| want.most(size) - want.least(size);
        let wanted: f32 = wants.iter().map(more).sum();
        if wanted >= spare {
            let part = if wanted > 0.0 { spare / wanted } else { 0.0 };
            return wants
                .iter()
                .map(|want| want.least(size) + more(want) * part)
                .collect();
        }
        let growing = columns.iter().filter(|column| column.grows).count();
        let rest = spare - wanted;
        wants
            .iter()
            .zip(columns)
            .map(|(want, column)| {
                let extra = match (growing, column.grows) {
                    (0, _) => rest / count(columns.len()),
                    (_, true) => rest / count(growing),
                    (_, false) => 0.0,
                };
                want.most(size) + extra
            })
            .collect()
    }
}

/// The width a column can live with and the one it would like, for text of a size of 1 and for its head.
struct Want {
    word: f32,
    natural: f32,
    head: f32,
    detail: f32,
}

impl Want {
    fn of(table: &Table, place: usize, column: &Column, fonts: &Fonts) -> Self {
        let mut want = Self {
            word: 0.5,
            natural: 0.5,
            head: widest_word(&column.head.shown, &fonts.regular) * LABEL.size,
            detail: 0.0,
        };
        let rows = table.rows.iter().map(|row| (row, &fonts.regular));
        let foot = table.foot.iter().map(|row| (row, &fonts.bold));
        for (row, face) in rows.chain(foot) {
            let Some(cell) = row.cells.get(place) else {
                continue;
            };
            for value in &cell.values {
                let whole = natural(&value.shown, face);
                let word = match column.align {
                    Align::Number => widest_word(&value.shown, face),
                    Align::Start => widest_word(&value.shown, face).min(LONGEST_WORD),
                };
                want.word = want.word.max(word);
                want.natural = want.natural.max(whole.min(WIDEST));
            }
            for field in &cell.details {
                let whole = natural(&field.label, face) + 8.0;
                want.detail = want.detail.max(whole.min(LONGEST_WORD));
            }
        }
        want
    }

    fn least(&self, size: f32) -> f32 {
        (self.word * size)
            .max(self.head)
            .max(self.detail * LABEL.size)
    }

    fn most(&self, size: f32) -> f32 {
        (self.natural * size).max(self.least(size))
    }
}

/// Columns are few.
#[allow(clippy::cast_precision_loss)]
fn count(number: usize) -> f32 {
    number as f32
}
