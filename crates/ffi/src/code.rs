//! CODE I and CODE II: links, and links as pictures.

use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use ksef_offline::core::code::{Caption, CodeOne, CodeTwo, EcdsaEncoding};
use ksef_offline::core::code::{CodeTwoDraft as Draft, image};
use ksef_offline::core::environment;
use ksef_offline::core::identifier::{ContextIdentifier, InvoiceHash, KsefNumber, Nip};
use ksef_offline::core::invoice::InvoiceDocument;
use ksef_offline::core::key::OfflineCertificate;

use crate::error::KsefOfflineError;
use crate::sets::{CodeFormat, Environment, SignatureAlgorithm, picture_options};
use crate::signature::taken;
use crate::signer::Signer;
use crate::text::{Day, parse_day};

/// A code: the text of its symbol and the caption beneath.
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Code {
    /// The link.
    pub link: String,
    /// `OFFLINE` or the KSeF number beneath CODE I, `CERTYFIKAT` beneath CODE II.
    pub caption: String,
}

/// Links lead to invoices: they are not shown.
impl core::fmt::Debug for Code {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Code")
            .field("caption", &self.caption)
            .finish_non_exhaustive()
    }
}

impl Code {
    pub(crate) fn new(link: &str, caption: &Caption) -> Self {
        Self {
            link: link.to_owned(),
            caption: caption.text().to_owned(),
        }
    }

    pub(crate) fn parsed_caption(&self) -> Result<Caption, KsefOfflineError> {
        Ok(match self.caption.as_str() {
            "OFFLINE" => Caption::Offline,
            "CERTYFIKAT" => Caption::Certificate,
            number => Caption::KsefNumber(KsefNumber::parse(number)?),
        })
    }
}

/// In whose name an invoice is issued.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ContextOptions {
    /// `Nip:…`, `InternalId:…`, `NipVatUe:…` or `PeppolId:…`. None: the NIP of the invoice's seller.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub context: Option<String>,
}

impl ContextOptions {
    fn of(&self, invoice: &InvoiceDocument) -> Result<ContextIdentifier, KsefOfflineError> {
        Ok(match &self.context {
            Some(context) => ContextIdentifier::parse(context)?,
            None => ContextIdentifier::nip(invoice.facts().seller),
        })
    }
}

/// CODE I of an invoice, with the caption `OFFLINE`.
///
/// # Errors
/// The codes of a document that is no FA(3) invoice.
// Exported functions own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn code_one(environment: Environment, invoice: Vec<u8>) -> Result<Code, KsefOfflineError> {
    let document = InvoiceDocument::read(invoice)?;
    let code = CodeOne::new(&document, &environment.addresses());
    Ok(Code::new(code.url(), &Caption::Offline))
}

/// The link of CODE I of the invoice with exactly these bytes.
///
/// `issue_date` is `P_1` of the invoice, never today's date. Only the bytes are hashed: whether they are an invoice of
/// this seller and this day is not looked at; `code_one` reads both from the invoice.
///
/// # Errors
/// `date-malformed`, and the codes of a malformed NIP.
// Exported functions own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn code_one_link(
    environment: Environment,
    seller_nip: String,
    issue_date: Day,
    invoice: Vec<u8>,
) -> Result<String, KsefOfflineError> {
    let seller = Nip::parse(&seller_nip)?;
    let issued = parse_day(&issue_date)?;
    let hash = InvoiceHash::of(&invoice);
    Ok(
        CodeOne::from_parts(&environment.addresses(), seller, issued, &hash)
            .url()
            .to_owned(),
    )
}

/// CODE II of an invoice, signed now. The certificate must be a KSeF certificate of type Offline.
///
/// # Errors
/// The codes of a document that is no FA(3) invoice; what makes a certificate unfit: `certificate-not-offline`,
/// `certificate-expired` and others; `signer-failed` and its kin; the codes of a malformed context.
// Exported functions own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn code_two(
    environment: Environment,
    invoice: Vec<u8>,
    signer: Arc<Signer>,
    options: ContextOptions,
) -> Result<Code, KsefOfflineError> {
    let draft = draft(&environment.addresses(), invoice, &signer, &options)?;
    let code = draft.sign(EcdsaEncoding::P1363)?;
    Ok(Code::new(code.url(), &Caption::Certificate))
}

