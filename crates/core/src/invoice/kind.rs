//! The kinds of invoices.

/// Kind of an FA(3) invoice (`RodzajFaktury`). Closed by the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InvoiceKind {
    /// `VAT`: a basic invoice.
    Vat,
    /// `KOR`: a correction.
    Correction,
    /// `ZAL`: an advance invoice.
    Advance,
    /// `ROZ`: the settlement of advances.
    Settlement,
    /// `UPR`: a simplified invoice (art. 106e ust. 5 pkt 3).
    Simplified,
    /// `KOR_ZAL`: a correction of an advance invoice.
    AdvanceCorrection,
    /// `KOR_ROZ`: a correction of a settlement invoice.
    SettlementCorrection,
}

impl InvoiceKind {
    /// All seven, in the order of the schema.
    pub const ALL: [Self; 7] = [
        Self::Vat,
        Self::Correction,
        Self::Advance,
        Self::Settlement,
        Self::Simplified,
        Self::AdvanceCorrection,
        Self::SettlementCorrection,
    ];

    /// The value in the schema.
    pub fn code(self) -> &'static str {
        match self {
            Self::Vat => "VAT",
            Self::Correction => "KOR",
            Self::Advance => "ZAL",
            Self::Settlement => "ROZ",
            Self::Simplified => "UPR",
            Self::AdvanceCorrection => "KOR_ZAL",
            Self::SettlementCorrection => "KOR_ROZ",
        }
    }

    /// The kind with this value in the schema.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}
