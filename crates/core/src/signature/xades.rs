//! How a XAdES signature is to look: profile, algorithms, and what the signer says beside the signature.

use core::fmt;

use crate::key::{HashAlgorithm, SignatureAlgorithm};
use crate::xml::Canonicalization;

use super::SignatureError;

/// Longest text of the caller that goes into a signature, in characters.
const MAX_TEXT: usize = 1_000;

/// Which set of properties binds the signer to the certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Profile {
    /// XAdES-BES of ETSI TS 101 903 (XAdES 1.3.2): `SigningCertificate` with the issuer's name and the serial number.
    /// The one every verifier knows, and the default.
    #[default]
    Bes,
    /// XAdES-B-B (BASELINE-B) of ETSI EN 319 132-1: `SigningCertificateV2`.
    BaselineB,
}

/// How to sign. [`Xades::default`] is what KSeF and every known verifier accepts: XAdES-BES, exclusive
/// canonicalization, SHA-256, RSA keys by PKCS#1 v1.5 and elliptic-curve keys by ECDSA.
///
/// What the caller has to say (place, role, policy) is checked when it is given, once.
#[derive(Clone)]
pub struct Xades {
    pub(super) profile: Profile,
    pub(super) canonicalization: Canonicalization,
    pub(super) digest: HashAlgorithm,
    pub(super) algorithm: Option<SignatureAlgorithm>,
    pub(super) mime_type: Option<String>,
    pub(super) policy: Option<SignaturePolicy>,
    pub(super) place: Option<ProductionPlace>,
    pub(super) roles: Vec<String>,
}

impl Xades {
    /// With this profile.
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// With this canonical form, in all places. Only the exclusive one lets a signature be moved into another document,
    /// such as an ASiC container.
    #[must_use]
    pub fn canonicalization(mut self, form: Canonicalization) -> Self {
        self.canonicalization = form;
        self
    }

    /// With this hash in all references and for the certificate.
    #[must_use]
    pub fn digest(mut self, hash: HashAlgorithm) -> Self {
        self.digest = hash;
        self
    }

    /// With this algorithm of the key. Without it: PKCS#1 v1.5 or ECDSA, as the key is, with
    /// SHA-256 (SHA-384 on P-384).
    #[must_use]
    pub fn algorithm(mut self, algorithm: SignatureAlgorithm) -> Self {
        self.algorithm = Some(algorithm);
        self
    }

    /// With this media type of what is signed, such as `application/pdf`; without it `text/xml`.
    ///
    /// # Errors
    /// [`SignatureError::TextRefused`] for anything but `type/subtype`.
    pub fn mime_type(mut self, mime_type: &str) -> Result<Self, SignatureError> {
        let is_token = |text: &str| {
            !text.is_empty()
                && text.len() <= 127
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
        };
        let parts = mime_type.split_once('/');
        if !parts.is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype)) {
            return Err(SignatureError::TextRefused("MimeType"));
        }
        self.mime_type = Some(mime_type.to_owned());
        Ok(self)
    }

    /// Under this policy: an EPES signature.
    #[must_use]
    pub fn policy(mut self, policy: SignaturePolicy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Made at this place.
    #[must_use]
    pub fn place(mut self, place: ProductionPlace) -> Self {
        self.place = Some(place);
        self
    }

    /// In this claimed role, such as `Księgowa`; may be called again for a further one.
    ///
    /// # Errors
    /// [`SignatureError::TextRefused`] for an empty text, one over 1000 characters, or one with control characters.
    pub fn role(mut self, role: &str) -> Result<Self, SignatureError> {
        self.roles.push(checked_text(role, "ClaimedRole")?);
        Ok(self)
    }
}

impl Default for Xades {
    fn default() -> Self {
        Self {
            profile: Profile::default(),
            canonicalization: Canonicalization::default(),
            digest: HashAlgorithm::Sha256,
            algorithm: None,
            mime_type: None,
            policy: None,
            place: None,
            roles: Vec::new(),
        }
    }
}

/// Shows the choices; of what the caller says only whether it was said.
impl fmt::Debug for Xades {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Xades")
            .field("profile", &self.profile)
            .field("canonicalization", &self.canonicalization)
            .field("digest", &self.digest)
            .field("algorithm", &self.algorithm)
            .field("policy", &self.policy.is_some())
            .field("place", &self.place.is_some())
            .field("roles", &self.roles.len())
            .finish_non_exhaustive()
    }
}

/// The document that says under which rules a signature is made, with its digest (`SignaturePolicyIdentifier`).
#[derive(Clone, PartialEq, Eq)]
pub struct SignaturePolicy {
    pub(super) identifier: String,
    pub(super) hash: HashAlgorithm,
    pub(super) digest: Vec<u8>,
    pub(super) location: Option<String>,
}

impl SignaturePolicy {
    /// The policy with this identifier (an absolute URI; an OID as `urn:oid:1.2.3`) whose document has this digest.
    ///
    /// # Errors
    /// [`SignatureError::TextRefused`] for what is no absolute URI, or a digest of another length than the hash gives.
    pub fn new(
        identifier: &str,
        hash: HashAlgorithm,
        digest: &[u8],
    ) -> Result<Self, SignatureError> {
        if digest.len() != hash.length() {
            return Err(SignatureError::TextRefused("SigPolicyHash"));
        }
        Ok(Self {
            identifier: checked_uri(identifier, "SigPolicyId")?,
            hash,
            digest: digest.to_vec(),
            location: None,
        })
    }

