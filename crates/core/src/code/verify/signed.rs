//! What only CODE II has: a signature, and the certificate behind it.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::check::Check;
use crate::code::CodeError;
use crate::code::code_two::{decode_signature_leniently, parse_signature, verify_signature};
use crate::deadline::calendar::warsaw_date;
use crate::diagnostic::{Bilingual, Diagnostic as _};
use crate::identifier::CertificateSerial;
use crate::key::{Certificate, CertificateUsage, KeyAlgorithm, KeyError};

/// The segments of a CODE II that its certificate answers for.
pub(super) struct Signed<'a> {
    /// From the host to the hash.
    pub(super) text: &'a str,
    pub(super) serial: &'a str,
    pub(super) signature: &'a str,
}

impl Signed<'_> {
    /// Appends the checks of serial number, signature and certificate.
    pub(super) fn check(
        &self,
        certificate: Option<&[u8]>,
        issued: Option<Date>,
        now: Timestamp,
        checks: &mut Vec<Check>,
    ) {
        let serial = CertificateSerial::parse(self.serial);
        let certificate = certificate.map(|bytes| named_certificate(bytes, serial.ok()));
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
        checks.push(match parse_signature(self.signature) {
            Ok(_) => Check::passed(
                "signature-encoding",
                Bilingual::new(
                    "Base64URL w jedynym poprawnym zapisie",
                    "Base64URL in its only valid spelling",
                ),
            ),
            Err(error) => Check::failed("signature-encoding", error.message()),
        });
        match certificate {
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
                check_certificate(&certificate, issued, now, checks);
                checks.push(self.check_signature(&certificate));
            }
        }
    }

    /// Also a signature that is not spelt as it has to be is verified: whether it is genuine is another question.
    fn check_signature(&self, certificate: &Certificate) -> Check {
        let verified = decode_signature_leniently(self.signature).and_then(|signature| {
            verify_signature(certificate.public_key(), self.text, &signature)
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
}

fn check_certificate(
    certificate: &Certificate,
    issued: Option<Date>,
    now: Timestamp,
    checks: &mut Vec<Check>,
) {
    checks.push(Check::passed(
        "certificate",
        Bilingual::new("certyfikat X.509", "an X.509 certificate"),
    ));
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

/// Of the certificates in a file the one with this serial number, else the first.
fn named_certificate(
    bytes: &[u8],
    serial: Option<CertificateSerial>,
) -> Result<Certificate, KeyError> {
    let mut certificates = Certificate::each_from_bytes(bytes);
    let named = certificates.iter().position(|read| {
        read.as_ref().is_ok_and(|certificate| {
            serial.is_some_and(|serial| certificate.serial() == Ok(serial))
        })
    });
    if certificates.is_empty() {
        return Err(KeyError::CertificateMalformed);
    }
    certificates.swap_remove(named.unwrap_or(0))
}
