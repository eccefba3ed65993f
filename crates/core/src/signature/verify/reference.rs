//! References, the transforms they may use, and their digests.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use roxmltree::Node;

use super::super::SignatureError;
use super::super::algorithm::{
    BASE64, ENVELOPED, digest_from_uri, digest_uri, method_from_uri, method_uri,
};
use super::structure::{Parts, only, percent_decoded, text_of};
use crate::diagnostic::Bilingual;
use crate::key::{Certificate, HashAlgorithm, SignatureAlgorithm};
use crate::xml::{self, Canonicalization, Canonicalizer, DSIG, Lines, OwnAttribute as _};

/// Base64 as XML carries it: white space was removed before, padding may be missing. Spare bits must be zero, so that
/// nothing has two spellings.
const BASE64_TEXT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

type Found<T> = Result<(T, Bilingual), SignatureError>;

/// What the reference to the document refers to.
#[derive(Clone, Copy)]
pub(super) enum Target<'a, 'input> {
    /// The document around the signature.
    Document,
    /// Its root element, by Id.
    Root,
    /// An object inside the signature.
    Object(Node<'a, 'input>),
    /// Another file.
    Outside,
}

/// The references of a signature, each with what it refers to.
pub(super) struct References<'a, 'input> {
    pub(super) document: Node<'a, 'input>,
    pub(super) target: Target<'a, 'input>,
    pub(super) properties: (Node<'a, 'input>, Node<'a, 'input>),
    pub(super) key_info: Option<(Node<'a, 'input>, Node<'a, 'input>)>,
}

/// All algorithms of a signature; every one is on the list of those that are accepted.
pub(super) struct Algorithms {
    pub(super) signature: SignatureAlgorithm,
    signed_info: Canonicalizer,
    document: (Transforms, HashAlgorithm),
    properties: (Transforms, HashAlgorithm),
    key_info: Option<(Transforms, HashAlgorithm)>,
}

/// How the referred bytes come about.
struct Transforms {
    enveloped: bool,
    base64: bool,
    form: Option<Canonicalizer>,
}

/// Where the signed document is.
pub(super) enum Signed {
    Beside,
    Around,
    Inside(Content),
}

/// What an object inside the signature holds.
pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    /// Whether these are the bytes that were put in, and not the canonical form of XML.
    pub(super) exact: bool,
}

impl Algorithms {
    /// Whether the digest of a file beside the signature is one of its exact bytes.
    pub(super) fn take_exact_bytes(&self) -> bool {
        let transforms = &self.document.0;
        !transforms.base64 && transforms.form.is_none()
    }
}

impl<'a, 'input> References<'a, 'input> {
    pub(super) fn algorithms(&self, parts: &Parts<'a, 'input>) -> Found<Algorithms> {
        let method = only(parts.signed_info, DSIG, "SignatureMethod")?;
        let refused = SignatureError::AlgorithmRefused("SignatureMethod");
        // Parameters (of RSASSA-PSS, or the length of an HMAC) could change what is verified.
        let signature = method
            .own_attribute("Algorithm")
            .and_then(method_from_uri)
            .filter(|_| !method.children().any(|child| child.is_element()))
            .ok_or(refused)?;
        let canonicalization = only(parts.signed_info, DSIG, "CanonicalizationMethod")?;
        let of = |reference| -> Result<_, SignatureError> {
            Ok((Transforms::read(reference)?, digest_method(reference)?))
        };
        let algorithms = Algorithms {
            signature,
            signed_info: canonicalizer(canonicalization)
                .ok_or(SignatureError::AlgorithmRefused("CanonicalizationMethod"))?,
            document: of(self.document)?,
            properties: of(self.properties.0)?,
            key_info: self
                .key_info
                .map(|(reference, _)| of(reference))
                .transpose()?,
        };
        let document = &algorithms.document.0;
        let fits = match self.target {
            Target::Document | Target::Root => document.enveloped && !document.base64,
            Target::Object(_) | Target::Outside => !document.enveloped,
        };
        let plain = |transforms: &Transforms| !transforms.enveloped && !transforms.base64;
        let key_info = algorithms.key_info.as_ref();
        if !fits
            || !plain(&algorithms.properties.0)
            || !key_info.is_none_or(|(transforms, _)| plain(transforms))
        {
            return Err(SignatureError::AlgorithmRefused("Transforms"));
        }
        let names = [
            method_uri(signature).unwrap_or_default(),
            digest_uri(algorithms.document.1),
            canonicalization
                .own_attribute("Algorithm")
                .unwrap_or_default(),
        ];
        let text = names.join(", ");
        Ok((algorithms, Bilingual::new(text.clone(), text)))
    }

