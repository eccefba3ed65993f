//! The elements of a signature, found by their place and never by search through foreign content.

use roxmltree::{Document, Node};

use super::super::SignatureError;
use super::super::algorithm::SIGNED_PROPERTIES;
use super::reference::{References, Target};
use crate::diagnostic::Bilingual;
use crate::xml::{self, DSIG, OwnAttribute as _, XADES, XML};

/// Namespace of the element around the signature in a container.
pub(in super::super) const ASIC: &str = "http://uri.etsi.org/02918/v1.2.1#";
/// Most references of one signature; three are known.
const MAX_REFERENCES: usize = 8;
/// Most counter-signatures that are passed over.
const MAX_COUNTER_SIGNATURES: usize = 64;

/// Where a signature stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Home<'a> {
    /// At the root of its file or as a child of it.
    OwnFile,
    /// In the `XAdESSignatures` of a container, with the name of the document there.
    Container(&'a str),
}

pub(super) struct Parts<'a, 'input> {
    pub(super) document: &'a Document<'input>,
    home: Home<'a>,
    pub(super) signature: Node<'a, 'input>,
    pub(super) signed_info: Node<'a, 'input>,
    pub(super) signature_value: Node<'a, 'input>,
    pub(super) key_info: Node<'a, 'input>,
    pub(super) signed_properties: Node<'a, 'input>,
    /// The objects that hold no properties.
    objects: Vec<Node<'a, 'input>>,
}

type Found<T> = Result<(T, Bilingual), SignatureError>;

impl<'a, 'input> Parts<'a, 'input> {
    pub(super) fn find(document: &'a Document<'input>, home: Home<'a>) -> Found<Self> {
        let signature = the_signature(document, home)?;
        check_ids(document)?;
        let mut objects = Vec::new();
        for child in signature.children().filter(Node::is_element) {
            match child.tag_name().name() {
                "Object" if child.tag_name().namespace() == Some(DSIG) => objects.push(child),
                "SignedInfo" | "SignatureValue" | "KeyInfo"
                    if child.tag_name().namespace() == Some(DSIG) => {}
                _ => return Err(SignatureError::Unexpected("ds:Signature")),
            }
        }
        let is_qualifying = |object: &Node<'_, '_>| {
            object
                .children()
                .any(|child| child.has_tag_name((XADES, "QualifyingProperties")))
        };
        let (qualifying, objects): (Vec<_>, Vec<_>) = objects.into_iter().partition(is_qualifying);
        let qualifying = match qualifying[..] {
            [object] if object.children().filter(Node::is_element).count() == 1 => {
                only(object, XADES, "QualifyingProperties")?
            }
            [] => return Err(SignatureError::Missing("QualifyingProperties")),
            _ => return Err(SignatureError::Unexpected("QualifyingProperties")),
        };
        let target = qualifying
            .own_attribute("Target")
            .and_then(|target| target.strip_prefix('#'));
        if target.is_none() || target != signature.own_attribute("Id") {
            return Err(SignatureError::WrongReferences);
        }
        let parts = Self {
            document,
            home,
            signature,
            signed_info: only(signature, DSIG, "SignedInfo")?,
            signature_value: only(signature, DSIG, "SignatureValue")?,
            key_info: only(signature, DSIG, "KeyInfo")?,
            signed_properties: only(qualifying, XADES, "SignedProperties")?,
            objects,
        };
        let detail = Bilingual::new("jeden podpis XAdES", "one XAdES signature");
        Ok((parts, detail))
    }

    /// Sorts the references by what they refer to: the document, the signed properties, and KeyInfo where it is signed.
    pub(super) fn references(&self) -> Found<References<'a, 'input>> {
        const WRONG: SignatureError = SignatureError::WrongReferences;
        let points_at = |reference: &Node<'_, '_>, element: Node<'_, '_>| {
            let uri = reference
                .own_attribute("URI")
                .and_then(|uri| uri.strip_prefix('#'));
            uri.is_some() && uri == element.own_attribute("Id")
        };
        let all: Vec<_> = self
            .signed_info
            .children()
            .filter(|node| node.has_tag_name((DSIG, "Reference")))
            .collect();
        if all.len() > MAX_REFERENCES {
            return Err(WRONG);
        }
        let (mut document, mut properties, mut key_info) = (None, None, None);
        for reference in all {
            let place = if reference.own_attribute("Type") == Some(SIGNED_PROPERTIES) {
                if !points_at(&reference, self.signed_properties) {
                    return Err(WRONG);
                }
                &mut properties
            } else if points_at(&reference, self.key_info) {
                &mut key_info
            } else {
                &mut document
            };
            if place.replace(reference).is_some() {
                return Err(WRONG);
            }
        }
        self.check_object_references()?;
        let document = document.ok_or(WRONG)?;
        let target = self.target(document).ok_or(WRONG)?;
        // An object that nothing refers to is unsigned content that a reader may take for signed.
        let referred = usize::from(matches!(target, Target::Object(_)));
        if self.objects.len() != referred {
            return Err(WRONG);
        }
        let detail = match target {
            Target::Document | Target::Root => {
                Bilingual::new("podpis otaczany", "enveloped signature")
            }
            Target::Object(_) => Bilingual::new("podpis otaczający", "enveloping signature"),
            Target::Outside => Bilingual::new("podpis zewnętrzny", "detached signature"),
        };
        let references = References {
            document,
            target,
            properties: (properties.ok_or(WRONG)?, self.signed_properties),
            key_info: key_info.map(|reference| (reference, self.key_info)),
        };
        Ok((references, detail))
    }

