//! Verifying XAdES: structure, references, algorithms, digests, certificate, value and time, each a check with a name
//! of its own.
//!
//! | Check | Holds when |
//! |---|---|
//! | `container` | the file is a ZIP archive with one document and one signature file, and every program sees the same |
//! | `well-formed` | XML in UTF-8 without a DTD, of at most 32 MB |
//! | `structure` | one signature at the root or right below it, every part of it once, no Id twice |
//! | `references` | they cover the whole document and the signed properties, perhaps KeyInfo, and nothing else |
//! | `algorithms` | every algorithm and transform is on the list of those that are accepted |
//! | `document` | its digest is the one in the reference |
//! | `signed-properties` | so |
//! | `key-info` | so; only where it is signed |
//! | `certificate` | the signed properties name a certificate of KeyInfo: digest, and issuer and serial where given |
//! | `certificate-usage` | the certificate is for signing documents ([`Certificate::check_for_signing`]) |
//! | `signature-value` | its key made the value |
//! | `signing-time` | it was valid then, and that is not in the future by more than five minutes |
//! | `invoice` | what is signed is the invoice that was given; where it lies beside the signature, its exact bytes |
//!
//! What decides which bytes are signed, by whom and how (references, transforms, algorithms, parts of `ds:Signature`) is
//! refused where it is not understood. Signed properties that are unknown are let through unread: ETSI EN 319 132-1 lets
//! signers add their own, and they change nothing of that; but what they say of a signed object must be of one there is.
//! Timestamps and counter-signatures in the unsigned properties are passed over: they say nothing about the document.

mod certificate;
mod issuer;
mod reference;
mod structure;

use core::fmt;

use jiff::{SignedDuration, Timestamp};
use roxmltree::Document;

use super::asic::{AsicS, is_bare_name};
use super::{Packaging, SignatureError};
use crate::check::Check;
use crate::diagnostic::{Bilingual, Diagnostic as _};
use crate::key::{Certificate, SignatureAlgorithm, TrustAnchors};
use crate::xml::{self, Lines};
use reference::{Algorithms, References, Signed};
pub(super) use structure::ASIC;
use structure::{Home, Parts};

/// How far the clocks of signer and verifier may be apart.
const CLOCK_MARGIN: SignedDuration = SignedDuration::from_mins(5);

/// What a signature says that holds: who signed, and when, by his own word. Whether the certificate is to be trusted
/// is another question.
#[derive(Clone)]
#[non_exhaustive]
pub struct VerifiedSignature {
    /// The certificate in KeyInfo, bound to the signature by its digest.
    pub certificate: Certificate,
    /// What else came along in KeyInfo: usually the certificates of issuers. Nothing is known of them.
    pub further_certificates: Vec<Certificate>,
    /// SigningTime.
    pub signing_time: Timestamp,
    /// How the value was made.
    pub algorithm: SignatureAlgorithm,
    /// Where the signed document is.
    pub packaging: Packaging,
    /// What was signed, where it came inside the file: the exact bytes from an enveloping signature or a container;
    /// XML in an enveloping signature in its exclusive canonical form. `None` for the other kinds.
    pub content: Option<Vec<u8>>,
}

impl VerifiedSignature {
    /// Whether the certificate leads to one of these anchors, by way of what came along in KeyInfo, everything judged
    /// at the signing time; `None` where there are no anchors. Revocation is not looked at.
    pub fn trusted(&self, anchors: &TrustAnchors) -> Option<bool> {
        (!anchors.is_empty()).then(|| {
            anchors.trust(
                &self.certificate,
                &self.further_certificates,
                self.signing_time,
            )
        })
    }
}

/// Shows who and when, nothing of the content.
impl fmt::Debug for VerifiedSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedSignature")
            .field("certificate", &self.certificate)
            .field("signing_time", &self.signing_time)
            .field("algorithm", &self.algorithm)
            .field("packaging", &self.packaging)
            .finish_non_exhaustive()
    }
}

/// Everything that was looked at in a signature, in order. A check that cannot be made because an earlier one failed
/// is not in the list.
#[derive(Debug, Clone, Default)]
pub struct SignatureReport {
    checks: Vec<Check>,
    /// What is wrong by the first check that does not hold.
    fault: Option<SignatureError>,
    verified: Option<VerifiedSignature>,
}

impl SignatureReport {
    /// The checks, in the order they were made.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// What is wrong by the first check that does not hold; `None` when all do. Says nothing of trust.
    pub fn fault(&self) -> Option<&SignatureError> {
        self.fault.as_ref()
    }

    /// The signature if every check holds.
    ///
    /// # Errors
    /// The fault of the first check that does not.
    pub fn result(self) -> Result<VerifiedSignature, SignatureError> {
        match self.fault {
            Some(fault) => Err(fault),
            None => self.verified.ok_or(SignatureError::Malformed),
        }
    }

