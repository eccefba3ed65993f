//! A page as one HTML file that loads nothing and runs nothing, for the screen, the phone and A4 paper.

mod style;
mod write;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ksef_offline_core::code::image::QUIET_ZONE;

use crate::page::text::{Source, Text};
use crate::page::{Align, Block, Cell, Field, Figure, Page, Row, Section, Span, Table};
use write::Html;

/// Millimetres a module: more than a third, so that it scans from paper.
const MODULE: f64 = 0.42;

/// Draws the page.
pub(crate) fn draw(page: &Page) -> String {
    let mut heads = Heads::default();
    for section in &page.sections {
        heads.gather(section);
    }
    let mut html = Html::begin(
        page.pick("pl", "en"),
        &page.title,
        &format!("{}{}", style::STYLE, heads.style()),
    );
    let mut draw = Draw {
        html: &mut html,
        heads: &heads,
    };
    draw.masthead(page);
    for section in &page.sections {
        draw.section(section, 2);
    }
    html.end()
}

/// The heads of all tables. On a phone each cell stands in a line of its own with the head of its column before it, put
/// there by the style sheet: the head is written once, not with every cell.
#[derive(Default)]
struct Heads {
    classes: BTreeMap<Vec<String>, usize>,
}

impl Heads {
    fn gather(&mut self, section: &Section) {
        for block in &section.blocks {
            match block {
                Block::Table(table) => {
                    let next = self.classes.len();
                    self.classes.entry(Self::key(table)).or_insert(next);
                }
                Block::Group(group) => self.gather(group),
                Block::Cards(cards) => cards.iter().for_each(|card| self.gather(card)),
                Block::Fields(_) | Block::Paragraph(_) | Block::Total(_) | Block::Codes(_) => {}
            }
        }
    }

    fn key(table: &Table) -> Vec<String> {
        table
            .columns
            .iter()
            .map(|column| column.head.shown.clone())
            .collect()
    }

    fn class(&self, table: &Table) -> usize {
        self.classes.get(&Self::key(table)).copied().unwrap_or(0)
    }

    fn style(&self) -> String {
        let mut rules = String::new();
        for (heads, class) in &self.classes {
            for (place, head) in (1..).zip(heads).filter(|(_, head)| !head.is_empty()) {
                // Writing to a String does not fail.
                let _ = write!(
                    rules,
                    ".t{class} td:nth-child({place})::before{{content:\"{}\"}}\n",
                    css_string(head)
                );
            }
        }
        if rules.is_empty() {
            return rules;
        }
        format!("@media screen and (max-width:40em){{\n{rules}}}\n")
    }
}

/// Text for a quoted string of a style sheet: all but letters, digits and spaces by number, so that none of it can end the
/// string or the style sheet.
fn css_string(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for character in text.chars() {
        if character == ' ' || character.is_alphanumeric() {
            quoted.push(character);
        } else {
            let _ = write!(quoted, "\\{:06x}", u32::from(character));
        }
    }
    quoted
}

struct Draw<'a> {
    html: &'a mut Html,
    heads: &'a Heads,
}

