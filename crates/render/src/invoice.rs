//! The invoice as a page. Parties, lines, VAT and payment have their places; every other element that is filled follows
//! in the order of the document, so that nothing an invoice says is missing from its picture.

use ksef_offline_core::Language;
use ksef_offline_core::code::Caption;
use ksef_offline_core::invoice::InvoiceDocument;
use roxmltree::{Document, Node, ParsingOptions};

use crate::codes::{self, Code};
use crate::error::RenderError;
use crate::fields::Fields;
use crate::html::Html;
use crate::schema::{self, pick};
use crate::value;

/// The invoice and its codes as one HTML file that loads nothing and runs nothing, for the screen and for A4 paper.
///
/// # Errors
/// [`RenderError::Code`] when a link is too long for a symbol.
pub fn invoice_html(
    document: &InvoiceDocument,
    codes: &[Code],
    language: Language,
) -> Result<String, RenderError> {
    let text = core::str::from_utf8(document.bytes()).map_err(|_| RenderError::Document)?;
    let options = ParsingOptions {
        // As when the document was read: no entities of its own.
        allow_dtd: false,
        ..ParsingOptions::default()
    };
    let xml = Document::parse_with_options(text, options).map_err(|_| RenderError::Document)?;
    let root = xml.root_element();
    let facts = document.facts();
    let kind = schema::kind_title(facts.kind, language);
    let title = format!("{kind} {}", facts.number);
    let mut html = Html::begin(pick(language, "pl", "en"), &title);
    let body = child(root, schema::BODY);
    let mut page = Page {
        html: &mut html,
        language,
    };
    page.heading(kind, body, codes);
    page.parties(root);
    if let Some(body) = body {
        page.lines(body);
        page.taxes(body);
        page.total(body);
        page.rest_of_body(body);
    }
    page.rest_of_document(root);
    codes::write(&mut html, codes, language)?;
    html.raw("<footer>");
    html.text(pick(
        language,
        "Skrót dokumentu (SHA-256): ",
        "Document hash (SHA-256): ",
    ));
    html.text(&document.hash().to_base64());
    html.raw("</footer>\n");
    Ok(html.end())
}

struct Page<'a> {
    html: &'a mut Html,
    language: Language,
}

