"""Verifies detached XAdES signatures and CODE II links without any code of ours."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import unquote, urlsplit

import signxml
import xmlsec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.xades import XAdESVerifier

NAMES = {"ds": "http://www.w3.org/2000/09/xmldsig#", "xades": "http://uri.etsi.org/01903/v1.3.2#"}
SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"


class Refused(Exception):
    """A verifier did not accept a signature."""


@dataclass(frozen=True)
class XadesFacts:
    """What a XAdES document says of itself, checked where it can be checked by hand."""

    certificate: x509.Certificate
    signing_time: datetime
    reference: str


def one(node: etree._Element, path: str) -> etree._Element:
    """The single node at a path."""
    found = node.xpath(path, namespaces=NAMES)
    assert len(found) == 1, f"{path}: {len(found)} nodes"
    return found[0]


def facts_by_hand(signature: Path, document: Path) -> XadesFacts:
    """Checks digests, certificate properties and shape with hashlib and lxml alone; no signature value yet."""
    root = etree.parse(str(signature)).getroot()
    assert root.tag == f"{{{NAMES['ds']}}}Signature"
    references = root.findall("ds:SignedInfo/ds:Reference", NAMES)
    assert len(references) == 2, "one reference for the invoice, one for the signed properties"
    (external,) = (r for r in references if not r.get("URI").startswith("#"))
    (internal,) = (r for r in references if r.get("URI").startswith("#"))
    assert external.find("ds:Transforms", NAMES) is None, "the invoice is hashed as bytes, not as XML"
    assert one(external, "ds:DigestMethod").get("Algorithm") == SHA256
    assert one(external, "ds:DigestValue").text == base64.b64encode(hashlib.sha256(document.read_bytes()).digest()).decode()
    assert internal.get("Type") == SIGNED_PROPERTIES
    properties = one(root, ".//xades:SignedProperties")
    assert internal.get("URI") == "#" + properties.get("Id")
    assert one(root, ".//xades:QualifyingProperties").get("Target") == "#" + root.get("Id")
    assert one(properties, ".//xades:DataObjectFormat").get("ObjectReference") == "#" + external.get("Id")

    der = base64.b64decode(one(root, "ds:KeyInfo/ds:X509Data/ds:X509Certificate").text)
    certificate = x509.load_der_x509_certificate(der)
    cert = one(properties, ".//xades:SigningCertificate/xades:Cert | .//xades:SigningCertificateV2/xades:Cert")
    assert one(cert, "xades:CertDigest/ds:DigestMethod").get("Algorithm") == SHA256
    assert one(cert, "xades:CertDigest/ds:DigestValue").text == base64.b64encode(hashlib.sha256(der).digest()).decode()
    for serial in cert.findall(".//ds:X509SerialNumber", NAMES):
        assert int(serial.text) == certificate.serial_number, "X509SerialNumber is decimal"
    for issuer in cert.findall(".//ds:X509IssuerName", NAMES):
        assert _same_name(issuer.text, certificate.issuer)
    when = datetime.fromisoformat(one(properties, ".//xades:SigningTime").text.replace("Z", "+00:00"))
    assert when.tzinfo is not None and when <= datetime.now(timezone.utc)
    return XadesFacts(certificate, when, unquote(external.get("URI")))


def verify_with_xmlsec(signature: Path, document: Path, certificate: x509.Certificate) -> None:
    """The xmlsec library resolves the external reference itself, relative to the folder the invoice lies in."""
    root = etree.fromstring(signature.read_bytes())
    xmlsec.tree.add_ids(root, ["Id"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(certificate.public_bytes(Encoding.PEM), xmlsec.KeyFormat.CERT_PEM)
    before = Path.cwd()
    os.chdir(document.parent)
    try:
        context.verify(root)
    except xmlsec.Error as error:
        raise Refused(str(error)) from error
    finally:
        os.chdir(before)


def verify_with_signxml(signature: Path, document: bytes, certificate: x509.Certificate) -> None:
    """The signxml package checks the signature and the XAdES properties; it is handed the invoice's bytes."""
    try:
        results = XAdESVerifier().verify(
            signature.read_bytes(),
            x509_cert=certificate,
            expect_references=2,
            uri_resolver=lambda _uri: document,
        )
    except (signxml.exceptions.InvalidInput, signxml.exceptions.InvalidSignature) as error:
        raise Refused(str(error)) from error
    assert len(results) == 2


@dataclass(frozen=True)
class CodeTwo:
    """A CODE II link in its segments."""

    host: str
    context_type: str
    context: str
    seller: str
    serial: str
    digest: bytes
    signature: bytes
    signed_text: bytes

    @classmethod
    def parse(cls, link: str) -> CodeTwo:
        parts = urlsplit(link)
        assert parts.scheme == "https" and not parts.query and not parts.fragment
        kind, context_type, context, seller, serial, digest, signature = parts.path.removeprefix("/").split("/")
        assert kind == "certificate"
        signed = link.removeprefix("https://").rsplit("/", 1)[0].encode()
        return cls(parts.netloc, context_type, context, seller, serial, base64url(digest), base64url(signature), signed)

    def verify(self, key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey, encoding: str | None = None) -> None:
        """RSASSA-PSS with a 32-byte salt, or ECDSA: the two numbers side by side unless `encoding` says DER."""
        try:
            if isinstance(key, rsa.RSAPublicKey):
                pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
                key.verify(self.signature, self.signed_text, pss, hashes.SHA256())
            elif encoding == "ecdsa-der":
                key.verify(self.signature, self.signed_text, ec.ECDSA(hashes.SHA256()))
            else:
                assert len(self.signature) == 64, "r and s have 32 bytes each"
                r, s = (int.from_bytes(half, "big") for half in (self.signature[:32], self.signature[32:]))
                key.verify(encode_dss_signature(r, s), self.signed_text, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature as error:
            raise Refused("CODE II") from error


def base64url(text: str) -> bytes:
    """Decodes Base64URL without padding and insists on its one canonical spelling."""
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    assert base64.urlsafe_b64encode(raw).rstrip(b"=").decode() == text, "not canonical Base64URL"
    return raw


def _same_name(written: str, name: x509.Name) -> bool:
    """Whether an issuer name written as text means this name.

    Types without a short name in RFC 4514 stand as OIDs, their values as text or as `#` and hexadecimal DER.
    """
    return sorted(_attributes(written)) == sorted(_attributes(name.rfc4514_string()))


def _attributes(written: str) -> list[tuple[str, str]]:
    short = {"2.5.4.97": "organizationIdentifier", "2.5.4.5": "serialNumber", "2.5.4.4": "SN", "2.5.4.42": "GN"}
    found = []
    for attribute in re.split(r"(?<!\\)[,+]", written):
        kind, value = attribute.strip().split("=", 1)
        if value.startswith("#"):
            # A DER string: tag and length, then the text.
            value = bytes.fromhex(value[1:])[2:].decode()
        found.append((short.get(kind, kind).lower(), re.sub(r"\\(.)", r"\1", value)))
    return found
