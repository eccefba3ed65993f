//! What issuing needs to know of an invoice.

use core::fmt;

use jiff::civil::Date;
use roxmltree::{Document, Node};

use super::error::{InvoiceError, Position};
use super::{Amount, InvoiceKind, names};
use crate::identifier::Nip;

/// The buyer as the invoice names it. A consumer may have neither identifier nor name.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Buyer {
    /// NIP, EU VAT number with its country code, or another tax number as written.
    pub identifier: Option<String>,
    /// Name of the company or person.
    pub name: Option<String>,
}

/// What is read from an FA(3) document in order to issue, file and find it.
#[derive(Clone, PartialEq, Eq)]
pub struct InvoiceFacts {
    /// Seller (`Podmiot1/DaneIdentyfikacyjne/NIP`).
    pub seller: Nip,
    /// Issue date (`P_1`).
    pub issue_date: Date,
    /// Invoice number (`P_2`), unique with seller and kind.
    pub number: String,
    /// Kind (`RodzajFaktury`).
    pub kind: InvoiceKind,
    /// Buyer (`Podmiot2/DaneIdentyfikacyjne`).
    pub buyer: Buyer,
    /// Total to pay (`P_15`).
    pub gross: Amount,
    /// ISO 4217 code (`KodWaluty`).
    pub currency: String,
    /// Whether the document carries an attachment (`Zalacznik`): such invoices go by batch only.
    pub has_attachment: bool,
}

impl InvoiceFacts {
    /// Reads them from a document that passed the checks of the file level; the first fault is reported.
    pub(super) fn read(document: &Document<'_>) -> Result<Self, InvoiceError> {
        read_facts(document)
    }
}

/// Shows what kind of document it is, not what stands in it.
impl fmt::Debug for InvoiceFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvoiceFacts")
            .field("kind", &self.kind)
            .field("issue_date", &self.issue_date)
            .field("has_attachment", &self.has_attachment)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Buyer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Buyer(…)")
    }
}

fn read_facts(document: &Document<'_>) -> Result<InvoiceFacts, InvoiceError> {
    const SELLER_NIP: &str = "/Faktura/Podmiot1/DaneIdentyfikacyjne/NIP";
    const ISSUE_DATE: &str = "/Faktura/Fa/P_1";
    const NUMBER: &str = "/Faktura/Fa/P_2";
    const GROSS: &str = "/Faktura/Fa/P_15";
    const CURRENCY: &str = "/Faktura/Fa/KodWaluty";
    const KIND: &str = "/Faktura/Fa/RodzajFaktury";

    let root = document.root_element();
    let seller = child(root, names::SELLER)
        .and_then(|node| child(node, names::IDENTIFICATION))
        .and_then(|node| child(node, names::NIP))
        .ok_or(InvoiceError::Missing { path: SELLER_NIP })?;
    let body = child(root, names::BODY).ok_or(InvoiceError::Missing {
        path: "/Faktura/Fa",
    })?;
    let field = |name, path| child(body, name).ok_or(InvoiceError::Missing { path });
    let issue_date = field(names::ISSUE_DATE, ISSUE_DATE)?;
    let number = field(names::NUMBER, NUMBER)?;
    let gross = field(names::GROSS, GROSS)?;
    let currency = field(names::CURRENCY, CURRENCY)?;
    let kind = field(names::KIND, KIND)?;

    let number_text = content(number);
    if number_text.trim().is_empty() || number_text.chars().count() > 256 {
        return Err(illegal(NUMBER, number));
    }
    Ok(InvoiceFacts {
        seller: Nip::parse(content(seller).trim()).map_err(|_| illegal(SELLER_NIP, seller))?,
        issue_date: parse_date(content(issue_date).trim())
            .ok_or_else(|| illegal(ISSUE_DATE, issue_date))?,
        number: number_text,
        kind: InvoiceKind::from_code(content(kind).trim()).ok_or_else(|| illegal(KIND, kind))?,
        buyer: read_buyer(root),
        gross: Amount::parse(&content(gross)).map_err(|_| illegal(GROSS, gross))?,
        currency: Some(content(currency).trim().to_owned())
            .filter(|code| code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()))
            .ok_or_else(|| illegal(CURRENCY, currency))?,
        has_attachment: child(root, names::ATTACHMENT).is_some(),
    })
}

fn read_buyer(root: Node<'_, '_>) -> Buyer {
    let Some(identification) =
        child(root, names::BUYER).and_then(|node| child(node, names::IDENTIFICATION))
    else {
        return Buyer::default();
    };
    let value =
        |name: &str| child(identification, name).map(|node| content(node).trim().to_owned());
    let joined = |code: &str, number: &str| {
        let number = value(number)?;
        Some(format!("{}{number}", value(code).unwrap_or_default()))
    };
    Buyer {
        identifier: value(names::NIP)
            .or_else(|| joined(names::EU_CODE, names::EU_VAT_NUMBER))
            .or_else(|| joined(names::COUNTRY_CODE, names::OTHER_IDENTIFIER)),
        name: value(names::NAME),
    }
}

/// `YYYY-MM-DD`, the only form the schema's pattern of dates leaves.
fn parse_date(text: &str) -> Option<Date> {
    let well_formed = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| {
            if i == 4 || i == 7 {
                b == b'-'
            } else {
                b.is_ascii_digit()
            }
        });
    if well_formed { text.parse().ok() } else { None }
}

fn child<'a, 'input>(parent: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    parent
        .children()
        .find(|node| node.has_tag_name((names::FA3_NAMESPACE, name)))
}

/// All text of an element, comments left out.
fn content(node: Node<'_, '_>) -> String {
    node.children()
        .filter(Node::is_text)
        .filter_map(|child| child.text())
        .collect()
}

fn illegal(path: &'static str, node: Node<'_, '_>) -> InvoiceError {
    let at = node.document().text_pos_at(node.range().start);
    InvoiceError::IllegalValue {
        path,
        position: Position {
            line: at.row,
            column: at.col,
        },
    }
}
