//! The closed sets: enums without data. Where a language has no such type, the kebab-case names of the variants stand for
//! them (`TotalFailure` is `total-failure`).

use ksef_offline::core::code::image;
use ksef_offline::core::deadline as rules;
use ksef_offline::core::environment;
use ksef_offline::core::key::{self, HashAlgorithm};
use ksef_offline::{self as desk, core};

/// One of the Ministry's environments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Environment {
    /// For development. Self-signed certificates may log in; no place for real data.
    Test,
    /// The rules of production without legal effect.
    Demo,
    /// The real system.
    Production,
}

impl Environment {
    pub(crate) fn addresses(self) -> environment::Environment {
        match self {
            Self::Test => environment::Environment::test(),
            Self::Demo => environment::Environment::demo(),
            Self::Production => environment::Environment::production(),
        }
    }

    pub(crate) fn kind(self) -> environment::EnvironmentKind {
        self.addresses().kind()
    }
}

/// Where a home works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum HomeEnvironment {
    /// For development.
    Test,
    /// The rules of production without legal effect.
    Demo,
    /// The real system.
    Production,
    /// At addresses of its own, such as a simulator.
    Custom,
}

impl HomeEnvironment {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Demo => "demo",
            Self::Production => "production",
            Self::Custom => "custom",
        }
    }
}

/// Why an invoice was issued while KSeF was away. Closed by the VAT Act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum OfflineMode {
    /// The taxpayer's choice (art. 106nda).
    Offline24,
    /// Announced maintenance (art. 106nh).
    Unavailability,
    /// An announced failure (art. 106nf).
    Emergency,
    /// A failure announced in the mass media (art. 106ne): no codes, nothing to send.
    TotalFailure,
}

impl From<OfflineMode> for rules::OfflineMode {
    fn from(mode: OfflineMode) -> Self {
        match mode {
            OfflineMode::Offline24 => Self::Offline24,
            OfflineMode::Unavailability => Self::Unavailability,
            OfflineMode::Emergency => Self::Emergency,
            OfflineMode::TotalFailure => Self::TotalFailure,
        }
    }
}

/// How an invoice is issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum IssueMode {
    /// While KSeF answers: no signature and no CODE II.
    Online,
    /// The taxpayer's choice (art. 106nda).
    Offline24,
    /// Announced maintenance (art. 106nh).
    Unavailability,
    /// An announced failure (art. 106nf).
    Emergency,
    /// A failure announced in the mass media (art. 106ne): no codes, nothing to send.
    TotalFailure,
}

impl IssueMode {
    /// The mode of this name of the desk's; all of them are known.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "offline24" => Self::Offline24,
            "unavailability" => Self::Unavailability,
            "emergency" => Self::Emergency,
            "total-failure" => Self::TotalFailure,
            _ => Self::Online,
        }
    }
}

impl From<IssueMode> for rules::IssueMode {
    fn from(mode: IssueMode) -> Self {
        Self::Offline(match mode {
            IssueMode::Online => return Self::Online,
            IssueMode::Offline24 => rules::OfflineMode::Offline24,
            IssueMode::Unavailability => rules::OfflineMode::Unavailability,
            IssueMode::Emergency => rules::OfflineMode::Emergency,
            IssueMode::TotalFailure => rules::OfflineMode::TotalFailure,
        })
    }
}

/// By which rule deadlines are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum DeadlinePolicy {
    /// The VAT Act. An overdue invoice is flagged and still sent.
    Statutory,
    /// Seven calendar days from the issue date, and nothing is sent after.
    SevenDays,
}

impl From<DeadlinePolicy> for rules::Policy {
    fn from(policy: DeadlinePolicy) -> Self {
        match policy {
            DeadlinePolicy::Statutory => Self::Statutory,
            DeadlinePolicy::SevenDays => Self::SevenDays,
        }
    }
}

/// What can be said of a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum DeadlineState {
    /// There is a last day.
    Due,
    /// The end of an outage is not known, or no known outage explains the mode: there is no last day yet.
    Open,
    /// A total failure came while the invoice waited: it need not be sent any more.
    Lifted,
    /// Issued during a total failure: it never has to be sent.
    NotRequired,
}

impl DeadlineState {
    /// The state of this name of the desk's; all of them are known.
    pub(crate) fn named(name: &str) -> Self {
        rules::DeadlineState::from_name(name).map_or(Self::Open, Into::into)
    }
}

