//! The identifiers of the algorithms that are written and accepted, and of no others: SHA-1, MD5, HMAC and DSA have no
//! entry here.

use crate::key::{HashAlgorithm, SignatureAlgorithm};

/// Transform: Base64 text stands for the bytes it encodes.
pub(super) const BASE64: &str = "http://www.w3.org/2000/09/xmldsig#base64";
/// Transform: the document without this signature.
pub(super) const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// Type of the reference to the signed properties; it has no version in it.
pub(super) const SIGNED_PROPERTIES: &str = "http://uri.etsi.org/01903#SignedProperties";
/// Type of a reference to a `ds:Object`.
pub(super) const OBJECT: &str = "http://www.w3.org/2000/09/xmldsig#Object";

const METHODS: [(SignatureAlgorithm, &str); 9] = {
    use HashAlgorithm::{Sha256, Sha384, Sha512};
    use SignatureAlgorithm::{Ecdsa, RsaPkcs1, RsaPss};
    [
        (
            RsaPkcs1(Sha256),
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        ),
        (
            RsaPkcs1(Sha384),
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
        ),
        (
            RsaPkcs1(Sha512),
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
        ),
        (
            RsaPss(Sha256),
            "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
        ),
        (
            RsaPss(Sha384),
            "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1",
        ),
        (
            RsaPss(Sha512),
            "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1",
        ),
        (
            Ecdsa(Sha256),
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        ),
        (
            Ecdsa(Sha384),
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
        ),
        (
            Ecdsa(Sha512),
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
        ),
    ]
};

pub(super) fn method_uri(algorithm: SignatureAlgorithm) -> Option<&'static str> {
    METHODS
        .iter()
        .find(|(known, _)| *known == algorithm)
        .map(|(_, uri)| *uri)
}

pub(super) fn method_from_uri(uri: &str) -> Option<SignatureAlgorithm> {
    METHODS
        .iter()
        .find(|(_, known)| *known == uri)
        .map(|(algorithm, _)| *algorithm)
}

pub(super) const fn digest_uri(hash: HashAlgorithm) -> &'static str {
    match hash {
        HashAlgorithm::Sha256 => "http://www.w3.org/2001/04/xmlenc#sha256",
        HashAlgorithm::Sha384 => "http://www.w3.org/2001/04/xmldsig-more#sha384",
        HashAlgorithm::Sha512 => "http://www.w3.org/2001/04/xmlenc#sha512",
    }
}

pub(super) fn digest_from_uri(uri: &str) -> Option<HashAlgorithm> {
    HashAlgorithm::ALL
        .into_iter()
        .find(|hash| digest_uri(*hash) == uri)
}