    /// Whether the certificate leads to one of these anchors, as [`VerifiedSignature::trusted`] says; a signature that
    /// does not hold is not trusted.
    pub fn trusted(&self, anchors: &TrustAnchors) -> Option<bool> {
        match (self.fault(), &self.verified) {
            (None, Some(verified)) => verified.trusted(anchors),
            _ => (!anchors.is_empty()).then_some(false),
        }
    }

    /// Notes what came of a check and hands on what it gave.
    fn note<T>(
        &mut self,
        name: &'static str,
        found: Result<(T, Bilingual), SignatureError>,
    ) -> Option<T> {
        match found {
            Ok((given, detail)) => {
                self.checks.push(Check::passed(name, detail));
                Some(given)
            }
            Err(fault) => {
                self.checks.push(Check::failed(name, fault.message()));
                self.fault.get_or_insert(fault);
                None
            }
        }
    }
}

/// What a signature is held against.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The invoice it should be of. The file that a detached signature signs, and what the other kinds are compared with.
    pub invoice: Option<&'a [u8]>,
    /// Where no invoice is given, the file that lies beside a detached signature.
    pub beside: Option<&'a [u8]>,
    /// The time of verifying: nothing can be signed later.
    pub now: Timestamp,
}

impl Evidence<'_> {
    /// Nothing but a time.
    pub fn at(now: Timestamp) -> Self {
        Self {
            invoice: None,
            beside: None,
            now,
        }
    }
}

/// Looks at everything in a signature of any packaging, or in an ASiC-S container.
pub fn examine(file: &[u8], evidence: Evidence<'_>) -> SignatureReport {
    let mut report = SignatureReport::default();
    if AsicS::is_container(file) {
        let opened = AsicS::open(file).map(|container| {
            let detail = Bilingual::new("ASiC-S", "ASiC-S");
            (container, detail)
        });
        if let Some(container) = report.note("container", opened) {
            let evidence = Evidence {
                beside: Some(container.document()),
                ..evidence
            };
            let home = Home::Container(container.name());
            examine_xml(&mut report, container.signature(), evidence, home);
            if let Some(verified) = &mut report.verified {
                verified.content = Some(container.into_document());
            }
        }
    } else {
        let evidence = Evidence {
            beside: evidence.invoice.or(evidence.beside),
            ..evidence
        };
        examine_xml(&mut report, file, evidence, Home::OwnFile);
    }
    report
}

/// The name of the file that a detached signature lies beside: where it refers to a bare file name, and only there.
pub fn signed_file_name(signature: &[u8]) -> Option<String> {
    let lines = Lines::of(signature);
    let document = parse(&lines).ok()?;
    let (parts, _) = Parts::find(&document, Home::OwnFile).ok()?;
    let name = parts.references().ok()?.0.outside_name()?;
    is_bare_name(&name).then_some(name)
}

/// Whether what was signed is this invoice.
fn same_invoice(
    signed: &Signed,
    references: &References<'_, '_>,
    algorithms: &Algorithms,
    beside: Option<&[u8]>,
    invoice: &[u8],
) -> Result<((), Bilingual), SignatureError> {
    let (same, exact) = match signed {
        Signed::Beside => (beside == Some(invoice), true),
        Signed::Inside(content) if content.exact => (content.bytes == invoice, true),
        Signed::Inside(content) => {
            let lines = Lines::of(invoice);
            let form = parse(&lines)
                .ok()
                .and_then(|document| reference::exclusive(document.root_element()));
            (form.as_ref() == Some(&content.bytes), false)
        }
        Signed::Around => (references.covers(algorithms, invoice), false),
    };
    if !same {
        return Err(SignatureError::OtherInvoice);
    }
    if matches!(signed, Signed::Beside) && !algorithms.take_exact_bytes() {
        return Err(SignatureError::CanonicalOnly);
    }
    let detail = if exact {
        Bilingual::new(
            "podpisano dokładnie bajty tej faktury",
            "the exact bytes of this invoice are what was signed",
        )
    } else {
        Bilingual::new(
            "podpisano postać kanoniczną tej faktury; dokładnych bajtów podpis nie obejmuje",
            "the canonical form of this invoice is what was signed; its exact bytes are not covered",
        )
    };
    Ok(((), detail))
}

/// Whether the signature was made while its certificate was valid, and before now.
fn check_time(
    signing_time: Timestamp,
    certificate: &Certificate,
    now: Timestamp,
) -> Result<((), Bilingual), SignatureError> {
    if signing_time.duration_since(now) > CLOCK_MARGIN {
        return Err(SignatureError::TimeAhead(signing_time));
    }
    certificate
        .check_validity(signing_time)
        .map_err(|_| SignatureError::OutsideValidity)?;
    let text = signing_time.to_string();
    Ok(((), Bilingual::new(text.clone(), text)))
}

