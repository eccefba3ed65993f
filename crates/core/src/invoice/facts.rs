//! What issuing needs to know of an invoice.

use core::fmt;
use std::borrow::Cow;

use jiff::civil::Date;

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

    /// Where a field stands that every invoice must have.
    fn path(self) -> &'static str {
        match self {
            Self::Seller => "/Faktura/Podmiot1/DaneIdentyfikacyjne/NIP",
            Self::IssueDate => "/Faktura/Fa/P_1",
            Self::Number => "/Faktura/Fa/P_2",
            Self::Kind => "/Faktura/Fa/RodzajFaktury",
            Self::Gross => "/Faktura/Fa/P_15",
            Self::Currency => "/Faktura/Fa/KodWaluty",
            Self::BuyerNip
            | Self::BuyerEuCode
            | Self::BuyerEuVatNumber
            | Self::BuyerCountryCode
            | Self::BuyerOtherIdentifier
            | Self::BuyerName => "/Faktura/Podmiot2/DaneIdentyfikacyjne",
        }
    }

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
pub(super) struct Draft<'d> {
    found: [Option<Found<'d>>; Field::COUNT],
    pub(super) has_attachment: bool,
}

struct Found<'d> {
    text: Cow<'d, str>,
    /// Byte offset of the element.
    at: usize,
}

impl<'d> Draft<'d> {
    /// Keeps the text of the field that begins at this byte offset; of several the first.
    pub(super) fn take(&mut self, field: Field, text: Cow<'d, str>, at: usize) {
        self.found[field as usize].get_or_insert(Found { text, at });
    }

    /// The facts of `document`.
    pub(super) fn into_facts(self, document: &str) -> Result<InvoiceFacts, InvoiceError> {
        let text = |field: Field| {
            self.found[field as usize]
                .as_ref()
                .map(|found| &*found.text)
        };
        let trimmed = |field| text(field).map(|text| text.trim().to_owned());
        let joined = |code, number| {
            let (code, number) = (text(code).unwrap_or_default(), text(number)?);
            Some(format!("{}{}", code.trim(), number.trim()))
        };
        let buyer = Buyer {
            identifier: trimmed(Field::BuyerNip)
                .or_else(|| joined(Field::BuyerEuCode, Field::BuyerEuVatNumber))
                .or_else(|| joined(Field::BuyerCountryCode, Field::BuyerOtherIdentifier)),
            name: trimmed(Field::BuyerName),
        };
        Ok(InvoiceFacts {
            seller: self.needed(document, Field::Seller, |text| Nip::parse(text.trim()).ok())?,
            issue_date: self.needed(document, Field::IssueDate, |text| parse_date(text.trim()))?,
            number: self.needed(document, Field::Number, number)?,
            gross: self.needed(document, Field::Gross, |text| Amount::parse(text).ok())?,
            currency: self.needed(document, Field::Currency, currency)?,
            kind: self.needed(document, Field::Kind, |text| {
                InvoiceKind::from_code(text.trim())
            })?,
            buyer,
            has_attachment: self.has_attachment,
        })
    }

    fn needed<T>(
        &self,
        document: &str,
        field: Field,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, InvoiceError> {
        let path = field.path();
        let found = self.found[field as usize].as_ref();
        let found = found.ok_or(InvoiceError::Missing { path })?;
        parse(&found.text).ok_or_else(|| InvoiceError::IllegalValue {
            path,
            position: Position::of(document, found.at),
        })
    }
}

fn number(text: &str) -> Option<String> {
    let is_legal = !text.trim().is_empty() && text.chars().count() <= 256;
    is_legal.then(|| text.to_owned())
}

fn currency(text: &str) -> Option<String> {
    let code = text.trim();
    let is_legal = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    is_legal.then(|| code.to_owned())
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
