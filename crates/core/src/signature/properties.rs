//! Writing `xades:SignedProperties` in canonical form, and what a signed element inherits from the document around it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::tz::Offset;
use roxmltree::Node;

use super::algorithm::digest_uri;
use super::draft::push;
use super::xades::{ProductionPlace, SignaturePolicy};
use super::{Profile, SignatureError, Xades};
use crate::key::{Certificate, HashAlgorithm};
use crate::xml::{self, Canonicalization, DSIG, XADES, escape_attribute, escape_text};

const OWN_DS: &str = " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"";
const OWN_XADES: &str = " xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\"";

/// What is in force where the signature stands.
///
/// In the exclusive form every signed element declares what it uses, in the file as in the canonical form. In the
/// inclusive forms the outermost element shows all that is in force, in the canonical form alone.
pub(super) struct Scope {
    form: Canonicalization,
    /// Prefix and name of each namespace.
    namespaces: Vec<(String, String)>,
    /// Qualified name and value of each inherited attribute, in canonical order.
    attributes: Vec<(String, String)>,
}

impl Scope {
    /// Of a signature that is a document of its own.
    pub(super) fn standalone(form: Canonicalization) -> Self {
        Self {
            form,
            namespaces: Vec::new(),
            attributes: Vec::new(),
        }
    }

    /// Of a signature that is a child of this element.
    pub(super) fn below(parent: Node<'_, '_>, form: Canonicalization) -> Self {
        let mut scope = Self::standalone(form);
        if !scope.is_exclusive() {
            scope.namespaces = parent
                .namespaces()
                .filter(|namespace| namespace.name() != Some("xml") && !namespace.uri().is_empty())
                .map(|namespace| {
                    let prefix = namespace.name().unwrap_or_default();
                    (prefix.to_owned(), namespace.uri().to_owned())
                })
                .collect();
            scope.attributes = parent
                .attributes()
                .filter(|attribute| attribute.namespace() == Some(xml::XML))
                .filter(|attribute| form.inherits(attribute.name()))
                .map(|attribute| {
                    let name = ["xml:", attribute.name()].concat();
                    (name, attribute.value().to_owned())
                })
                .collect();
            scope.attributes.sort_unstable();
        }
        scope
    }

    pub(super) fn is_exclusive(&self) -> bool {
        self.form == Canonicalization::Exclusive
    }

    /// The declaration an outermost `ds` element has in the file.
    pub(super) fn own_ds(&self) -> &'static str {
        if self.is_exclusive() { OWN_DS } else { "" }
    }

    fn own_xades(&self) -> &'static str {
        if self.is_exclusive() { OWN_XADES } else { "" }
    }

    /// Declarations and attributes of an outermost signed element in the inclusive forms: `own` are the attributes it
    /// has by itself, `xades` whether that namespace is in force, too.
    pub(super) fn inherited(&self, xades: bool, own: &str) -> String {
        let mut namespaces: Vec<(&str, &str)> = self
            .namespaces
            .iter()
            .map(|(prefix, uri)| (prefix.as_str(), uri.as_str()))
            .filter(|(prefix, _)| *prefix != "ds" && !(xades && *prefix == "xades"))
            .collect();
        namespaces.push(("ds", DSIG));
        if xades {
            namespaces.push(("xades", XADES));
        }
        namespaces.sort_unstable();
        let mut text = String::new();
        for (prefix, uri) in namespaces {
            let colon = if prefix.is_empty() { "" } else { ":" };
            push(
                &mut text,
                &[" xmlns", colon, prefix, "=\"", &escape_attribute(uri), "\""],
            );
        }
        text.push_str(own);
        for (name, value) in &self.attributes {
            push(
                &mut text,
                &[" ", name, "=\"", &escape_attribute(value), "\""],
            );
        }
        text
    }
}

/// Writes the properties as they stand in the file and gives the digest of their canonical form.
pub(super) fn signed_properties(
    how: &Xades,
    scope: &Scope,
    certificate: &Certificate,
    id: &str,
    at: Timestamp,
    out: &mut String,
) -> Result<Vec<u8>, SignatureError> {
    let start = out.len();
    push(
        out,
        &[
            "<xades:SignedProperties",
            scope.own_xades(),
            " Id=\"",
            id,
            "-properties\">",
        ],
    );
    let body = out.len();
    out.push_str("<xades:SignedSignatureProperties><xades:SigningTime>");
    push_time(out, at);
    out.push_str("</xades:SigningTime>");
    signing_certificate(how, scope, certificate, out);
    if let Some(policy) = &how.policy {
        policy_identifier(policy, scope, out);
    }
    if let Some(place) = &how.place {
        production_place(how.profile, place, out)?;
    }
    if !how.roles.is_empty() {
        let version = if how.profile == Profile::BaselineB {
            "V2"
        } else {
            ""
        };
        push(
            out,
            &["<xades:SignerRole", version, "><xades:ClaimedRoles>"],
        );
        for role in &how.roles {
            text_element(out, "ClaimedRole", role);
        }
        push(
            out,
            &["</xades:ClaimedRoles></xades:SignerRole", version, ">"],
        );
    }
    push(
        out,
        &[
            "</xades:SignedSignatureProperties><xades:SignedDataObjectProperties>\
         <xades:DataObjectFormat ObjectReference=\"#",
            id,
            "-document\"><xades:MimeType>",
            how.mime_type.as_deref().unwrap_or("text/xml"),
            "</xades:MimeType></xades:DataObjectFormat></xades:SignedDataObjectProperties>\
         </xades:SignedProperties>",
        ],
    );
    if scope.is_exclusive() {
        return Ok(how.digest.digest(out[start..].as_bytes()));
    }
    let own = [" Id=\"", id, "-properties\""].concat();
    let canonical = [
        "<xades:SignedProperties",
        &scope.inherited(true, &own),
        ">",
        &out[body..],
    ]
    .concat();
    Ok(how.digest.digest(canonical.as_bytes()))
}

