//! The modes an invoice can be issued in.

/// The four ways to issue an invoice without KSeF; closed by the VAT Act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OfflineMode {
    /// The taxpayer's choice; needs no announcement.
    Offline24,
    /// During an announced unavailability (maintenance).
    Unavailability,
    /// During an announced failure.
    Emergency,
    /// During a failure announced in the mass media: no QR codes, nothing to send later.
    TotalFailure,
}

impl OfflineMode {
    /// All four, the mildest first.
    pub const ALL: [Self; 4] = [
        Self::Offline24,
        Self::Unavailability,
        Self::Emergency,
        Self::TotalFailure,
    ];

    /// The stable kebab-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Offline24 => "offline24",
            Self::Unavailability => "unavailability",
            Self::Emergency => "emergency",
            Self::TotalFailure => "total-failure",
        }
    }

    /// The mode of this [`name`](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// The article of the VAT Act that allows the mode and sets its deadline.
    pub fn legal_basis(self) -> &'static str {
        match self {
            Self::Offline24 => "art. 106nda",
            Self::Unavailability => "art. 106nh",
            Self::Emergency => "art. 106nf",
            Self::TotalFailure => "art. 106ne",
        }
    }

    /// How the VAT ledger (JPK_V7) marks an invoice of this mode while it has no KSeF number.
    pub fn ledger_marker(self) -> Option<&'static str> {
        match self {
            Self::Emergency => Some("OFF"),
            Self::Offline24 | Self::Unavailability | Self::TotalFailure => None,
        }
    }
}

/// How an invoice is issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IssueMode {
    /// Sent to KSeF at once.
    Online,
    /// Handed to the buyer first.
    Offline(OfflineMode),
}

impl IssueMode {
    /// The stable kebab-case name: `online` or that of the offline mode.
    pub fn name(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Offline(mode) => mode.name(),
        }
    }

    /// The mode of this [`name`](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "online" => Some(Self::Online),
            _ => OfflineMode::from_name(name).map(Self::Offline),
        }
    }

    /// The offline mode, if it is one.
    pub fn offline(self) -> Option<OfflineMode> {
        match self {
            Self::Online => None,
            Self::Offline(mode) => Some(mode),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for mode in OfflineMode::ALL {
            assert_eq!(
                IssueMode::from_name(mode.name()),
                Some(IssueMode::Offline(mode))
            );
        }
        assert_eq!(IssueMode::from_name("online"), Some(IssueMode::Online));
        assert_eq!(IssueMode::from_name("Online"), None);
    }
}