impl Page<'_> {
    fn heading(&mut self, kind: &str, body: Option<Node<'_, '_>>, codes: &[Code]) {
        let number = body
            .and_then(|body| child(body, schema::NUMBER))
            .map(content);
        self.html.raw("<header><div><h1>");
        self.html.text(kind);
        self.html.raw(" ");
        self.html.text(&number.unwrap_or_default());
        if let Some(code) = codes
            .iter()
            .find(|code| code.caption != Caption::Certificate)
        {
            self.html.raw("<small>");
            let label = match code.caption {
                Caption::KsefNumber(_) => pick(self.language, "Numer KSeF: ", "KSeF number: "),
                _ => "",
            };
            self.html.text(label);
            self.html.text(code.caption.text());
            self.html.raw("</small>");
        }
        self.html.raw("</h1></div><div>");
        if let Some(body) = body {
            let mut shown: Vec<Node<'_, '_>> = Vec::new();
            for name in schema::DATES
                .into_iter()
                .chain([schema::KIND, schema::CURRENCY])
            {
                shown.extend(child(body, name));
            }
            self.fields(&shown);
        }
        self.html.raw("</div></header>\n");
    }

    fn parties(&mut self, root: Node<'_, '_>) {
        self.html.raw("<div class=\"parties\">\n");
        for name in schema::PARTIES {
            for party in children(root).filter(|node| node.tag_name().name() == name) {
                self.section(party);
            }
        }
        self.html.raw("</div>\n");
    }

    fn lines(&mut self, body: Node<'_, '_>) {
        let lines: Vec<Node<'_, '_>> = children(body)
            .filter(|node| node.tag_name().name() == schema::LINE)
            .collect();
        if !lines.is_empty() {
            self.fields(&lines);
        }
    }

    fn taxes(&mut self, body: Node<'_, '_>) {
        let amounts = |name: &str| child(body, name).map(content);
        let rows: Vec<_> = schema::TAX_ROWS
            .into_iter()
            .map(|(net, tax, local)| {
                let names = [net, tax, local];
                (net, names, names.map(amounts))
            })
            .filter(|(_, _, amounts)| amounts.iter().any(Option::is_some))
            .collect();
        if rows.is_empty() {
            return;
        }
        let in_zloty = rows.iter().any(|(_, _, [_, _, local])| local.is_some());
        let columns = if in_zloty { 3 } else { 2 };
        self.html
            .element("h2", pick(self.language, "Podsumowanie VAT", "VAT summary"));
        self.html.raw("<table><thead><tr>");
        self.html
            .element("th", pick(self.language, "Stawka", "Rate"));
        let heads = [
            pick(self.language, "Netto", "Net"),
            "VAT",
            pick(self.language, "VAT w PLN", "VAT in PLN"),
        ];
        for head in &heads[..columns] {
            self.html.element("th class=\"n\"", head);
        }
        self.html.raw("</tr></thead><tbody>\n");
        for (net, names, amounts) in &rows {
            self.html.raw("<tr>");
            self.html.element("td", &schema::label(net, self.language));
            for (name, amount) in names.iter().zip(amounts).take(columns) {
                self.html.raw("<td class=\"n\">");
                if let Some(amount) = amount {
                    value::write(self.html, name, amount, self.language);
                }
                self.html.raw("</td>");
            }
            self.html.raw("</tr>\n");
        }
        self.html.raw("</tbody></table>\n");
    }

    fn total(&mut self, body: Node<'_, '_>) {
        let Some(gross) = child(body, schema::GROSS) else {
            return;
        };
        self.html.raw("<p class=\"total\">");
        self.html.text(&schema::label(schema::GROSS, self.language));
        self.html.raw(" ");
        value::write(self.html, schema::GROSS, &content(gross), self.language);
        if let Some(currency) = child(body, schema::CURRENCY) {
            self.html.raw(" ");
            self.html.text(&content(currency));
        }
        self.html.raw("</p>\n");
    }

    /// Payment first, then all that has had no place yet.
    fn rest_of_body(&mut self, body: Node<'_, '_>) {
        if let Some(payment) = child(body, schema::PAYMENT) {
            self.section(payment);
        }
        let mut rest = Vec::new();
        // An element that is shown once but stands twice is shown a second time here rather than lost.
        let mut placed: Vec<&str> = Vec::new();
        for node in children(body) {
            let name = node.tag_name().name();
            if name == schema::LINE {
                continue;
            }
            if has_place(name) && !placed.contains(&name) {
                placed.push(name);
            } else {
                rest.push(node);
            }
        }
        if !rest.is_empty() {
            self.html.element(
                "h2",
                pick(self.language, "Dalsze informacje", "Further information"),
            );
            self.fields(&rest);
        }
    }

    /// What stands outside the body and the parties: footer, attachment, and the header last.
    fn rest_of_document(&mut self, root: Node<'_, '_>) {
        let is_rest = |node: &Node<'_, '_>| {
            let name = node.tag_name().name();
            !schema::PARTIES.contains(&name) && name != schema::BODY && name != schema::HEADER
        };
        for node in children(root).filter(is_rest) {
            self.section(node);
        }
        if let Some(header) = child(root, schema::HEADER) {
            self.section(header);
        }
    }

    fn section(&mut self, node: Node<'_, '_>) {
        self.html.raw("<section>");
        self.html
            .element("h2", &schema::label(node.tag_name().name(), self.language));
        let fields: Vec<Node<'_, '_>> = children(node).collect();
        if fields.is_empty() {
            self.html.element("p", &content(node));
        }
        self.fields(&fields);
        self.html.raw("</section>\n");
    }

    fn fields(&mut self, nodes: &[Node<'_, '_>]) {
        Fields::new(self.html, self.language).write(nodes);
    }
}

fn has_place(name: &str) -> bool {
    schema::DATES.contains(&name)
        || matches!(
            name,
            schema::KIND | schema::CURRENCY | schema::NUMBER | schema::GROSS | schema::PAYMENT
        )
        || schema::TAX_ROWS
            .iter()
            .any(|(net, tax, local)| [net, tax, local].contains(&&name))
}

fn child<'a, 'input>(parent: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    children(parent).find(|node| node.tag_name().name() == name)
}

pub(crate) fn children<'a, 'input>(
    parent: Node<'a, 'input>,
) -> impl Iterator<Item = Node<'a, 'input>> {
    parent.children().filter(Node::is_element)
}

/// The text of an element without children, white space at its ends dropped.
pub(crate) fn content(node: Node<'_, '_>) -> String {
    let text: String = node
        .children()
        .filter(Node::is_text)
        .filter_map(|text| text.text())
        .collect();
    text.trim().to_owned()
}