fn signing_certificate(how: &Xades, scope: &Scope, certificate: &Certificate, out: &mut String) {
    let version = if how.profile == Profile::BaselineB {
        "V2"
    } else {
        ""
    };
    let ds = scope.own_ds();
    let quoted = certificate.quoted();
    push(
        out,
        &[
            "<xades:SigningCertificate",
            version,
            "><xades:Cert><xades:CertDigest>\
         <ds:DigestMethod",
            ds,
            " Algorithm=\"",
            digest_uri(how.digest),
            "\"></ds:DigestMethod>\
         <ds:DigestValue",
            ds,
            ">",
        ],
    );
    if how.digest == HashAlgorithm::Sha256 {
        out.push_str(&quoted.fingerprint);
    } else {
        STANDARD.encode_string(how.digest.digest(certificate.der()), out);
    }
    out.push_str("</ds:DigestValue></xades:CertDigest>");
    if how.profile == Profile::Bes {
        push(
            out,
            &[
                "<xades:IssuerSerial><ds:X509IssuerName",
                ds,
                ">",
                &escape_text(&quoted.issuer),
                "</ds:X509IssuerName><ds:X509SerialNumber",
                ds,
                ">",
                &quoted.serial,
                "</ds:X509SerialNumber></xades:IssuerSerial>",
            ],
        );
    }
    push(
        out,
        &["</xades:Cert></xades:SigningCertificate", version, ">"],
    );
}

fn policy_identifier(policy: &SignaturePolicy, scope: &Scope, out: &mut String) {
    let ds = scope.own_ds();
    let qualifier = if policy.identifier.starts_with("urn:oid:") {
        " Qualifier=\"OIDAsURN\""
    } else {
        ""
    };
    push(
        out,
        &[
            "<xades:SignaturePolicyIdentifier><xades:SignaturePolicyId><xades:SigPolicyId>\
         <xades:Identifier",
            qualifier,
            ">",
            &escape_text(&policy.identifier),
            "</xades:Identifier></xades:SigPolicyId><xades:SigPolicyHash><ds:DigestMethod",
            ds,
            " Algorithm=\"",
            digest_uri(policy.hash),
            "\"></ds:DigestMethod><ds:DigestValue",
            ds,
            ">",
        ],
    );
    STANDARD.encode_string(&policy.digest, out);
    out.push_str("</ds:DigestValue></xades:SigPolicyHash>");
    if let Some(location) = &policy.location {
        out.push_str("<xades:SigPolicyQualifiers><xades:SigPolicyQualifier>");
        text_element(out, "SPURI", location);
        out.push_str("</xades:SigPolicyQualifier></xades:SigPolicyQualifiers>");
    }
    out.push_str("</xades:SignaturePolicyId></xades:SignaturePolicyIdentifier>");
}

fn production_place(
    profile: Profile,
    place: &ProductionPlace,
    out: &mut String,
) -> Result<(), SignatureError> {
    let version = if profile == Profile::BaselineB {
        "V2"
    } else {
        ""
    };
    if profile == Profile::Bes && place.street.is_some() {
        return Err(SignatureError::TextRefused("StreetAddress"));
    }
    push(out, &["<xades:SignatureProductionPlace", version, ">"]);
    for (name, value) in [
        ("City", &place.city),
        ("StreetAddress", &place.street),
        ("StateOrProvince", &place.province),
        ("PostalCode", &place.postal_code),
        ("CountryName", &place.country),
    ] {
        if let Some(value) = value {
            text_element(out, name, value);
        }
    }
    push(out, &["</xades:SignatureProductionPlace", version, ">"]);
    Ok(())
}

fn text_element(out: &mut String, name: &str, text: &str) {
    push(
        out,
        &[
            "<xades:",
            name,
            ">",
            &escape_text(text),
            "</xades:",
            name,
            ">",
        ],
    );
}

/// The time in UTC, in whole seconds: fractions are refused by some verifiers.
fn push_time(out: &mut String, at: Timestamp) {
    let time = Offset::UTC.to_datetime(at);
    let year = time.year().max(0) as u16;
    for unit in [1000, 100, 10, 1] {
        out.push(char::from(b'0' + (year / unit % 10) as u8));
    }
    for (before, value) in [
        ('-', time.month()),
        ('-', time.day()),
        ('T', time.hour()),
        (':', time.minute()),
        (':', time.second()),
    ] {
        out.push(before);
        let value = value.unsigned_abs();
        out.push(char::from(b'0' + value / 10));
        out.push(char::from(b'0' + value % 10));
    }
    out.push('Z');
}
