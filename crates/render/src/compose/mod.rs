//! From the document to the page. Parties, lines, sums, annotations and attachment have their places; every other element
//! that is filled is shown by its label in the part it stands in; and what is left over after that stands at the end, so
//! that nothing an invoice says is missing from its picture.

mod attachment;
mod codes;
mod elements;
mod lines;
mod parties;
mod sums;

use ksef_offline_core::Language;
use ksef_offline_core::code::Caption;
use ksef_offline_core::invoice::InvoiceDocument;
use roxmltree::{Document, Node, ParsingOptions};

use crate::code::Code;
use crate::error::RenderError;
use crate::page::text::{Text, pick};
use crate::page::{Block, Field, Masthead, Page, Section};
use crate::schema::{self, plan};
use elements::{Elements, child, children};

pub(crate) use codes::sheet;

/// The page of an invoice.
pub(crate) fn invoice(
    document: &InvoiceDocument,
    codes: &[Code],
    language: Language,
) -> Result<Page, RenderError> {
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
    let mut composer = Composer {
        elements: Elements::new(&xml, language),
        language,
        sections: Vec::new(),
    };
    let body = child(root, plan::BODY);
    let masthead = composer.masthead(kind, body, codes);
    if let Some(body) = body {
        composer.correction(body);
    }
    composer.parties(root);
    if let Some(body) = body {
        composer.body(body);
    }
    composer.named_part(root, plan::FOOTER);
    if let Some(attachment) = child(root, plan::ATTACHMENT) {
        composer.attachment(attachment);
    }
    composer.about(root, document);
    composer.left_over(root);
    composer.codes(codes)?;
    let number = Text::plain(&facts.number).shown;
    let running_foot = match marking(codes) {
        Some(marking) => format!("{kind} {number} · {marking}"),
        None => format!("{kind} {number}"),
    };
    Ok(Page {
        language,
        title: format!("{kind} {number}"),
        issued: issued(document),
        masthead,
        sections: composer.sections,
        running_foot,
    })
}

/// Year, month and day of issue.
fn issued(document: &InvoiceDocument) -> (i16, i8, i8) {
    let date = document.facts().issue_date;
    (date.year(), date.month(), date.day())
}

/// The KSeF number, or the word that stands for it.
fn marking(codes: &[Code]) -> Option<&str> {
    let one = codes
        .iter()
        .find(|code| code.caption != Caption::Certificate)?;
    Some(one.caption.text())
}

struct Composer<'a, 'input> {
    elements: Elements<'a, 'input>,
    language: Language,
    sections: Vec<Section>,
}

