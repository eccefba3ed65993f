//! What only CODE II has: a signature, and the certificate behind it.

use jiff::Timestamp;
use jiff::civil::Date;

use super::Evidence;
use crate::check::Check;
use crate::code::CodeError;
use crate::code::code_two::{decode_signature_leniently, parse_signature, verify_signature};
use crate::code::link::SegmentsOfTwo;
use crate::deadline::calendar::warsaw_date;
use crate::diagnostic::{Bilingual, Diagnostic as _};
use crate::identifier::CertificateSerial;
use crate::key::{Certificate, CertificateUsage, KeyAlgorithm, KeyError};

/// Appends the checks of serial number, signature and certificate. Gives the certificates of the file, the one that was
/// looked at first.
pub(super) fn check(
    two: &SegmentsOfTwo<'_>,
    evidence: &Evidence<'_>,
    issued: Option<Date>,
    checks: &mut Vec<Check>,
) -> Vec<Certificate> {
    let serial = CertificateSerial::parse(two.serial);
    let mut others = Vec::new();
    let certificate = evidence.certificate.map(|bytes| {
        let (named, rest) = named_certificate(bytes, two, serial.ok());
        others = rest;
        named
    });
    let known = certificate.as_ref().and_then(|read| read.as_ref().ok());
    checks.push(match (serial, known) {
        (Err(error), _) => Check::failed("certificate-serial", error.message()),
        (Ok(serial), Some(certificate)) if certificate.serial() != Ok(serial) => Check::failed(
            "certificate-serial",
            CodeError::CertificateDiffers.message(),
        ),
        (Ok(_), Some(_)) => Check::passed(
            "certificate-serial",
            Bilingual::new("zgodnie z certyfikatem", "as the certificate has it"),
        ),
        (Ok(_), None) => Check::passed(
            "certificate-serial",
            Bilingual::new(
                "poprawny zapis; nie porównano, bo nie ma certyfikatu",
                "well-formed; not compared, since there is no certificate",
            ),
        ),
    });
    checks.push(match parse_signature(two.signature) {
        Ok(_) => Check::passed(
            "signature-encoding",
            Bilingual::new(
                "Base64URL w jedynym poprawnym zapisie",
                "Base64URL in its only valid spelling",
            ),
        ),
        Err(error) => Check::failed("signature-encoding", error.message()),
    });
    match &certificate {
        None => checks.push(Check::failed(
            "signature",
            Bilingual::new(
                "nie sprawdzono: nie podano certyfikatu wystawcy",
                "not verified: the issuer's certificate was not given",
            ),
        )),
        Some(Err(error)) => {
            let name = match error {
                KeyError::AlgorithmUnsupported
                | KeyError::KeyTooShort { .. }
                | KeyError::KeyTooLong { .. } => "certificate-key",
                _ => "certificate",
            };
            checks.push(Check::failed(name, error.message()));
            checks.push(Check::failed(
                "signature",
                Bilingual::new(
                    "nie sprawdzono: podany certyfikat się do tego nie nadaje",
                    "not verified: the certificate that was given is not fit for it",
                ),
            ));
        }
        Some(Ok(certificate)) => {
            check_certificate(certificate, issued, evidence.now, checks);
            checks.push(signature(two, certificate));
        }
    }
    let looked_at = certificate.and_then(Result::ok);
    looked_at.into_iter().chain(others).collect()
}

/// Also a signature that is not spelt as it has to be is verified: whether it is genuine is another question.
fn signature(two: &SegmentsOfTwo<'_>, certificate: &Certificate) -> Check {
    let verified = decode_signature_leniently(two.signature).and_then(|signature| {
        verify_signature(certificate.public_key(), two.signed_text, &signature)
    });
    match verified {
        Ok(()) => Check::passed(
            "signature",
            Bilingual::new(
                "podpis złożono kluczem tego certyfikatu",
                "made with the key of this certificate",
            ),
        ),
        Err(error) => Check::failed("signature", error.message()),
    }
}

