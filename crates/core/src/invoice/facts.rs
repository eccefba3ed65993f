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

const SELLER_NIP: &str = "/Faktura/Podmiot1/DaneIdentyfikacyjne/NIP";
const ISSUE_DATE: &str = "/Faktura/Fa/P_1";
const NUMBER: &str = "/Faktura/Fa/P_2";
const GROSS: &str = "/Faktura/Fa/P_15";
const CURRENCY: &str = "/Faktura/Fa/KodWaluty";
const KIND: &str = "/Faktura/Fa/RodzajFaktury";

/// An element the facts are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Seller,
    IssueDate,
    Number,
    Kind,
    Gross,
    Currency,
    BuyerNip,
    BuyerEuCode,
    BuyerEuVatNumber,
    BuyerCountryCode,
    BuyerOtherIdentifier,
    BuyerName,
}

impl Field {
    const COUNT: usize = Self::BuyerName as usize + 1;

    /// The field at `path`, names from the root element on.
    pub(super) fn of(path: &[&str]) -> Option<Self> {
        match *path {
            [
                names::INVOICE,
                names::SELLER,
                names::IDENTIFICATION,
                names::NIP,
            ] => Some(Self::Seller),
            [names::INVOICE, names::BUYER, names::IDENTIFICATION, name] => match name {
                names::NIP => Some(Self::BuyerNip),
                names::EU_CODE => Some(Self::BuyerEuCode),
                names::EU_VAT_NUMBER => Some(Self::BuyerEuVatNumber),
                names::COUNTRY_CODE => Some(Self::BuyerCountryCode),
                names::OTHER_IDENTIFIER => Some(Self::BuyerOtherIdentifier),
                names::NAME => Some(Self::BuyerName),
                _ => None,
            },
            [names::INVOICE, names::BODY, name] => match name {
                names::ISSUE_DATE => Some(Self::IssueDate),
                names::NUMBER => Some(Self::Number),
                names::KIND => Some(Self::Kind),
                names::GROSS => Some(Self::Gross),
                names::CURRENCY => Some(Self::Currency),
                _ => None,
            },
            _ => None,
        }
    }
}

/// The texts of the fields, before they are facts.
#[derive(Default)]
pub(super) struct Draft {
    texts: [Option<String>; Field::COUNT],
    pub(super) has_attachment: bool,
}

impl Draft {
    /// Keeps the text of a field; of several the first.
    pub(super) fn take(&mut self, field: Field, text: &str) {
        self.texts[field as usize].get_or_insert_with(|| text.to_owned());
    }

    /// The facts, or the field that has no legal text.
    pub(super) fn into_facts(mut self) -> Result<InvoiceFacts, Field> {
        let mut text = |field: Field| self.texts[field as usize].take().ok_or(field);
        let number = text(Field::Number)?;
        if number.trim().is_empty() || number.chars().count() > 256 {
            return Err(Field::Number);
        }
        let seller = text(Field::Seller)?;
        let issue_date = text(Field::IssueDate)?;
        let kind = text(Field::Kind)?;
        let gross = text(Field::Gross)?;
        let currency = text(Field::Currency)?;
        let mut trimmed = |field| text(field).ok().map(|text| text.trim().to_owned());
        let mut joined = |code, number| {
            let (code, number) = (trimmed(code), trimmed(number)?);
            Some(code.unwrap_or_default() + &number)
        };
        let eu_vat_number = joined(Field::BuyerEuCode, Field::BuyerEuVatNumber);
        let other = joined(Field::BuyerCountryCode, Field::BuyerOtherIdentifier);
        Ok(InvoiceFacts {
            seller: Nip::parse(seller.trim()).map_err(|_| Field::Seller)?,
            issue_date: parse_date(issue_date.trim()).ok_or(Field::IssueDate)?,
            number,
            kind: InvoiceKind::from_code(kind.trim()).ok_or(Field::Kind)?,
            buyer: Buyer {
                identifier: trimmed(Field::BuyerNip).or(eu_vat_number).or(other),
                name: trimmed(Field::BuyerName),
            },
            gross: Amount::parse(&gross).map_err(|_| Field::Gross)?,
            currency: Some(currency.trim().to_owned())
                .filter(|code| code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()))
                .ok_or(Field::Currency)?,
            has_attachment: self.has_attachment,
        })
    }
}

fn read_facts(document: &Document<'_>) -> Result<InvoiceFacts, InvoiceError> {
    let root = document.root_element();
    let seller = child(root, names::SELLER)
        .and_then(|node| child(node, names::IDENTIFICATION))
        .and_then(|node| child(node, names::NIP))
        .ok_or(InvoiceError::Missing { path: SELLER_NIP })?;
    let body = child(root, names::BODY).ok_or(InvoiceError::Missing {
        path: "/Faktura/Fa",
    })?;
    let buyer = child(root, names::BUYER).and_then(|node| child(node, names::IDENTIFICATION));
    let needed = [
        (Field::IssueDate, names::ISSUE_DATE, ISSUE_DATE),
        (Field::Number, names::NUMBER, NUMBER),
        (Field::Gross, names::GROSS, GROSS),
        (Field::Currency, names::CURRENCY, CURRENCY),
        (Field::Kind, names::KIND, KIND),
    ];
    let mut draft = Draft {
        has_attachment: child(root, names::ATTACHMENT).is_some(),
        ..Draft::default()
    };
    draft.take(Field::Seller, &content(seller));
    for (field, name, path) in needed {
        let node = child(body, name).ok_or(InvoiceError::Missing { path })?;
        draft.take(field, &content(node));
    }
    for node in buyer.into_iter().flat_map(|buyer| buyer.children()) {
        let path = [
            names::INVOICE,
            names::BUYER,
            names::IDENTIFICATION,
            node.tag_name().name(),
        ];
        if let Some(field) = Field::of(&path)
            && node.tag_name().namespace() == Some(names::FA3_NAMESPACE)
        {
            draft.take(field, &content(node));
        }
    }
    draft.into_facts().map_err(|field| {
        let needed = needed.iter().find(|(needed, ..)| *needed == field);
        let (node, path) = match needed {
            Some((_, name, path)) => (child(body, name).unwrap_or(body), *path),
            None => (seller, SELLER_NIP),
        };
        illegal(path, node)
    })
}

/// `YYYY-MM-DD`, the only form the schema's pattern of dates leaves.
pub(super) fn parse_date(text: &str) -> Option<Date> {
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