    /// The digest of the document, and where it is.
    pub(super) fn document(
        &self,
        algorithms: &Algorithms,
        parts: &Parts<'a, 'input>,
        beside: Option<&[u8]>,
    ) -> Found<Signed> {
        let (transforms, hash) = &algorithms.document;
        let omitted = Some(parts.signature);
        let (signed, bytes) = match self.target {
            Target::Document => {
                let form = transforms.form();
                (Signed::Around, form.document(parts.document, omitted))
            }
            Target::Root => {
                let root = parts.document.root_element();
                (Signed::Around, transforms.form().element(root, omitted))
            }
            Target::Object(object) if transforms.base64 => {
                let content = decoded(object).ok_or(SignatureError::Missing("Object"))?;
                check_digest(
                    self.document,
                    *hash,
                    &content,
                    SignatureError::DigestMismatch,
                )?;
                let content = Content {
                    bytes: content,
                    exact: true,
                };
                return Ok((Signed::Inside(content), hash_detail(self.document)));
            }
            Target::Object(object) => {
                let content = object_content(object).ok_or(SignatureError::Missing("Object"))?;
                (
                    Signed::Inside(content),
                    transforms.form().element(object, None),
                )
            }
            Target::Outside => {
                let beside = beside.ok_or(SignatureError::DocumentMissing)?;
                (Signed::Beside, transforms.outside(beside))
            }
        };
        let bytes = bytes.ok_or(SignatureError::DigestMismatch)?;
        check_digest(self.document, *hash, &bytes, SignatureError::DigestMismatch)?;
        Ok((signed, hash_detail(self.document)))
    }

    /// The name of the file beside the signature.
    pub(super) fn outside_name(&self) -> Option<String> {
        let Target::Outside = self.target else {
            return None;
        };
        String::from_utf8(percent_decoded(self.document.own_attribute("URI")?)?).ok()
    }

    /// Whether the reference of an enveloped signature covers this document, which has none.
    pub(super) fn covers(&self, algorithms: &Algorithms, document: &[u8]) -> bool {
        let (transforms, hash) = &algorithms.document;
        let lines = Lines::of(document);
        let Ok(parsed) = super::parse(&lines) else {
            return false;
        };
        let form = transforms.form();
        let bytes = match self.target {
            Target::Root => form.element(parsed.root_element(), None),
            Target::Document | Target::Object(_) | Target::Outside => form.document(&parsed, None),
        };
        bytes.is_some_and(|bytes| {
            check_digest(self.document, *hash, &bytes, SignatureError::OtherInvoice).is_ok()
        })
    }

    pub(super) fn properties(&self, algorithms: &Algorithms) -> Found<()> {
        let (transforms, hash) = &algorithms.properties;
        let (reference, element) = self.properties;
        check_element(
            reference,
            element,
            transforms,
            *hash,
            SignatureError::PropertiesMismatch,
        )
    }

    /// The digest of KeyInfo, where it is signed.
    pub(super) fn key_info(&self, algorithms: &Algorithms) -> Option<Found<()>> {
        let (reference, element) = self.key_info?;
        let (transforms, hash) = algorithms.key_info.as_ref()?;
        let mismatch = SignatureError::KeyInfoMismatch;
        Some(check_element(
            reference, element, transforms, *hash, mismatch,
        ))
    }
}

impl Transforms {
    fn read(reference: Node<'_, '_>) -> Result<Self, SignatureError> {
        const REFUSED: SignatureError = SignatureError::AlgorithmRefused("Transforms");
        let mut read = Self {
            enveloped: false,
            base64: false,
            form: None,
        };
        let mut lists = reference
            .children()
            .filter(|node| node.has_tag_name((DSIG, "Transforms")));
        let list = lists.next();
        if lists.next().is_some() {
            return Err(REFUSED);
        }
        let elements = list.into_iter().flat_map(|list| list.children());
        for transform in elements.filter(Node::is_element) {
            if !transform.has_tag_name((DSIG, "Transform")) || read.base64 {
                return Err(REFUSED);
            }
            match transform.own_attribute("Algorithm") {
                Some(ENVELOPED) if !read.enveloped && read.form.is_none() => read.enveloped = true,
                Some(BASE64) if read.form.is_none() => read.base64 = true,
                _ if read.form.is_none() => {
                    read.form = Some(canonicalizer(transform).ok_or(REFUSED)?);
                }
                _ => return Err(REFUSED),
            }
        }
        Ok(read)
    }

    /// The canonical form for elements of the document at hand, which are selected without comments.
    fn form(&self) -> Canonicalizer {
        match &self.form {
            Some(form) => form.clone().without_comments(),
            None => Canonicalizer::new(Canonicalization::Inclusive10),
        }
    }

