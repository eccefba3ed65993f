//! Elements without a place of their own: pairs of label and value, groups under a heading, repeated groups as tables.

use ksef_offline_core::Language;
use roxmltree::Node;

use crate::html::Html;
use crate::invoice::{children, content};
use crate::schema;
use crate::value;

/// Writes elements in their order.
pub(crate) struct Fields<'a> {
    html: &'a mut Html,
    language: Language,
    /// A list of pairs is open.
    listing: bool,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(html: &'a mut Html, language: Language) -> Self {
        Self {
            html,
            language,
            listing: false,
        }
    }

    /// Writes `nodes` and all that is in them.
    pub(crate) fn write(&mut self, nodes: &[Node<'_, '_>]) {
        for run in nodes.chunk_by(|a, b| a.tag_name().name() == b.tag_name().name()) {
            let name = run.first().map_or("", |node| node.tag_name().name());
            if run.iter().all(|node| is_leaf(*node)) {
                self.pairs(name, run);
            } else if schema::is_line(name) || (run.len() > 1 && run.iter().all(|n| is_flat(*n))) {
                self.close();
                self.table(name, run);
            } else {
                for node in run {
                    self.group(*node);
                }
            }
        }
        self.close();
    }

    fn pairs(&mut self, name: &str, run: &[Node<'_, '_>]) {
        let filled: Vec<&Node<'_, '_>> = run
            .iter()
            .filter(|node| !content(**node).is_empty() || node.attributes().len() > 0)
            .collect();
        if filled.is_empty() {
            return;
        }
        if !self.listing {
            self.html.raw("<dl>");
            self.listing = true;
        }
        self.html.element("dt", &schema::label(name, self.language));
        for node in filled {
            self.html.raw(if name == schema::NAME {
                "<dd><strong>"
            } else {
                "<dd>"
            });
            self.cell(*node);
            self.html.raw(if name == schema::NAME {
                "</strong></dd>"
            } else {
                "</dd>"
            });
        }
    }

    fn group(&mut self, node: Node<'_, '_>) {
        let name = node.tag_name().name();
        if is_leaf(node) {
            self.pairs(name, &[node]);
            return;
        }
        let fields: Vec<Node<'_, '_>> = children(node).collect();
        if schema::is_transparent(name) {
            // Its fields go on in the list that is open.
            for field in fields {
                self.group(field);
            }
            return;
        }
        self.close();
        if name == schema::TABLE
            && fields
                .iter()
                .any(|f| f.tag_name().name() == schema::TABLE_HEAD)
        {
            self.attached_table(&fields);
            return;
        }
        self.html.element("h3", &schema::label(name, self.language));
        self.html.raw("<div class=\"nested\">");
        // The schema knows no text between elements; what stands there all the same is shown.
        let stray = content(node);
        if !stray.is_empty() {
            self.html.element("p", &stray);
        }
        self.write(&fields);
        self.html.raw("</div>\n");
    }

    /// Repeated groups of the same name: one row each, one column for every element that any of them has.
    fn table(&mut self, name: &str, rows: &[Node<'_, '_>]) {
        let mut columns: Vec<&str> = Vec::new();
        for row in rows {
            // A column that is new goes behind the one it follows in its row, as in the schema.
            let mut place = 0;
            for field in children(*row) {
                let column = field.tag_name().name();
                if let Some(known) = columns.iter().position(|known| *known == column) {
                    place = place.max(known + 1);
                } else {
                    columns.insert(place, column);
                    place += 1;
                }
            }
        }
        self.html.element("h2", &schema::label(name, self.language));
        self.html.raw("<div class=\"wide\"><table><thead><tr>");
        for column in &columns {
            let tag = if schema::is_number(column) {
                "th class=\"n\""
            } else {
                "th"
            };
            self.html
                .element(tag, &schema::label(column, self.language));
        }
        self.html.raw("</tr></thead><tbody>\n");
        for row in rows {
            self.html.raw("<tr>");
            for column in &columns {
                self.html.raw(if schema::is_number(column) {
                    "<td class=\"n\">"
                } else {
                    "<td>"
                });
                let cells = children(*row).filter(|field| field.tag_name().name() == *column);
                for (place, cell) in cells.enumerate() {
                    if place > 0 {
                        self.html.raw("<br>");
                    }
                    self.cell(cell);
                }
                self.html.raw("</td>");
            }
            self.html.raw("</tr>\n");
        }
        self.html.raw("</tbody></table></div>\n");
    }

    /// A table of the attachment, which brings its own heads.
    fn attached_table(&mut self, parts: &[Node<'_, '_>]) {
        let of = |name: &'static str| {
            parts
                .iter()
                .filter(move |part| part.tag_name().name() == name)
                .copied()
        };
        let others: Vec<Node<'_, '_>> = parts
            .iter()
            .filter(|part| {
                let name = part.tag_name().name();
                ![schema::TABLE_HEAD, schema::TABLE_ROW, schema::TABLE_SUM].contains(&name)
            })
            .copied()
            .collect();
        self.write(&others);
        self.html.raw("<div class=\"wide\"><table><thead><tr>");
        for head in of(schema::TABLE_HEAD).flat_map(|head| children(head)) {
            self.html.element("th", &all_text(head));
        }
        self.html.raw("</tr></thead><tbody>\n");
        for row in of(schema::TABLE_ROW) {
            self.cells(row);
        }
        self.html.raw("</tbody><tfoot>\n");
        for row in of(schema::TABLE_SUM) {
            self.cells(row);
        }
        self.html.raw("</tfoot></table></div>\n");
    }

    fn cells(&mut self, row: Node<'_, '_>) {
        self.html.raw("<tr>");
        for cell in children(row) {
            self.html.element("td", &all_text(cell));
        }
        self.html.raw("</tr>\n");
    }

    /// A value with its attributes, if it has any; whatever is nested in it as text.
    fn cell(&mut self, node: Node<'_, '_>) {
        if is_leaf(node) {
            value::write(
                self.html,
                node.tag_name().name(),
                &content(node),
                self.language,
            );
        } else {
            self.html.text(&all_text(node));
        }
        for attribute in node.attributes() {
            self.html.raw(" (");
            self.html.text(attribute.name());
            self.html.raw(": ");
            self.html.text(attribute.value());
            self.html.raw(")");
        }
    }

    fn close(&mut self) {
        if self.listing {
            self.html.raw("</dl>\n");
            self.listing = false;
        }
    }
}

fn is_leaf(node: Node<'_, '_>) -> bool {
    children(node).next().is_none()
}

/// Whether it holds values only.
fn is_flat(node: Node<'_, '_>) -> bool {
    !is_leaf(node) && children(node).all(is_leaf)
}

/// The texts of all elements within, one after the other.
fn all_text(node: Node<'_, '_>) -> String {
    let texts: Vec<&str> = node
        .descendants()
        .filter(Node::is_text)
        .filter_map(|text| text.text())
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .collect();
    texts.join(" ")
}
