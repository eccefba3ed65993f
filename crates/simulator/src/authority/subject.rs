//! The subject of a certificate, attribute by attribute.

use der::Decode as _;
use der::asn1::{BitString, Ia5StringRef, PrintableStringRef, Utf8StringRef};
use ksef_offline_core::key::Certificate;
use x509_cert::name::Name;

/// Object identifiers of the attributes enrolment deals with.
pub(crate) mod attribute {
    pub(crate) const COMMON_NAME: &str = "2.5.4.3";
    pub(crate) const SURNAME: &str = "2.5.4.4";
    pub(crate) const SERIAL_NUMBER: &str = "2.5.4.5";
    pub(crate) const COUNTRY: &str = "2.5.4.6";
    pub(crate) const ORGANIZATION: &str = "2.5.4.10";
    pub(crate) const GIVEN_NAME: &str = "2.5.4.42";
    pub(crate) const UNIQUE_IDENTIFIER: &str = "2.5.4.45";
    pub(crate) const ORGANIZATION_IDENTIFIER: &str = "2.5.4.97";
}

/// The attributes of a distinguished name, sorted.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Subject(Vec<(String, String)>);

impl Subject {
    /// The subject of a certificate; empty if it cannot be read again.
    pub(crate) fn of_certificate(certificate: &Certificate) -> Self {
        x509_cert::Certificate::from_der(certificate.der()).map_or(Self(vec![]), |certificate| {
            Self::of_name(certificate.tbs_certificate().subject())
        })
    }

    pub(super) fn of_name(name: &Name) -> Self {
        let mut attributes: Vec<(String, String)> = name
            .iter()
            .filter_map(|attribute| Some((attribute.oid.to_string(), text(&attribute.value)?)))
            .collect();
        attributes.sort();
        Self(attributes)
    }

    pub(crate) fn value(&self, oid: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(other, _)| other == oid)
            .map(|(_, value)| value.as_str())
    }

    /// All values of an attribute joined by a space, as enrolment data show several given names.
    pub(crate) fn joined(&self, oid: &str) -> Option<String> {
        let values: Vec<&str> = self
            .0
            .iter()
            .filter(|(other, _)| other == oid)
            .map(|(_, value)| value.as_str())
            .collect();
        (!values.is_empty()).then(|| values.join(" "))
    }

    /// Whether the attributes enrolment deals with are the same, however several given names are split.
    pub(crate) fn matches(&self, other: &Self) -> bool {
        use attribute::{
            COMMON_NAME, COUNTRY, GIVEN_NAME, ORGANIZATION, ORGANIZATION_IDENTIFIER, SERIAL_NUMBER,
            SURNAME, UNIQUE_IDENTIFIER,
        };
        let words = |subject: &Self| {
            let mut words: Vec<String> = subject
                .joined(GIVEN_NAME)
                .unwrap_or_default()
                .split(' ')
                .map(str::to_owned)
                .collect();
            words.sort();
            words
        };
        [
            COMMON_NAME,
            SURNAME,
            SERIAL_NUMBER,
            COUNTRY,
            ORGANIZATION,
            UNIQUE_IDENTIFIER,
            ORGANIZATION_IDENTIFIER,
        ]
        .iter()
        .all(|oid| self.value(oid) == other.value(oid))
            && words(self) == words(other)
    }
}

fn text(value: &der::Any) -> Option<String> {
    use der::Tagged as _;
    match value.tag() {
        der::Tag::Utf8String => value
            .decode_as::<Utf8StringRef<'_>>()
            .ok()
            .map(|text| text.as_str().to_owned()),
        der::Tag::PrintableString => value
            .decode_as::<PrintableStringRef<'_>>()
            .ok()
            .map(|text| text.as_str().to_owned()),
        der::Tag::Ia5String => value
            .decode_as::<Ia5StringRef<'_>>()
            .ok()
            .map(|text| text.as_str().to_owned()),
        der::Tag::BitString => value
            .decode_as::<BitString>()
            .ok()
            .and_then(|bits| String::from_utf8(bits.as_bytes()?.to_vec()).ok()),
        _ => None,
    }
}