    /// What the signed properties say of a signed object (its format, a commitment) must be of one that is signed.
    fn check_object_references(&self) -> Result<(), SignatureError> {
        const WRONG: SignatureError = SignatureError::Missing("ObjectReference");
        let is_reference = |value: &str| {
            value.strip_prefix('#').is_some_and(|id| {
                self.signed_info
                    .children()
                    .filter(|node| node.has_tag_name((DSIG, "Reference")))
                    .any(|reference| reference.own_attribute("Id") == Some(id))
            })
        };
        let statements = self
            .signed_properties
            .children()
            .filter(|node| node.has_tag_name((XADES, "SignedDataObjectProperties")))
            .flat_map(|properties| properties.children());
        for statement in statements {
            let is_format = statement.has_tag_name((XADES, "DataObjectFormat"));
            let named = statement.own_attribute("ObjectReference");
            if is_format && !named.is_none_or(is_reference) {
                return Err(WRONG);
            }
            let mut inner = statement
                .children()
                .filter(|node| node.has_tag_name((XADES, "ObjectReference")));
            if !inner.all(|node| is_reference(xml::text(node).trim())) {
                return Err(WRONG);
            }
        }
        Ok(())
    }

    fn target(&self, reference: Node<'a, 'input>) -> Option<Target<'a, 'input>> {
        let root = self.document.root_element();
        let alone = self.signature == root;
        let uri = reference.own_attribute("URI")?;
        if let Home::Container(name) = self.home {
            return (percent_decoded(uri)? == name.as_bytes()).then_some(Target::Outside);
        }
        match uri.strip_prefix('#') {
            None if uri.is_empty() => (!alone).then_some(Target::Document),
            None => alone.then_some(Target::Outside),
            Some("") => None,
            Some(id) => {
                let object = self
                    .objects
                    .iter()
                    .find(|object| object.own_attribute("Id") == Some(id));
                match object {
                    Some(object) => alone.then_some(Target::Object(*object)),
                    None => (!alone && has_id(root, id)).then_some(Target::Root),
                }
            }
        }
    }
}

/// The one signature: at the root or a child of it. Signatures within its own unsigned properties (counter-signatures)
/// say nothing about the document and are passed over.
fn the_signature<'a, 'input>(
    document: &'a Document<'input>,
    home: Home<'_>,
) -> Result<Node<'a, 'input>, SignatureError> {
    let root = document.root_element();
    let is_signature = |node: &Node<'_, '_>| node.has_tag_name((DSIG, "Signature"));
    let signature = match home {
        Home::Container(_) => {
            if !root.has_tag_name((ASIC, "XAdESSignatures"))
                || root.children().filter(Node::is_element).count() != 1
            {
                return Err(SignatureError::NotOneSignature);
            }
            root.children().find(is_signature)
        }
        Home::OwnFile if is_signature(&root) => Some(root),
        Home::OwnFile => root.children().find(is_signature),
    }
    .ok_or(SignatureError::NotOneSignature)?;
    let is_counter_signature = |node: Node<'_, '_>| {
        let mut above = node.ancestors().skip(1);
        above.any(|node| node.has_tag_name((XADES, "UnsignedProperties")))
            && node.ancestors().any(|node| node == signature)
    };
    let others = document
        .descendants()
        .filter(|node| is_signature(node) && *node != signature);
    for (number, other) in others.enumerate() {
        if number == MAX_COUNTER_SIGNATURES || !is_counter_signature(other) {
            return Err(SignatureError::NotOneSignature);
        }
    }
    Ok(signature)
}

/// The bytes that a URI reference stands for.
pub(super) fn percent_decoded(uri: &str) -> Option<Vec<u8>> {
    let mut parts = uri.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let digits = part.get(..2)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    Some(bytes)
}

/// A reference by Id must have one meaning only.
fn check_ids(document: &Document<'_>) -> Result<(), SignatureError> {
    let mut ids: Vec<&str> = document
        .descendants()
        .flat_map(|node| node.attributes())
        .filter(|attribute| is_id(attribute.name()))
        .map(|attribute| attribute.value())
        .collect();
    ids.sort_unstable();
    if ids.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(SignatureError::DuplicateId);
    }
    Ok(())
}

fn has_id(element: Node<'_, '_>, id: &str) -> bool {
    element.attributes().any(|attribute| {
        attribute.namespace().is_none_or(|name| name == XML)
            && is_id(attribute.name())
            && attribute.value() == id
    })
}

/// Names of attributes that some verifier takes for an identifier.
fn is_id(name: &str) -> bool {
    matches!(name, "Id" | "ID" | "id")
}

/// The child of this name, which must be there and be the only one.
pub(super) fn only<'a, 'input>(
    parent: Node<'a, 'input>,
    namespace: &str,
    name: &'static str,
) -> Result<Node<'a, 'input>, SignatureError> {
    let mut found = parent
        .children()
        .filter(|node| node.has_tag_name((namespace, name)));
    let first = found.next().ok_or(SignatureError::Missing(name))?;
    match found.next() {
        None => Ok(first),
        Some(_) => Err(SignatureError::Unexpected(name)),
    }
}

/// The text of the only child of this name.
pub(super) fn text_of(
    parent: Node<'_, '_>,
    namespace: &str,
    name: &'static str,
) -> Result<String, SignatureError> {
    only(parent, namespace, name).map(xml::text)
}