    /// The bytes to digest of another file: its own unless a canonical form is asked for.
    fn outside(&self, file: &[u8]) -> Option<Vec<u8>> {
        if self.base64 {
            return decode(core::str::from_utf8(file).ok()?);
        }
        match &self.form {
            None => Some(file.to_vec()),
            Some(form) => form.document(&super::parse(&Lines::of(file)).ok()?, None),
        }
    }
}

impl Parts<'_, '_> {
    /// The bytes that were signed and the value they gave.
    pub(super) fn value(&self, algorithms: &Algorithms) -> SignedValue {
        SignedValue {
            algorithm: algorithms.signature,
            bytes: algorithms.signed_info.element(self.signed_info, None),
            value: decoded(self.signature_value),
        }
    }
}

/// What the key has signed.
pub(super) struct SignedValue {
    algorithm: SignatureAlgorithm,
    bytes: Option<Vec<u8>>,
    value: Option<Vec<u8>>,
}

impl SignedValue {
    pub(super) fn verified_by(&self, certificate: &Certificate) -> Found<()> {
        let (Some(bytes), Some(value)) = (&self.bytes, &self.value) else {
            return Err(SignatureError::ValueInvalid);
        };
        certificate
            .public_key()
            .verify(self.algorithm, bytes, value)
            .map_err(|_| SignatureError::ValueInvalid)?;
        let detail = Bilingual::new(
            "złożona kluczem tego certyfikatu",
            "made by the key of this certificate",
        );
        Ok(((), detail))
    }
}

fn check_element(
    reference: Node<'_, '_>,
    element: Node<'_, '_>,
    transforms: &Transforms,
    hash: HashAlgorithm,
    mismatch: SignatureError,
) -> Found<()> {
    let Some(bytes) = transforms.form().element(element, None) else {
        return Err(mismatch);
    };
    check_digest(reference, hash, &bytes, mismatch)?;
    Ok(((), hash_detail(reference)))
}

/// What an object holds that is not in Base64: one element, given in canonical form, or text.
fn object_content(object: Node<'_, '_>) -> Option<Content> {
    let mut elements = object.children().filter(Node::is_element);
    let (bytes, exact) = match (elements.next(), elements.next()) {
        (Some(element), None) => (exclusive(element)?, false),
        (None, _) if object.own_attribute("Encoding") == Some(BASE64) => {
            (decode(&xml::text(object))?, true)
        }
        (None, _) => (xml::text(object).into_bytes(), true),
        (Some(_), Some(_)) => return None,
    };
    Some(Content { bytes, exact })
}

/// The form in which XML inside a signature is handed out and compared.
pub(super) fn exclusive(element: Node<'_, '_>) -> Option<Vec<u8>> {
    Canonicalizer::new(Canonicalization::Exclusive).element(element, None)
}

/// The canonical form that a `Transform` or `CanonicalizationMethod` names.
fn canonicalizer(node: Node<'_, '_>) -> Option<Canonicalizer> {
    let mut elements = node.children().filter(Node::is_element);
    let prefixes = match (elements.next(), elements.next()) {
        (None, _) => "",
        (Some(only), None)
            if only.has_tag_name((Canonicalization::Exclusive.uri(), "InclusiveNamespaces")) =>
        {
            only.own_attribute("PrefixList")?
        }
        _ => return None,
    };
    Canonicalizer::from_uri(node.own_attribute("Algorithm")?, prefixes)
}

pub(super) fn digest_method(parent: Node<'_, '_>) -> Result<HashAlgorithm, SignatureError> {
    only(parent, DSIG, "DigestMethod")?
        .own_attribute("Algorithm")
        .and_then(digest_from_uri)
        .ok_or(SignatureError::AlgorithmRefused("DigestMethod"))
}

fn check_digest(
    reference: Node<'_, '_>,
    hash: HashAlgorithm,
    bytes: &[u8],
    mismatch: SignatureError,
) -> Result<(), SignatureError> {
    let value = text_of(reference, DSIG, "DigestValue")?;
    if decode(&value).is_some_and(|value| value == hash.digest(bytes)) {
        Ok(())
    } else {
        Err(mismatch)
    }
}

fn hash_detail(reference: Node<'_, '_>) -> Bilingual {
    let digest = text_of(reference, DSIG, "DigestValue").unwrap_or_default();
    let digest = digest.trim().to_owned();
    Bilingual::new(digest.clone(), digest)
}

/// The bytes in an element that holds Base64, and nothing else.
pub(super) fn decoded(element: Node<'_, '_>) -> Option<Vec<u8>> {
    let has_elements = element.children().any(|child| child.is_element());
    decode(&xml::text(element)).filter(|_| !has_elements)
}

pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let compact: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    BASE64_TEXT.decode(compact).ok()
}