impl From<rules::DeadlineState> for DeadlineState {
    fn from(state: rules::DeadlineState) -> Self {
        match state {
            rules::DeadlineState::Due => Self::Due,
            rules::DeadlineState::Open => Self::Open,
            rules::DeadlineState::Lifted => Self::Lifted,
            rules::DeadlineState::NotRequired => Self::NotRequired,
        }
    }
}

/// Where an invoice is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum InvoiceStatus {
    /// Waits for a signer.
    Pending,
    /// Waits to be sent.
    Signed,
    /// In a session with KSeF.
    Processing,
    /// Accepted: in the archive.
    Sent,
    /// Rejected.
    Error,
}

impl InvoiceStatus {
    /// The status of this name of the desk's; all of them are known.
    pub(crate) fn named(name: &str) -> Self {
        desk::InvoiceStatus::from_name(name).map_or(Self::Error, Into::into)
    }
}

impl From<desk::InvoiceStatus> for InvoiceStatus {
    fn from(status: desk::InvoiceStatus) -> Self {
        match status {
            desk::InvoiceStatus::Pending => Self::Pending,
            desk::InvoiceStatus::Signed => Self::Signed,
            desk::InvoiceStatus::Processing => Self::Processing,
            desk::InvoiceStatus::Sent => Self::Sent,
            desk::InvoiceStatus::Error => Self::Error,
        }
    }
}

impl From<InvoiceStatus> for desk::InvoiceStatus {
    fn from(status: InvoiceStatus) -> Self {
        match status {
            InvoiceStatus::Pending => Self::Pending,
            InvoiceStatus::Signed => Self::Signed,
            InvoiceStatus::Processing => Self::Processing,
            InvoiceStatus::Sent => Self::Sent,
            InvoiceStatus::Error => Self::Error,
        }
    }
}

/// The kind of picture of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum CodeFormat {
    /// Pixels, one bit each, 300 dpi.
    Png,
    /// Shapes, sharp at every size.
    Svg,
}

impl From<CodeFormat> for desk::PictureFormat {
    fn from(format: CodeFormat) -> Self {
        match format {
            CodeFormat::Png => Self::Png,
            CodeFormat::Svg => Self::Svg,
        }
    }
}

/// The kind of page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum PreviewFormat {
    /// One HTML file that loads nothing.
    Html,
    /// PDF/A-3a and PDF/UA-1; of an invoice with its exact bytes attached. Not in every build: see the error `unsupported`.
    Pdf,
}

/// What is drawn on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum PreviewContent {
    /// The invoice and its codes.
    Invoice,
    /// The codes alone, for those who must hand them over apart from the invoice.
    Codes,
}

impl From<PreviewContent> for desk::PreviewContent {
    fn from(content: PreviewContent) -> Self {
        match content {
            PreviewContent::Invoice => Self::Invoice,
            PreviewContent::Codes => Self::Codes,
        }
    }
}

/// A language pages exist in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Language {
    /// Polish.
    Pl,
    /// English.
    En,
}

impl From<Language> for core::Language {
    fn from(language: Language) -> Self {
        match language {
            Language::Pl => Self::Pl,
            Language::En => Self::En,
        }
    }
}

/// How a key is asked to sign. The hash is taken of the bytes that are given, never given itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RsaPkcs1Sha256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RsaPkcs1Sha384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RsaPkcs1Sha512,
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256, 32 bytes of salt.
    RsaPssSha256,
    /// RSASSA-PSS with SHA-384, MGF1 with SHA-384, 48 bytes of salt.
    RsaPssSha384,
    /// RSASSA-PSS with SHA-512, MGF1 with SHA-512, 64 bytes of salt.
    RsaPssSha512,
    /// ECDSA with SHA-256; the signature is `r||s` (IEEE P1363), not DER.
    EcdsaSha256,
    /// ECDSA with SHA-384; the signature is `r||s`.
    EcdsaSha384,
    /// ECDSA with SHA-512; the signature is `r||s`.
    EcdsaSha512,
}

