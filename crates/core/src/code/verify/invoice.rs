//! The invoice that a code is said to belong to.

use jiff::civil::Date;

use crate::check::Check;
use crate::code::CodeError;
use crate::diagnostic::{Bilingual, Diagnostic as _};
use crate::identifier::{IdentifierError, InvoiceHash, Nip};
use crate::invoice::{InvoiceDocument, InvoiceError};

/// What is known of the invoice. The hash of the bytes is, also where they are no FA(3).
pub(super) enum Invoice {
    NotGiven,
    Unreadable(InvoiceHash, InvoiceError),
    Read(InvoiceDocument),
}

impl Invoice {
    pub(super) fn given(bytes: Option<&[u8]>) -> Self {
        match bytes {
            None => Self::NotGiven,
            Some(bytes) => match InvoiceDocument::read(bytes) {
                Ok(document) => Self::Read(document),
                Err(error) => Self::Unreadable(InvoiceHash::of(bytes), error),
            },
        }
    }

    /// `P_1`.
    pub(super) fn issued(&self) -> Option<Date> {
        match self {
            Self::Read(document) => Some(document.facts().issue_date),
            Self::NotGiven | Self::Unreadable(..) => None,
        }
    }

    /// Whether it can be read, where one was given.
    pub(super) fn check(&self, name: &'static str) -> Option<Check> {
        match self {
            Self::NotGiven => None,
            Self::Unreadable(_, error) => Some(Check::failed(name, error.message())),
            Self::Read(_) => Some(Check::passed(
                name,
                Bilingual::new("faktura FA(3)", "an FA(3) invoice"),
            )),
        }
    }

    pub(super) fn seller(&self, name: &'static str, read: Result<Nip, IdentifierError>) -> Check {
        let known = match self {
            Self::Read(document) => Some(document.facts().seller),
            Self::NotGiven | Self::Unreadable(..) => None,
        };
        self.compare(
            name,
            read.map_err(Into::into),
            known,
            CodeError::SellerDiffers,
        )
    }

    pub(super) fn issue_date(&self, name: &'static str, read: Result<Date, CodeError>) -> Check {
        self.compare(name, read, self.issued(), CodeError::IssueDateDiffers)
    }

    pub(super) fn hash(
        &self,
        name: &'static str,
        read: Result<InvoiceHash, IdentifierError>,
    ) -> Check {
        let known = match self {
            Self::NotGiven => None,
            Self::Unreadable(hash, _) => Some(*hash),
            Self::Read(document) => Some(document.hash()),
        };
        self.compare(
            name,
            read.map_err(Into::into),
            known,
            CodeError::HashDiffers,
        )
    }

    /// What the link says against what the invoice says, where that is known.
    fn compare<T: PartialEq>(
        &self,
        name: &'static str,
        read: Result<T, CodeError>,
        known: Option<T>,
        differs: CodeError,
    ) -> Check {
        match (read, known) {
            (Err(error), _) => Check::failed(name, error.message()),
            (Ok(read), Some(known)) if read == known => Check::passed(
                name,
                Bilingual::new("zgodnie z fakturą", "as the invoice has it"),
            ),
            (Ok(_), Some(_)) => Check::failed(name, differs.message()),
            (Ok(_), None) => Check::passed(
                name,
                match self {
                    Self::NotGiven => Bilingual::new(
                        "poprawny zapis; nie porównano, bo nie podano faktury",
                        "well-formed; not compared, since no invoice was given",
                    ),
                    Self::Unreadable(..) | Self::Read(_) => Bilingual::new(
                        "poprawny zapis; nie porównano, bo faktury nie da się odczytać",
                        "well-formed; not compared, since the invoice cannot be read",
                    ),
                },
            ),
        }
    }
}
