//! What the rules want to know, by the place of an element: found once when the automaton is compiled, so that elements
//! of no interest cost nothing and no names are compared on the way.

use super::annotations::Annotation;
use super::corrections::Correction;
use super::heading::Heading;
use super::lines::LineField;
use super::order::OrderField;
use super::parties::Party;
use super::payment::Payment;
use super::totals::Total;

/// An element the rules take note of, sorted by the family of rules it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Fact {
    /// `Fa`: when it ends, what was gathered is judged.
    Body,
    Party(Party),
    Heading(Heading),
    Total(Total),
    Annotation(Annotation),
    Correction(Correction),
    /// `FaWiersz`.
    Line,
    LineField(LineField),
    /// `ZamowienieWiersz`.
    OrderLine,
    OrderField(OrderField),
    Payment(Payment),
}

impl Fact {
    /// The fact of the element at `path`, names from the root element on.
    pub(in super::super) fn of(path: &[&'static str]) -> Option<Self> {
        let ["Faktura", path @ ..] = path else {
            return None;
        };
        match *path {
            ["Fa"] => Some(Self::Body),
            ["Fa", "FaWiersz"] => Some(Self::Line),
            ["Fa", "FaWiersz", field] => LineField::of(field).map(Self::LineField),
            ["Fa", "Zamowienie", "WartoscZamowienia"] => Some(Self::OrderField(OrderField::Value)),
            ["Fa", "Zamowienie", "ZamowienieWiersz"] => Some(Self::OrderLine),
            ["Fa", "Zamowienie", "ZamowienieWiersz", field] => {
                OrderField::of(field).map(Self::OrderField)
            }
            _ => None,
        }
        .or_else(|| Party::of(path).map(Self::Party))
        .or_else(|| Heading::of(path).map(Self::Heading))
        .or_else(|| Total::of(path).map(Self::Total))
        .or_else(|| Annotation::of(path).map(Self::Annotation))
        .or_else(|| Correction::of(path).map(Self::Correction))
        .or_else(|| Payment::of(path).map(Self::Payment))
    }
}