fn examine_xml(report: &mut SignatureReport, file: &[u8], evidence: Evidence<'_>, home: Home<'_>) {
    let lines = Lines::of(file);
    let parsed = parse(&lines).map(|document| {
        let detail = Bilingual::new("XML w UTF-8 bez DTD", "XML in UTF-8 without a DTD");
        (document, detail)
    });
    let Some(document) = report.note("well-formed", parsed) else {
        return;
    };
    let Some(parts) = report.note("structure", Parts::find(&document, home)) else {
        return;
    };
    let Some(references) = report.note("references", parts.references()) else {
        return;
    };
    let Some(algorithms) = report.note("algorithms", references.algorithms(&parts)) else {
        return;
    };
    let beside = evidence.beside;
    let signed = report.note("document", references.document(&algorithms, &parts, beside));
    report.note("signed-properties", references.properties(&algorithms));
    if let Some(found) = references.key_info(&algorithms) {
        report.note("key-info", found);
    }
    let value = parts.value(&algorithms);
    let chosen = certificate::Properties::read(&parts)
        .and_then(|properties| properties.certificate(&parts, &value));
    let chosen = report.note("certificate", chosen);
    let mut time = None;
    if let Some(chosen) = &chosen {
        let certificate = &chosen.certificate;
        report.note("certificate-usage", check_usage(certificate));
        report.note("signature-value", value.verified_by(certificate));
        let signing_time = certificate::signing_time(&parts);
        time = signing_time.clone().ok();
        let checked = signing_time.and_then(|time| check_time(time, certificate, evidence.now));
        report.note("signing-time", checked);
    }
    if let (Some(signed), Some(invoice)) = (&signed, evidence.invoice) {
        let same = same_invoice(signed, &references, &algorithms, beside, invoice);
        report.note("invoice", same);
    }
    if let (Some(chosen), Some(signing_time)) = (chosen, time) {
        let (packaging, content) = match signed {
            Some(Signed::Beside) | None => (Packaging::Detached, None),
            Some(Signed::Around) => (Packaging::Enveloped, None),
            Some(Signed::Inside(content)) => (Packaging::Enveloping, Some(content.bytes)),
        };
        report.verified = Some(VerifiedSignature {
            certificate: chosen.certificate,
            further_certificates: chosen.others,
            signing_time,
            algorithm: algorithms.signature,
            packaging,
            content,
        });
    }
}

fn check_usage(certificate: &Certificate) -> Result<((), Bilingual), SignatureError> {
    certificate
        .check_for_signing()
        .map_err(SignatureError::Certificate)?;
    let detail = Bilingual::new("do podpisywania dokumentów", "for signing documents");
    Ok(((), detail))
}

fn parse<'a>(lines: &'a Lines<'_>) -> Result<Document<'a>, SignatureError> {
    xml::parse_limited(lines).ok_or(SignatureError::Malformed)
}

/// Verifies a signature that lies beside the bytes it signs: these, and not what they have in common with others.
///
/// # Errors
/// [`SignatureError`] names the first check that failed.
pub fn verify_detached(
    signature: &[u8],
    signed: &[u8],
    now: Timestamp,
) -> Result<VerifiedSignature, SignatureError> {
    let mut report = SignatureReport::default();
    let evidence = Evidence {
        invoice: Some(signed),
        beside: Some(signed),
        now,
    };
    examine_xml(&mut report, signature, evidence, Home::OwnFile);
    expect(report, Packaging::Detached)
}

/// Verifies a signature that carries what it signs, which is then in [`VerifiedSignature::content`].
///
/// # Errors
/// [`SignatureError`] names the first check that failed.
pub fn verify_enveloping(
    signature: &[u8],
    now: Timestamp,
) -> Result<VerifiedSignature, SignatureError> {
    let mut report = SignatureReport::default();
    examine_xml(&mut report, signature, Evidence::at(now), Home::OwnFile);
    expect(report, Packaging::Enveloping)
}

/// Verifies the one signature inside `xml` that covers the whole document.
///
/// # Errors
/// [`SignatureError`] names the first check that failed.
pub fn verify_enveloped(xml: &[u8], now: Timestamp) -> Result<VerifiedSignature, SignatureError> {
    let mut report = SignatureReport::default();
    examine_xml(&mut report, xml, Evidence::at(now), Home::OwnFile);
    expect(report, Packaging::Enveloped)
}

/// Verifies what stands in `META-INF/signatures.xml` beside a document of this name.
pub(super) fn verify_contained(
    signatures: &[u8],
    name: &str,
    document: &[u8],
) -> Result<VerifiedSignature, SignatureError> {
    let mut report = SignatureReport::default();
    let home = Home::Container(name);
    // Made here or elsewhere, its time is for the reader of the container to judge.
    let evidence = Evidence {
        beside: Some(document),
        ..Evidence::at(Timestamp::MAX)
    };
    examine_xml(&mut report, signatures, evidence, home);
    expect(report, Packaging::Detached)
}

fn expect(
    report: SignatureReport,
    packaging: Packaging,
) -> Result<VerifiedSignature, SignatureError> {
    let verified = report.result()?;
    if verified.packaging == packaging {
        Ok(verified)
    } else {
        Err(SignatureError::WrongReferences)
    }
}
