//! The words that stand beneath a code.

use core::fmt;

use crate::identifier::KsefNumber;

/// The caption of a code, as the Ministry prescribes it; closed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Caption {
    /// `OFFLINE`: beneath CODE I while the invoice has no KSeF number.
    Offline,
    /// The KSeF number: beneath CODE I once the invoice is accepted.
    KsefNumber(KsefNumber),
    /// `CERTYFIKAT`: beneath CODE II.
    Certificate,
}

impl Caption {
    /// The text as it is printed.
    pub fn text(&self) -> &str {
        match self {
            Self::Offline => "OFFLINE",
            Self::KsefNumber(number) => number.as_str(),
            Self::Certificate => "CERTYFIKAT",
        }
    }
}

impl fmt::Display for Caption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
