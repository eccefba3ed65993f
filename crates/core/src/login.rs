//! The document that is signed to log in: `AuthTokenRequest`, schema 2.1.

use core::fmt;
use std::net::Ipv4Addr;

use roxmltree::Node;
use thiserror::Error;

use crate::diagnostic::{Bilingual, Diagnostic};
use crate::identifier::{ContextIdentifier, ContextKind, ReferenceNumber};
use crate::xml::{self, DSIG};

/// Namespace of the document that is written.
pub const NAMESPACE: &str = "http://ksef.mf.gov.pl/auth/token/2.1";
/// Namespace of the version before, which is still read.
const NAMESPACE_2_0: &str = "http://ksef.mf.gov.pl/auth/token/2.0";

/// By what KSeF recognises the signer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectIdentifierType {
    /// The identifier in the certificate's subject.
    CertificateSubject,
    /// The fingerprint of the certificate.
    CertificateFingerprint,
}

impl SubjectIdentifierType {
    /// The value in the schema.
    pub fn name(self) -> &'static str {
        match self {
            Self::CertificateSubject => "certificateSubject",
            Self::CertificateFingerprint => "certificateFingerprint",
        }
    }
}

/// From where the session may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IpRule {
    /// One address.
    Address(Ipv4Addr),
    /// All addresses from the first to the last.
    Range(Ipv4Addr, Ipv4Addr),
    /// A network and the length of its mask, 0 to 32.
    Mask(Ipv4Addr, u8),
}

impl IpRule {
    fn element(self) -> &'static str {
        match self {
            Self::Address(_) => "Ip4Address",
            Self::Range(..) => "Ip4Range",
            Self::Mask(..) => "Ip4Mask",
        }
    }
}

impl fmt::Display for IpRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => write!(f, "{address}"),
            Self::Range(first, last) => write!(f, "{first}-{last}"),
            Self::Mask(network, bits) => write!(f, "{network}/{bits}"),
        }
    }
}

/// A request to log in, before it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthTokenRequest {
    /// The challenge KSeF gave; it lives ten minutes.
    pub challenge: ReferenceNumber,
    /// In whose name to work.
    pub context: ContextIdentifier,
    /// By what KSeF recognises the signer.
    pub subject: SubjectIdentifierType,
    /// From where the session may be used; empty for anywhere. At most ten of each kind.
    pub allowed_ips: Vec<IpRule>,
}

impl AuthTokenRequest {
    /// The document, ready to be signed by [`crate::signature::sign_enveloped`].
    pub fn to_xml(&self) -> String {
        let kind = self.context.kind().name();
        let policy = if self.allowed_ips.is_empty() {
            String::new()
        } else {
            let of_kind = |element: &str| -> String {
                self.allowed_ips
                    .iter()
                    .filter(|rule| rule.element() == element)
                    .map(|rule| format!("<{element}>{rule}</{element}>"))
                    .collect()
            };
            let rules: String = ["Ip4Address", "Ip4Range", "Ip4Mask"].map(of_kind).concat();
            format!("<AuthorizationPolicy><AllowedIps>{rules}</AllowedIps></AuthorizationPolicy>")
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<AuthTokenRequest xmlns=\"{NAMESPACE}\">\
             <Challenge>{}</Challenge>\
             <ContextIdentifier><{kind}>{}</{kind}></ContextIdentifier>\
             <SubjectIdentifierType>{}</SubjectIdentifierType>{policy}</AuthTokenRequest>",
            self.challenge,
            xml::escape_text(self.context.value()),
            self.subject.name(),
        )
    }

    /// Reads a request, signed or not, by the rules of its schema; the signature itself is for
    /// [`crate::signature::verify_enveloped`].
    ///
    /// # Errors
    /// [`LoginError`] names what is missing, misplaced or malformed.
    pub fn parse(bytes: &[u8]) -> Result<Self, LoginError> {
        let bytes = xml::Lines::of(bytes);
        let document = xml::parse(&bytes, 10_000).ok_or(LoginError::Malformed)?;
        let root = document.root_element();
        let namespace = [NAMESPACE, NAMESPACE_2_0]
            .into_iter()
            .find(|namespace| root.has_tag_name((*namespace, "AuthTokenRequest")))
            .ok_or(LoginError::WrongRoot)?;
        let mut children = root.children().filter(Node::is_element).peekable();
        let mut next = |name: &'static str| {
            children
                .next_if(|node| node.has_tag_name((namespace, name)))
                .ok_or(LoginError::Element(name))
        };
        let challenge = next("Challenge")?;
        let context = next("ContextIdentifier")?;
        let subject = next("SubjectIdentifierType")?;
        let policy = next("AuthorizationPolicy").ok();
        if children.any(|node| !node.has_tag_name((DSIG, "Signature"))) {
            return Err(LoginError::Unexpected);
        }
        Ok(Self {
            challenge: read_challenge(challenge)?,
            context: read_context(context, namespace)?,
            subject: match xml::text(subject).trim() {
                "certificateSubject" => SubjectIdentifierType::CertificateSubject,
                "certificateFingerprint" => SubjectIdentifierType::CertificateFingerprint,
                _ => return Err(LoginError::Element("SubjectIdentifierType")),
            },
            allowed_ips: policy.map_or(Ok(Vec::new()), |node| read_policy(node, namespace))?,
        })
    }
}