impl Draw<'_> {
    fn masthead(&mut self, page: &Page) {
        let masthead = &page.masthead;
        self.html.raw("<header>\n");
        self.html.element("p class=\"above\"", &masthead.above);
        self.html.raw("<h1>");
        self.html.text(&masthead.kind);
        if let Some(number) = &masthead.number {
            self.html.raw(" <span class=\"number\">");
            self.text(number);
            self.html.raw("</span>");
        }
        self.html.raw("</h1>\n");
        self.fields(&masthead.fields);
        self.html.raw("</header>\n<main>\n");
    }

    fn section(&mut self, section: &Section, level: u8) {
        let Some(title) = &section.title else {
            self.blocks(&section.blocks, level);
            return;
        };
        self.html.raw(if level > 2 {
            "<section class=\"group\">"
        } else {
            "<section>"
        });
        self.heading(title, level);
        self.blocks(&section.blocks, level + 1);
        self.html.raw("</section>\n");
    }

    fn heading(&mut self, title: &str, level: u8) {
        let tag = match level {
            2 => "h2",
            3 => "h3",
            4 => "h4",
            5 => "h5",
            _ => "h6",
        };
        self.html.element(tag, title);
        self.html.raw("\n");
    }

    fn blocks(&mut self, blocks: &[Block], level: u8) {
        for block in blocks {
            match block {
                Block::Fields(fields) => self.fields(fields),
                Block::Cards(cards) => {
                    self.html.raw("<div class=\"cards\">\n");
                    for card in cards {
                        self.section(card, level);
                    }
                    self.html.raw("</div>\n");
                }
                Block::Group(group) => self.section(group, level),
                Block::Table(table) => self.table(table),
                Block::Paragraph(text) => {
                    self.html.raw("<p class=\"text\">");
                    self.text(text);
                    self.html.raw("</p>\n");
                }
                Block::Total(field) => {
                    self.html.raw("<p class=\"total\"><span>");
                    self.html.text(&field.label);
                    self.html.raw("</span> <strong>");
                    self.values(&field.values, "<br>");
                    self.html.raw("</strong></p>\n");
                }
                Block::Codes(figures) => {
                    self.html.raw("<div class=\"codes\">\n");
                    for figure in figures {
                        self.figure(figure);
                    }
                    self.html.raw("</div>\n");
                }
            }
        }
    }

    fn fields(&mut self, fields: &[Field]) {
        if fields.is_empty() {
            return;
        }
        self.html.raw("<dl class=\"fields\">\n");
        for field in fields {
            self.html.raw(match field.span() {
                Span::One => "<div>",
                Span::Two => "<div class=\"two\">",
                Span::All => "<div class=\"all\">",
            });
            self.pair(field);
            self.html.raw("</div>\n");
        }
        self.html.raw("</dl>\n");
    }

    fn pair(&mut self, field: &Field) {
        self.html.element("dt", &field.label);
        for value in &field.values {
            self.html.raw(if field.strong {
                "<dd class=\"strong\">"
            } else {
                "<dd>"
            });
            self.text(value);
            self.html.raw("</dd>");
        }
    }

    fn table(&mut self, table: &Table) {
        self.html
            .raw(&format!("<table class=\"t{}\">", self.heads.class(table)));
        self.html.element(
            if table.shows_caption {
                "caption"
            } else {
                "caption class=\"unseen\""
            },
            &table.caption,
        );
        self.html.raw("\n<thead><tr>");
        for column in &table.columns {
            self.html.raw(match column.align {
                Align::Number => "<th scope=\"col\" class=\"n\">",
                Align::Start => "<th scope=\"col\">",
            });
            self.text(&column.head);
            self.html.raw("</th>");
        }
        self.html.raw("</tr></thead>\n<tbody>\n");
        for row in &table.rows {
            self.row(table, row);
        }
        self.html.raw("</tbody>\n");
        if !table.foot.is_empty() {
            self.html.raw("<tfoot>\n");
            for row in &table.foot {
                self.row(table, row);
            }
            self.html.raw("</tfoot>\n");
        }
        self.html.raw("</table>\n");
    }

    fn row(&mut self, table: &Table, row: &Row) {
        self.html.raw(if row.former {
            "<tr class=\"former\">"
        } else {
            "<tr>"
        });
        for (place, column) in table.columns.iter().enumerate() {
            let Some(cell) = row.cells.get(place) else {
                self.html.raw("<td class=\"none\"></td>");
                continue;
            };
            let is_empty = cell.values.is_empty() && cell.details.is_empty();
            self.html.raw(match (column.align, is_empty) {
                (_, true) => "<td class=\"none\">",
                (Align::Number, false) => "<td class=\"n\">",
                (Align::Start, false) => "<td>",
            });
            self.cell(cell);
            self.html.raw("</td>");
        }
        self.html.raw("</tr>\n");
    }

    fn cell(&mut self, cell: &Cell) {
        self.values(&cell.values, "<br>");
        if !cell.details.is_empty() {
            self.html.raw("<dl class=\"details\">");
            for field in &cell.details {
                self.html.raw("<div>");
                self.pair(field);
                self.html.raw("</div>");
            }
            self.html.raw("</dl>");
        }
    }

    fn values(&mut self, values: &[Text], between: &str) {
        for (place, value) in values.iter().enumerate() {
            if place > 0 {
                self.html.raw(between);
            }
            self.text(value);
        }
    }

    fn text(&mut self, text: &Text) {
        match &text.source {
            Source::Same => self.html.text(&text.shown),
            Source::Data(value) => {
                self.html.raw("<data value=\"");
                self.html.text(value);
                self.html.raw("\">");
                self.html.text(&text.shown);
                self.html.raw("</data>");
            }
            Source::Time(value) => {
                self.html.raw("<time datetime=\"");
                self.html.text(value);
                self.html.raw("\">");
                self.html.text(&text.shown);
                self.html.raw("</time>");
            }
        }
    }

    fn figure(&mut self, figure: &Figure) {
        self.html.raw("<figure>");
        self.symbol(figure);
        self.html.raw("<figcaption>");
        self.html.element("strong", &figure.title);
        self.html.element("span class=\"caption\"", &figure.caption);
        // Nothing but a link of the web may be followed from here.
        if figure.link.starts_with("https://") {
            self.html.raw("<a rel=\"noopener noreferrer\" href=\"");
            self.html.text(&figure.link);
            self.html.raw("\">");
            self.html.text(&figure.link);
            self.html.raw("</a>");
        } else {
            self.html.element("span", &figure.link);
        }
        self.html.raw("</figcaption></figure>\n");
    }

    fn symbol(&mut self, figure: &Figure) {
        let width = figure.symbol.width() + 2 * QUIET_ZONE;
        let side = f64::from(width) * MODULE;
        self.html.raw(&format!(
            "<svg role=\"img\" width=\"{side:.1}mm\" height=\"{side:.1}mm\" viewBox=\"0 0 {width} {width}\" aria-label=\""
        ));
        self.html.text(&figure.alt);
        self.html.raw("\"><path fill=\"#fff\" d=\"M0 0h");
        self.html.raw(&format!("{width}v{width}H0z\"/>"));
        self.html.raw("<path shape-rendering=\"crispEdges\" d=\"");
        for (y, row) in (QUIET_ZONE..).zip(figure.symbol.rows()) {
            let mut x = QUIET_ZONE;
            for run in row.chunk_by(|a, b| a == b) {
                let length = u32::try_from(run.len()).unwrap_or(0);
                if run.first() == Some(&true) {
                    self.html.raw(&format!("M{x} {y}h{length}v1h-{length}z"));
                }
                x += length;
            }
        }
        self.html.raw("\"/></svg>");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_cannot_leave_the_style_sheet() {
        assert_eq!(
            css_string("Ż 1\"}</style>"),
            "Ż 1\\000022\\00007d\\00003c\\00002fstyle\\00003e"
        );
    }
}
