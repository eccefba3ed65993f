"""Makes and verifies XAdES of every kind: ours by the example `xades` of core, others' by `xmlsec` and `signxml`."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path

import signxml
import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.xades import XAdESVerifier

import mutate
from harness.command import Desk
from harness.signatures import NAMES, SIGNED_PROPERTIES, Refused, one

FORMS = {
    "exclusive": "http://www.w3.org/2001/10/xml-exc-c14n#",
    "inclusive-1.0": "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "inclusive-1.1": "http://www.w3.org/2006/12/xml-c14n11",
}
DIGESTS = {
    "sha256": "http://www.w3.org/2001/04/xmlenc#sha256",
    "sha384": "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "sha512": "http://www.w3.org/2001/04/xmlenc#sha512",
}
METHODS = {
    "rsa": [f"{scheme}-{digest}" for scheme in ("pkcs1", "pss") for digest in DIGESTS],
    "p256": [f"ecdsa-{digest}" for digest in DIGESTS],
    "p384": [f"ecdsa-{digest}" for digest in DIGESTS],
}
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
BASE64 = "http://www.w3.org/2000/09/xmldsig#base64"


@dataclass(frozen=True)
class Identity:
    """A key with its self-signed certificate, in memory and in files."""

    kind: str
    certificate: x509.Certificate
    certificate_file: Path
    key_file: Path

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)


def identity(folder: Path, kind: str, starts: int = -1, ends: int = 365, digest=None) -> Identity:
    """A new one; the name has everything that needs escaping, and an attribute that few know by name."""
    key = {
        "rsa": lambda: rsa.generate_private_key(65537, 2048),
        "rsa-1024": lambda: rsa.generate_private_key(65537, 1024),
        "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    }[kind]()
    now = datetime.now(timezone.utc)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "PL"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, 'Młyn "Żuraw" & <Syn>, sp. z o.o.; #1 + 2'),
            x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, "VATPL-5265877635"),
            x509.NameAttribute(NameOID.EMAIL_ADDRESS, "biuro@example.pl"),
            x509.NameAttribute(NameOID.COMMON_NAME, " Łódka\\ "),
        ]
    )
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 0x00A1B2C3D4E5F60718293A)
        .not_valid_before(now + timedelta(days=starts))
        .not_valid_after(now + timedelta(days=ends))
        .sign(key, digest or hashes.SHA256())
    )
    certificate_file, key_file = folder / f"{kind}.crt", folder / f"{kind}.key"
    certificate_file.write_bytes(certificate.public_bytes(Encoding.PEM))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return Identity(kind, certificate, certificate_file, key_file)


@cache
def program() -> Path:
    """The example of core that signs and canonicalises."""
    return mutate.core_example("xades")


def ours(signer: Identity, packaging: str, file: Path, profile="bes", form="exclusive", digest="sha256", method=None, said=False) -> bytes:
    """A signature made by this library."""
    choice = (packaging, profile, form, digest, method or METHODS[signer.kind][0])
    files = (str(signer.certificate_file), str(signer.key_file), str(file))
    words = [str(program()), "sign", *choice, *files, *(["said"] if said else [])]
    done = subprocess.run(words, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def canonical(form: str, documents: list[bytes], *identifier: str) -> list[bytes]:
    """What this library writes for each document, or for its one element with that Id."""
    bundle = b"".join(b"%d\n%s" % (len(document), document) for document in documents)
    done = subprocess.run([str(program()), "canonical", form, *identifier], input=bundle, capture_output=True, check=True)
    written, rest = [], done.stdout
    while rest:
        size, _, rest = rest.partition(b"\n")
        assert size != b"error", f"document {len(written)} is refused"
        written.append(rest[: int(size)])
        rest = rest[int(size) :]
    assert len(written) == len(documents)
    return written


def xmlsec_accepts(signed: bytes, certificate: x509.Certificate, folder: Path) -> None:
    """The xmlsec library verifies a signature of any packaging; a detached one refers to a file in `folder`."""
    root = etree.fromstring(signed)
    xmlsec.tree.add_ids(root, ["Id"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(certificate.public_bytes(Encoding.PEM), xmlsec.KeyFormat.CERT_PEM)
    before = Path.cwd()
    os.chdir(folder)
    try:
        context.verify(one(root, "descendant-or-self::ds:Signature"))
    except xmlsec.Error as error:
        raise Refused(str(error)) from error
    finally:
        os.chdir(before)


def signxml_accepts(signed: bytes, certificate: x509.Certificate, document: bytes) -> None:
    """The signxml package verifies the signature and the XAdES properties."""
    try:
        XAdESVerifier().verify(signed, x509_cert=certificate, expect_references=2, uri_resolver=lambda _uri: document)
    except (signxml.exceptions.InvalidInput, signxml.exceptions.InvalidSignature) as error:
        raise Refused(str(error)) from error


def verify(desk: Desk, file: Path, *more: object) -> dict:
    """What `verify signature` prints; its exit code must agree with its verdict."""
    outcome = desk.run("verify", "signature", file, *more, expect=None)
    assert set(outcome.document) == {"valid", "checks", "trusted"}, outcome
    assert outcome.code == (0 if outcome.document["valid"] else 1), outcome
    assert all(set(check) == {"name", "passed", "detail"} for check in outcome.document["checks"]), outcome
    assert outcome.document["valid"] == all(check["passed"] for check in outcome.document["checks"]), outcome
    return outcome.document


def failed(report: dict) -> list[str]:
    """The names of the checks that do not hold."""
    return [check["name"] for check in report["checks"] if not check["passed"]]


def foreign(
    signer: Identity,
    packaging: str,
    content: bytes,
    *,
    uri: str = "invoice.xml",
    form: str = "inclusive-1.0",
    digest: str = "sha256",
    method=xmlsec.constants.TransformEcdsaSha256,
    version: str = "",
    chain: tuple[bytes, ...] = (),
    key_info_signed: bool = False,
    unsigned: str = "",
    document_transforms: str | None = None,
    issuer_serial: str = "",
    signing_time: datetime | None = None,
    certificate_digest: str = "sha256",
    folder: Path = Path(),
) -> bytes:
    """A XAdES signature as other programs write it, with digests and value by xmlsec."""
    at = (signing_time or datetime.now(timezone.utc)).strftime("%Y-%m-%dT%H:%M:%S.123+00:00")
    b64 = lambda data: base64.b64encode(data).decode()  # noqa: E731
    wrapped = lambda data: "\n".join(b64(data)[at : at + 64] for at in range(0, len(b64(data)), 64))  # noqa: E731
    hashed = lambda data: b64(hashlib.new(certificate_digest, data).digest())  # noqa: E731
    digest_method = f'<ds:DigestMethod Algorithm="{DIGESTS[digest]}"/>'
    cert_method = f'<ds:DigestMethod Algorithm="{DIGESTS.get(certificate_digest, "http://www.w3.org/2000/09/xmldsig#sha1")}"/>'
    transform = lambda algorithm: f'<ds:Transform Algorithm="{algorithm}"/>'  # noqa: E731
    kinds = {
        "detached": (f'URI="{uri}"', "", ""),
        "enveloping": ('URI="#o-1" Type="http://www.w3.org/2000/09/xmldsig#Object"', transform(BASE64), f'<ds:Object Id="o-1">{wrapped(content)}</ds:Object>'),
        "enveloping-xml": ('URI="#o-1"', transform(FORMS[form]), f'<ds:Object Id="o-1">{content.decode()}</ds:Object>'),
        "enveloped": ('URI=""', transform(ENVELOPED) + transform(FORMS[form]), ""),
    }
    reference, transforms, carried = kinds[packaging]
    transforms = transforms if document_transforms is None else document_transforms
    listed = f"<ds:Transforms>{transforms}</ds:Transforms>" if transforms else ""
    reference_of = lambda target, more: (  # noqa: E731
        f'<ds:Reference {more} URI="#{target}"><ds:Transforms>{transform(FORMS[form])}</ds:Transforms>'
        f"{digest_method}<ds:DigestValue/></ds:Reference>"
    )
    of_key_info = reference_of("k-1", "") if key_info_signed else ""
    certificates = "".join(f"<ds:X509Certificate>\n{wrapped(der)}\n</ds:X509Certificate>" for der in (*chain, signer.der))
    signature = f"""<ds:Signature xmlns:ds="{NAMES["ds"]}" Id="s-1">
  <ds:SignedInfo>
    <ds:CanonicalizationMethod Algorithm="{FORMS[form]}"/>
    <ds:SignatureMethod Algorithm="{method.href}"/>
    <ds:Reference Id="r-1" {reference}>{listed}{digest_method}<ds:DigestValue/></ds:Reference>
    {reference_of("p-1", f'Type="{SIGNED_PROPERTIES}"')}{of_key_info}
  </ds:SignedInfo>
  <ds:SignatureValue/>
  <ds:KeyInfo Id="k-1"><ds:X509Data>{certificates}</ds:X509Data></ds:KeyInfo>
  {carried}
  <ds:Object><xades:QualifyingProperties xmlns:xades="{NAMES["xades"]}" Target="#s-1"><xades:SignedProperties Id="p-1">
    <xades:SignedSignatureProperties><xades:SigningTime>{at}</xades:SigningTime>
      <xades:SigningCertificate{version}><xades:Cert><xades:CertDigest>{cert_method}<ds:DigestValue>{hashed(signer.der)}</ds:DigestValue>
      </xades:CertDigest>{issuer_serial}</xades:Cert></xades:SigningCertificate{version}>
    </xades:SignedSignatureProperties></xades:SignedProperties>{unsigned}</xades:QualifyingProperties></ds:Object>
</ds:Signature>"""
    if packaging == "enveloped":
        root = etree.fromstring(content)
        root.append(etree.fromstring(signature))
    else:
        root = etree.fromstring(signature)
    xmlsec.tree.add_ids(root, ["Id"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_file(str(signer.key_file), xmlsec.KeyFormat.PEM)
    before = Path.cwd()
    os.chdir(folder)
    try:
        context.sign(one(root, "descendant-or-self::ds:Signature[@Id='s-1']"))
    finally:
        os.chdir(before)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)