impl<'a, 'input> Composer<'a, 'input> {
    fn pick(&self, pl: &'static str, en: &'static str) -> &'static str {
        pick(self.language, pl, en)
    }

    fn label(&self, name: &str) -> String {
        schema::label(name, self.language).into_owned()
    }

    /// A section under its heading, unless there is nothing in it.
    fn section(&mut self, title: impl Into<String>, blocks: Vec<Block>) {
        if !blocks.is_empty() {
            self.sections.push(Section::new(title, blocks));
        }
    }

    /// The children of `parent` by these names, in the order of the names.
    fn named(&self, parent: Node<'a, 'input>, names: &[&str]) -> Vec<Node<'a, 'input>> {
        names
            .iter()
            .flat_map(|name| children(parent).filter(move |node| node.tag_name().name() == *name))
            .collect()
    }

    fn masthead(&mut self, kind: &str, body: Option<Node<'a, 'input>>, codes: &[Code]) -> Masthead {
        let mut fields = Vec::new();
        if let Some(marking) = marking(codes) {
            let label = self.pick("Numer KSeF", "KSeF number");
            fields.push(Field {
                strong: true,
                ..Field::new(label, Text::plain(marking))
            });
        }
        let mut number = None;
        if let Some(body) = body {
            for node in self.named(body, &plan::MASTHEAD) {
                fields.extend(self.elements.field(&[node]));
            }
            number = child(body, plan::NUMBER).map(|node| self.elements.value(node));
        }
        Masthead {
            above: self
                .pick(
                    "Krajowy System e-Faktur",
                    "National e-Invoicing System (KSeF)",
                )
                .to_owned(),
            kind: kind.to_owned(),
            number,
            fields,
        }
    }

    fn correction(&mut self, body: Node<'a, 'input>) {
        let nodes = self.named(body, &plan::CORRECTION);
        let mut blocks = self.elements.blocks(&nodes);
        let before = self.cards(body, &plan::PARTIES_BEFORE);
        if !before.is_empty() {
            blocks.push(Block::Cards(before));
        }
        self.section(
            self.pick("Dane faktury korygowanej", "What is corrected"),
            blocks,
        );
    }

    fn parties(&mut self, root: Node<'a, 'input>) {
        let cards = self.cards(root, &plan::PARTIES);
        if !cards.is_empty() {
            self.sections.push(Section {
                title: None,
                blocks: vec![Block::Cards(cards)],
            });
        }
    }

    fn body(&mut self, body: Node<'a, 'input>) {
        let nodes = self.named(body, &plan::DETAILS);
        let blocks = self.elements.blocks(&nodes);
        self.section(self.pick("Szczegóły", "Details"), blocks);

        self.lines(body);
        if let Some(order) = child(body, plan::ORDER) {
            self.order(order);
        }
        self.taxes(body);
        self.annotations(body);
        let nodes = self.named(body, &plan::ADDITIONAL);
        let blocks = self.elements.blocks(&nodes);
        self.section(
            self.pick("Informacje dodatkowe", "Additional information"),
            blocks,
        );
        for name in plan::LAST_PARTS {
            self.named_part(body, name);
        }
    }

    fn annotations(&mut self, body: Node<'a, 'input>) {
        self.named_part(body, plan::ANNOTATIONS);
    }

    /// A part of the document that has a heading of its own.
    fn named_part(&mut self, parent: Node<'a, 'input>, name: &str) {
        for part in self.named(parent, &[name]) {
            let nodes: Vec<_> = children(part).collect();
            let blocks = self.elements.blocks(&nodes);
            self.section(self.label(name), blocks);
        }
    }

    /// What the document says of itself, and its hash.
    fn about(&mut self, root: Node<'a, 'input>, document: &InvoiceDocument) {
        let mut nodes = Vec::new();
        if let Some(body) = child(root, plan::BODY) {
            nodes.extend(child(body, plan::KIND));
        }
        if let Some(header) = child(root, plan::HEADER) {
            nodes.extend(children(header));
        }
        let mut blocks = self.elements.blocks(&nodes);
        let label = self.pick(
            "Skrót SHA-256 pliku faktury (Base64)",
            "SHA-256 hash of the invoice file (Base64)",
        );
        let hash = Field::new(label, Text::plain(&document.hash().to_base64()));
        match blocks.last_mut() {
            Some(Block::Fields(fields)) => fields.push(hash),
            _ => blocks.push(Block::Fields(vec![hash])),
        }
        self.section(
            self.pick("Dokument elektroniczny", "Electronic document"),
            blocks,
        );
    }

    fn left_over(&mut self, root: Node<'a, 'input>) {
        let fields = self.elements.left_over(root);
        if !fields.is_empty() {
            self.section(
                self.pick("Inne dane", "Other data"),
                vec![Block::Fields(fields)],
            );
        }
    }

    fn codes(&mut self, codes: &[Code]) -> Result<(), RenderError> {
        if !codes.is_empty() {
            let figures = codes::figures(codes, self.language)?;
            self.section(
                self.pick("Weryfikacja faktury", "Verification of the invoice"),
                vec![Block::Codes(figures)],
            );
        }
        Ok(())
    }
}
