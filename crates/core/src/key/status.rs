//! What KSeF was last seen to say of a certificate.

use core::fmt;

use jiff::Timestamp;

use super::KeyError;

/// The state of a certificate at KSeF.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CertificateStatus {
    /// In force.
    Active,
    /// Suspended by KSeF.
    Blocked,
    /// Revoked for good.
    Revoked,
    /// Past its time.
    Expired,
    /// KSeF was asked and lists no such certificate. That is no word of KSeF's own.
    NotListed,
    /// A word that this version does not know.
    Unknown(Box<str>),
}

impl CertificateStatus {
    /// Reads KSeF's word.
    pub fn from_name(name: &str) -> Self {
        match name {
            "Active" => Self::Active,
            "Blocked" => Self::Blocked,
            "Revoked" => Self::Revoked,
            "Expired" => Self::Expired,
            "NotListed" => Self::NotListed,
            other => Self::Unknown(other.into()),
        }
    }

    /// KSeF's word, or `NotListed`.
    pub fn name(&self) -> &str {
        match self {
            Self::Active => "Active",
            Self::Blocked => "Blocked",
            Self::Revoked => "Revoked",
            Self::Expired => "Expired",
            Self::NotListed => "NotListed",
            Self::Unknown(name) => name,
        }
    }
}

impl fmt::Display for CertificateStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A state and when KSeF gave it. It grows old: a certificate may be revoked a minute later.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SeenStatus {
    /// What KSeF said.
    pub status: CertificateStatus,
    /// When it said so.
    pub at: Timestamp,
}

impl SeenStatus {
    /// Whether a certificate seen like this may still sign. A word that is not known does not stop it: KSeF may add
    /// some, and the certificate's own dates are checked anyway. Neither does not being listed: KSeF lists the certificates of
    /// the subject that logged in, and the Offline one may be another person's.
    ///
    /// # Errors
    /// [`KeyError::Revoked`], [`KeyError::Blocked`].
    pub fn check(&self) -> Result<(), KeyError> {
        match self.status {
            CertificateStatus::Revoked => Err(KeyError::Revoked(self.at)),
            CertificateStatus::Blocked => Err(KeyError::Blocked(self.at)),
            CertificateStatus::Active
            | CertificateStatus::Expired
            | CertificateStatus::NotListed
            | CertificateStatus::Unknown(_) => Ok(()),
        }
    }
}