/// Prepares CODE II for a key that is somewhere else: the first of two steps. Of `signer` only the certificate is used.
///
/// # Errors
/// As `code_two`, but for those of signing.
// Exported functions own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn prepare_code_two(
    environment: Environment,
    invoice: Vec<u8>,
    signer: Arc<Signer>,
    options: ContextOptions,
) -> Result<Arc<CodeTwoDraft>, KsefOfflineError> {
    let draft = draft(&environment.addresses(), invoice, &signer, &options)?;
    let is_rsa = signer.signer().certificate().public_key().is_rsa();
    Ok(Arc::new(CodeTwoDraft {
        algorithm: if is_rsa {
            SignatureAlgorithm::RsaPssSha256
        } else {
            SignatureAlgorithm::EcdsaSha256
        },
        bytes: draft.bytes_to_sign().to_vec(),
        draft: Mutex::new(Some(draft)),
    }))
}

fn draft(
    environment: &environment::Environment,
    invoice: Vec<u8>,
    signer: &Signer,
    options: &ContextOptions,
) -> Result<Draft, KsefOfflineError> {
    let document = InvoiceDocument::read(invoice)?;
    let issuer = OfflineCertificate::new(signer.signer(), Timestamp::now())?;
    let context = options.of(&document)?;
    Ok(CodeTwo::prepare(&document, &context, &issuer, environment))
}

/// CODE II that waits for its key.
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct CodeTwoDraft {
    algorithm: SignatureAlgorithm,
    bytes: Vec<u8>,
    draft: Mutex<Option<Draft>>,
}

// Exported methods own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
impl CodeTwoDraft {
    /// The bytes the key signs (not their digest).
    pub fn bytes_to_sign(&self) -> Vec<u8> {
        self.bytes.clone()
    }

    /// How it signs them.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// The finished code. A P-256 signature may be `r||s` or DER, and stays as it is. A draft is finished once.
    ///
    /// # Errors
    /// `signature-does-not-verify` when the certificate's key did not sign these bytes, `draft-spent` the second time.
    pub fn attach(&self, signature: Vec<u8>) -> Result<Code, KsefOfflineError> {
        let code = taken(&self.draft)?.attach(&signature)?;
        Ok(Code::new(code.url(), &Caption::Certificate))
    }
}

impl core::fmt::Debug for CodeTwoDraft {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("CodeTwoDraft")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// How a picture is drawn.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct PictureOptions {
    /// Pixels a module, 1 to 64; from 4 on it scans from paper printed at 300 dpi. None: 6, which is 0.51 mm.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub scale: Option<u32>,
}

/// The picture of a code with its caption: PNG of one bit a pixel at 300 dpi, or SVG in UTF-8.
///
/// # Errors
/// `code-scale`, `code-too-long`, and the codes of a caption that is no KSeF number.
// Exported functions own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn code_picture(
    code: Code,
    format: CodeFormat,
    options: PictureOptions,
) -> Result<Vec<u8>, KsefOfflineError> {
    let caption = code.parsed_caption()?;
    let options = picture_options(options.scale);
    let picture = match format {
        CodeFormat::Png => image::render_png(&code.link, &caption, &options)?,
        CodeFormat::Svg => image::render_svg(&code.link, &caption, &options)?.into_bytes(),
    };
    Ok(picture)
}

impl From<ksef_offline::Code> for Code {
    fn from(code: ksef_offline::Code) -> Self {
        Self::new(&code.url, &code.caption)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_names_seller_day_and_hash() {
        // SHA-256 of "abc" from FIPS 180-2, as Base64URL.
        let link = code_one_link(
            Environment::Test,
            "1111111111".into(),
            "2026-02-01".into(),
            b"abc".to_vec(),
        );
        assert_eq!(
            link.unwrap(),
            "https://qr-test.ksef.mf.gov.pl/invoice/1111111111/01-02-2026/ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"
        );
    }
}