fn check_certificate(
    certificate: &Certificate,
    issued: Option<Date>,
    now: Timestamp,
    checks: &mut Vec<Check>,
) {
    checks.push(Check::passed("certificate", named(certificate)));
    checks.push(match certificate.public_key().algorithm() {
        KeyAlgorithm::Rsa { bits } => Check::passed(
            "certificate-key",
            Bilingual::new(format!("RSA, bitów: {bits}"), format!("RSA, {bits} bits")),
        ),
        KeyAlgorithm::P256 => Check::passed(
            "certificate-key",
            Bilingual::new("krzywa P-256", "elliptic curve P-256"),
        ),
        KeyAlgorithm::P384 => {
            Check::failed("certificate-key", KeyError::CurveNotCertified.message())
        }
    });
    checks.push(match certificate.usage() {
        CertificateUsage::Offline => Check::passed(
            "certificate-usage",
            Bilingual::new(
                "typ Offline (nonRepudiation)",
                "type Offline (nonRepudiation)",
            ),
        ),
        CertificateUsage::Authentication => {
            Check::failed("certificate-usage", KeyError::NotOffline.message())
        }
        CertificateUsage::Other => {
            Check::failed("certificate-usage", KeyError::UsageUnfit.message())
        }
    });
    let (from, to) = (certificate.not_before(), certificate.not_after());
    checks.extend(issued.map(|issued| period(issued, from, to)));
    checks.push(match certificate.check_validity(now) {
        Ok(()) => Check::passed(
            "certificate-valid-now",
            Bilingual::new(
                format!("ważny od {from} do {to}"),
                format!("valid from {from} to {to}"),
            ),
        ),
        Err(error) => Check::failed("certificate-valid-now", error.message()),
    });
}

/// Whose certificate it is, which says nothing of whether that is true.
fn named(certificate: &Certificate) -> Bilingual {
    let (subject, issuer) = (certificate.subject(), certificate.issuer());
    let serial = certificate.serial().map_or_else(
        |_| certificate.serial_decimal(),
        |serial| serial.to_string(),
    );
    Bilingual::new(
        format!("podmiot: {subject}; wystawca: {issuer}; numer seryjny: {serial}"),
        format!("subject: {subject}; issuer: {issuer}; serial number: {serial}"),
    )
}

/// Nothing is signed before its day of issue, but it may be signed after it, also with a certificate that is younger.
fn period(issued: Date, from: Timestamp, to: Timestamp) -> Check {
    const NAME: &str = "certificate-period";
    if warsaw_date(to) < issued {
        return Check::failed(NAME, KeyError::Expired(to).message());
    }
    Check::passed(
        NAME,
        if warsaw_date(from) <= issued {
            Bilingual::new(
                "ważny w dniu wystawienia faktury",
                "valid on the issue date of the invoice",
            )
        } else {
            Bilingual::new(
                "późniejszy niż data wystawienia: fakturę podpisano po tym dniu",
                "younger than the issue date: the invoice was signed after that day",
            )
        },
    )
}

/// Of the certificates in a file the one with this serial number whose key made the signature, else one with this serial
/// number, else the first; and the rest that can be read.
fn named_certificate(
    bytes: &[u8],
    two: &SegmentsOfTwo<'_>,
    serial: Option<CertificateSerial>,
) -> (Result<Certificate, KeyError>, Vec<Certificate>) {
    let mut certificates = Certificate::each_from_bytes(bytes);
    if certificates.is_empty() {
        return (Err(KeyError::CertificateMalformed), Vec::new());
    }
    let is_named =
        |certificate: &Certificate| serial.is_some_and(|serial| certificate.serial() == Ok(serial));
    let is_signer =
        |certificate: &Certificate| is_named(certificate) && signature(two, certificate).passed;
    let place = |fits: &dyn Fn(&Certificate) -> bool| {
        certificates
            .iter()
            .position(|read| read.as_ref().is_ok_and(fits))
    };
    let chosen = place(&is_signer).or_else(|| place(&is_named));
    let named = certificates.remove(chosen.unwrap_or(0));
    (named, certificates.into_iter().flatten().collect())
}