    /// And where its document can be read (`SPURI`).
    ///
    /// # Errors
    /// [`SignatureError::TextRefused`] for what is no absolute URI.
    pub fn at(mut self, location: &str) -> Result<Self, SignatureError> {
        self.location = Some(checked_uri(location, "SPURI")?);
        Ok(self)
    }
}

/// Where a signature is made, by the signer's own word.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct ProductionPlace {
    pub(super) city: Option<String>,
    pub(super) street: Option<String>,
    pub(super) province: Option<String>,
    pub(super) postal_code: Option<String>,
    pub(super) country: Option<String>,
}

impl ProductionPlace {
    /// In this city.
    ///
    /// # Errors
    /// [`SignatureError::TextRefused`] as for [`Xades::role`]; so with all parts.
    pub fn city(mut self, city: &str) -> Result<Self, SignatureError> {
        self.city = Some(checked_text(city, "City")?);
        Ok(self)
    }

    /// At this address; [`Profile::BaselineB`] only.
    ///
    /// # Errors
    /// As [`Self::city`].
    pub fn street(mut self, street: &str) -> Result<Self, SignatureError> {
        self.street = Some(checked_text(street, "StreetAddress")?);
        Ok(self)
    }

    /// In this province.
    ///
    /// # Errors
    /// As [`Self::city`].
    pub fn province(mut self, province: &str) -> Result<Self, SignatureError> {
        self.province = Some(checked_text(province, "StateOrProvince")?);
        Ok(self)
    }

    /// With this postal code.
    ///
    /// # Errors
    /// As [`Self::city`].
    pub fn postal_code(mut self, code: &str) -> Result<Self, SignatureError> {
        self.postal_code = Some(checked_text(code, "PostalCode")?);
        Ok(self)
    }

    /// In this country.
    ///
    /// # Errors
    /// As [`Self::city`].
    pub fn country(mut self, country: &str) -> Result<Self, SignatureError> {
        self.country = Some(checked_text(country, "CountryName")?);
        Ok(self)
    }
}

/// Text that reads the same everywhere: not empty, one line, no control or unassigned-for-ever characters.
fn checked_text(text: &str, what: &'static str) -> Result<String, SignatureError> {
    let is_bad = |character: char| {
        let code = u32::from(character);
        character.is_control()
            || matches!(character, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
            || (0xFDD0..=0xFDEF).contains(&code)
            || code & 0xFFFE == 0xFFFE
    };
    let length = text.chars().count();
    if text.trim().is_empty() || length > MAX_TEXT || text.chars().any(is_bad) {
        return Err(SignatureError::TextRefused(what));
    }
    Ok(text.to_owned())
}

/// An absolute URI in the characters of RFC 3986.
fn checked_uri(text: &str, what: &'static str) -> Result<String, SignatureError> {
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    };
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    let escapes_hold = || {
        text.split('%').skip(1).all(|rest| {
            rest.as_bytes()
                .get(..2)
                .is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit))
        })
    };
    let absolute = text
        .split_once(':')
        .is_some_and(|(scheme, rest)| is_scheme(scheme) && !rest.is_empty());
    if absolute && text.len() <= MAX_TEXT && text.bytes().all(allowed) && escapes_hold() {
        Ok(text.to_owned())
    } else {
        Err(SignatureError::TextRefused(what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_caller_are_taken_only_when_every_reader_sees_the_same() {
        for good in ["Księgowa", "<CFO> & \"co\"", "a b", "株式"] {
            assert!(Xades::default().role(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "  ",
            "a\nb",
            "a\0",
            "\u{85}",
            "a\u{202E}b",
            "\u{FFFE}",
            &"x".repeat(1001),
        ] {
            assert!(Xades::default().role(bad).is_err(), "{bad:?}");
            assert!(ProductionPlace::default().city(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn media_types_and_policies_have_the_form_of_their_standards() {
        for good in ["text/xml", "application/vnd.etsi.asic-s+zip"] {
            assert!(Xades::default().mime_type(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "text",
            "text/",
            "/xml",
            "text/xml; charset=x",
            "text/<x>",
            "a/b/c",
        ] {
            assert!(Xades::default().mime_type(bad).is_err(), "{bad}");
        }
        let policy = |identifier| SignaturePolicy::new(identifier, HashAlgorithm::Sha256, &[0; 32]);
        for good in ["urn:oid:1.2.616.1", "https://example.pl/polityka?a=%C4%85"] {
            assert!(policy(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "1.2.3",
            "urn:",
            "https://a b",
            "https://ą.pl",
            "http://a/%4",
            "1http://a",
        ] {
            assert!(policy(bad).is_err(), "{bad}");
        }
        assert!(SignaturePolicy::new("urn:x", HashAlgorithm::Sha512, &[0; 32]).is_err());
    }
}