fn read_challenge(node: Node<'_, '_>) -> Result<ReferenceNumber, LoginError> {
    let text = xml::text(node);
    ReferenceNumber::parse(text.trim())
        .ok()
        .filter(|reference| reference.as_str().get(8..12) == Some("-CR-"))
        .ok_or(LoginError::Element("Challenge"))
}

fn read_context(node: Node<'_, '_>, namespace: &str) -> Result<ContextIdentifier, LoginError> {
    let mut children = node.children().filter(Node::is_element);
    let (Some(child), None) = (children.next(), children.next()) else {
        return Err(LoginError::Element("ContextIdentifier"));
    };
    ContextKind::ALL
        .into_iter()
        .find(|kind| child.has_tag_name((namespace, kind.name())))
        .and_then(|kind| ContextIdentifier::new(kind, &xml::text(child)).ok())
        .ok_or(LoginError::Element("ContextIdentifier"))
}

fn read_policy(node: Node<'_, '_>, namespace: &str) -> Result<Vec<IpRule>, LoginError> {
    let fault = LoginError::Element("AuthorizationPolicy");
    let list = xml::child(node, namespace, "AllowedIps").ok_or_else(|| fault.clone())?;
    list.children()
        .filter(Node::is_element)
        .map(|rule| {
            let text = xml::text(rule);
            read_rule(rule.tag_name().name(), text.trim()).ok_or_else(|| fault.clone())
        })
        .collect()
}

fn read_rule(element: &str, text: &str) -> Option<IpRule> {
    match element {
        "Ip4Address" => Some(IpRule::Address(text.parse().ok()?)),
        "Ip4Range" => {
            let (first, last) = text.split_once('-')?;
            Some(IpRule::Range(first.parse().ok()?, last.parse().ok()?))
        }
        "Ip4Mask" => {
            let (network, bits) = text.split_once('/')?;
            let bits = bits.parse().ok().filter(|bits| *bits <= 32)?;
            Some(IpRule::Mask(network.parse().ok()?, bits))
        }
        _ => None,
    }
}

/// A document that is no request to log in.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LoginError {
    /// No XML.
    #[error("the login document is not well-formed XML")]
    Malformed,
    /// Another root element or namespace.
    #[error("the login document is no AuthTokenRequest of schema 2.1")]
    WrongRoot,
    /// An element that is missing, misplaced or malformed.
    #[error("the element {0} of the login document is missing, misplaced or malformed")]
    Element(&'static str),
    /// An element that is not in the schema.
    #[error("the login document has an element that does not belong there")]
    Unexpected,
}

impl Diagnostic for LoginError {
    fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "login-malformed",
            Self::WrongRoot => "login-wrong-root",
            Self::Element(_) => "login-element",
            Self::Unexpected => "login-unexpected-element",
        }
    }

    fn message(&self) -> Bilingual {
        let pl = match self {
            Self::Malformed => "dokument logowania nie jest poprawnym XML".into(),
            Self::WrongRoot => {
                "dokument logowania nie jest AuthTokenRequest według schematu 2.1".into()
            }
            Self::Element(name) => {
                format!(
                    "elementu {name} w dokumencie logowania brakuje, jest nie na miejscu lub jest błędny"
                )
            }
            Self::Unexpected => {
                "w dokumencie logowania jest element, który do niego nie należy".into()
            }
        };
        Bilingual::new(pl, self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> AuthTokenRequest {
        AuthTokenRequest {
            challenge: ReferenceNumber::parse("20250514-CR-226FB7B000-3ACF9BE4C0-10").unwrap(),
            context: ContextIdentifier::parse("NipVatUe:5265877635-DE123456789").unwrap(),
            subject: SubjectIdentifierType::CertificateFingerprint,
            allowed_ips: vec![
                IpRule::Mask(Ipv4Addr::new(10, 0, 0, 0), 8),
                IpRule::Address(Ipv4Addr::LOCALHOST),
            ],
        }
    }

    #[test]
    fn what_is_written_is_read_with_rules_in_the_order_of_the_schema() {
        let xml = request().to_xml();
        let mut expected = request();
        expected.allowed_ips.reverse();
        assert_eq!(AuthTokenRequest::parse(xml.as_bytes()), Ok(expected));
    }

    #[test]
    fn misplaced_and_foreign_elements_are_refused() {
        let xml = request().to_xml();
        for (from, to, error) in [
            ("<Challenge>", "<Challenge2>", LoginError::Malformed),
            ("-CR-", "-SO-", LoginError::Element("Challenge")),
            (
                "certificateFingerprint",
                "fingerprint",
                LoginError::Element("SubjectIdentifierType"),
            ),
            ("token/2.1", "token/3.0", LoginError::WrongRoot),
            (
                "</AuthTokenRequest>",
                "<X/></AuthTokenRequest>",
                LoginError::Unexpected,
            ),
            (
                "10.0.0.0/8",
                "10.0.0.0/33",
                LoginError::Element("AuthorizationPolicy"),
            ),
            (
                "NipVatUe>",
                "Regon>",
                LoginError::Element("ContextIdentifier"),
            ),
        ] {
            assert_eq!(
                AuthTokenRequest::parse(xml.replace(from, to).as_bytes()),
                Err(error),
                "{to}"
            );
        }
    }
}