impl SignatureAlgorithm {
    /// `None` for one that this facade does not know yet.
    pub(crate) fn of(algorithm: key::SignatureAlgorithm) -> Option<Self> {
        use HashAlgorithm::{Sha256, Sha384, Sha512};
        use key::SignatureAlgorithm as Known;
        Some(match algorithm {
            Known::RsaPkcs1(Sha256) => Self::RsaPkcs1Sha256,
            Known::RsaPkcs1(Sha384) => Self::RsaPkcs1Sha384,
            Known::RsaPkcs1(Sha512) => Self::RsaPkcs1Sha512,
            Known::RsaPss(Sha256) => Self::RsaPssSha256,
            Known::RsaPss(Sha384) => Self::RsaPssSha384,
            Known::RsaPss(Sha512) => Self::RsaPssSha512,
            Known::Ecdsa(Sha256) => Self::EcdsaSha256,
            Known::Ecdsa(Sha384) => Self::EcdsaSha384,
            Known::Ecdsa(Sha512) => Self::EcdsaSha512,
            _ => return None,
        })
    }
}

/// Where a signature and the invoice are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum Packaging {
    /// The signature is a file of its own beside the invoice.
    Detached,
    /// The invoice is inside the signature.
    Enveloping,
}

/// The two types of KSeF certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum CertificateKind {
    /// For signing offline invoices and CODE II.
    Offline,
    /// For logging in.
    Authentication,
}

impl CertificateKind {
    /// The kind of this name of the desk's; both are known.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "offline" => Self::Offline,
            _ => Self::Authentication,
        }
    }
}

impl From<CertificateKind> for desk::CertificateKind {
    fn from(kind: CertificateKind) -> Self {
        match kind {
            CertificateKind::Offline => Self::Offline,
            CertificateKind::Authentication => Self::Authentication,
        }
    }
}

/// The kinds of keys KSeF certifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum KeyKind {
    /// The elliptic curve P-256, which KSeF recommends: signatures and links are shorter.
    P256,
    /// RSA with 2048 bits.
    Rsa,
}

impl From<KeyKind> for key::KeyKind {
    fn from(kind: KeyKind) -> Self {
        match kind {
            KeyKind::P256 => Self::P256,
            KeyKind::Rsa => Self::Rsa2048,
        }
    }
}

/// What sending is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum ProgressStage {
    /// Invoices are packed and encrypted.
    Packing,
    /// Parts of the package are uploaded.
    Uploading,
    /// Technical corrections are sent, one by one.
    Correcting,
    /// KSeF is at work.
    Processing,
    /// Receipts are fetched.
    Receipts,
    /// Something newer than this facade.
    Other,
}

/// What a watcher tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
pub enum WatchEventKind {
    /// The first of a watcher: how things stand.
    Started,
    /// KSeF stopped answering.
    Lost,
    /// KSeF does not answer still, and invoices are issued in another mode now.
    ModeChanged,
    /// KSeF answers again.
    Restored,
    /// Latarnia announced an outage.
    OutageAnnounced,
    /// An outage that was announced ahead has begun.
    OutageBegan,
    /// The announced start or end of an outage changed.
    OutageMoved,
    /// An outage ended.
    OutageEnded,
    /// Latarnia no longer shows an outage of which no end was seen.
    OutageWithdrawn,
    /// Latarnia shows a message of a kind this version does not know.
    MessageUnrecognised,
    /// Latarnia shows something that cannot be read.
    MessageUnreadable,
    /// The last day of an invoice ends soon.
    DueSoon,
    /// The last day of an invoice is over.
    Overdue,
    /// The queue could not be read or written. Watching goes on.
    Trouble,
    /// Something newer than this facade; its words say what.
    Other,
}

pub(crate) fn picture_options(scale: Option<u32>) -> image::Options {
    let default = image::Options::default();
    image::Options {
        scale: scale.unwrap_or(default.scale),
        ..default
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_the_desk_has_its_own_variant() {
        for status in desk::InvoiceStatus::ALL {
            assert_eq!(InvoiceStatus::named(status.name()), status.into());
        }
        for state in rules::DeadlineState::ALL {
            assert_eq!(DeadlineState::named(state.name()), state.into());
        }
        for mode in [
            IssueMode::Online,
            IssueMode::Offline24,
            IssueMode::Unavailability,
            IssueMode::Emergency,
            IssueMode::TotalFailure,
        ] {
            let known: rules::IssueMode = mode.into();
            assert_eq!(IssueMode::named(known.name()), mode);
        }
    }
}
