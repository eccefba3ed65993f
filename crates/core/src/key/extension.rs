//! Which extensions of a certificate are understood, and whether they let its key sign documents.

use std::collections::BTreeSet;

use der::oid::{AssociatedOid as _, ObjectIdentifier};
use der::{Any, Decode as _};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{BasicConstraints, CertificatePolicies, ExtendedKeyUsage, KeyUsage};

use super::{Certificate, KeyError};

const NAME_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.30");
const QC_STATEMENTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.1.3");
/// Statements of ETSI EN 319 412-5 and RFC 3739: they tell what a certificate is and restrict nothing that is verified.
const QC_ARCS: [&str; 2] = ["0.4.0.1862.1.", "1.3.6.1.5.5.7.11."];
/// Purposes that have nothing to do with signing documents: TLS servers, program code, time stamps, OCSP answers.
const FOREIGN_PURPOSES: [ObjectIdentifier; 4] = [
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1"),
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3"),
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8"),
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9"),
];

impl Certificate {
    /// Whether the key may sign documents: keyUsage, where there is one, has digitalSignature or nonRepudiation, and the
    /// extended purposes, where there are some, are not only such as servers, code, time stamps and OCSP. Certificates of
    /// KSeF, qualified ones, seals, and self-signed ones without these extensions pass.
    ///
    /// # Errors
    /// [`KeyError::NotForSigning`], also for an extension that cannot be read.
    pub fn check_for_signing(&self) -> Result<(), KeyError> {
        let body = self.parsed().tbs_certificate();
        let usage = match body.get_extension::<KeyUsage>() {
            Ok(usage) => {
                usage.is_none_or(|(_, usage)| usage.digital_signature() || usage.non_repudiation())
            }
            Err(_) => false,
        };
        if usage && self.purposes_fit() {
            Ok(())
        } else {
            Err(KeyError::NotForSigning)
        }
    }

    /// Whether extendedKeyUsage is absent or names some purpose beside those that no signer of documents has.
    fn purposes_fit(&self) -> bool {
        match self.parsed().tbs_certificate().get_extension() {
            Ok(None) => true,
            Ok(Some((_, ExtendedKeyUsage(purposes)))) => purposes
                .iter()
                .any(|purpose| !FOREIGN_PURPOSES.contains(purpose)),
            Err(_) => false,
        }
    }

    /// Whether nothing in the certificate forbids to trust it: every critical extension is one that is evaluated, none
    /// stands twice, and none constrains the names of others.
    pub(super) fn is_understood(&self) -> bool {
        let extensions = self.parsed().tbs_certificate().extensions();
        let mut seen = BTreeSet::new();
        extensions
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .all(|extension| {
                seen.insert(extension.extn_id)
                    && extension.extn_id != NAME_CONSTRAINTS
                    && (!extension.critical || self.is_evaluated(extension))
            })
    }

    fn is_evaluated(&self, extension: &Extension) -> bool {
        let value = extension.extn_value.as_bytes();
        match extension.extn_id {
            BasicConstraints::OID | KeyUsage::OID => true,
            ExtendedKeyUsage::OID => self.purposes_fit(),
            // Every policy is accepted here, so that these can only be read, not fail; what demands policies is refused.
            CertificatePolicies::OID => CertificatePolicies::from_der(value).is_ok(),
            QC_STATEMENTS => statements_are_known(value),
            _ => false,
        }
    }
}

fn statements_are_known(value: &[u8]) -> bool {
    let is_known = |statement: &Any| {
        let parts: Vec<Any> = statement.decode_as().ok()?;
        let name: ObjectIdentifier = parts.first()?.decode_as().ok()?;
        let name = name.to_string();
        Some(QC_ARCS.iter().any(|arc| name.starts_with(arc)))
    };
    Vec::<Any>::from_der(value).is_ok_and(|statements| {
        statements
            .iter()
            .all(|statement| is_known(statement) == Some(true))
    })
}
