"""XAdES in every packaging, profile, algorithm and canonical form: ours before other verifiers, others' before ours."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import signxml
import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.xades import XAdESSigner

from harness.command import Desk
from harness.invoices import variants
from harness.receipts import enveloped_signer
from harness.reference import REPOSITORY, without_signature
from harness.signatures import NAMES, Refused, one
from harness.xades import (
    ENVELOPED,
    FORMS,
    METHODS,
    Identity,
    failed,
    foreign,
    identity,
    ours,
    signxml_accepts,
    verify,
    xmlsec_accepts,
)

LOGIN = (
    b'<?xml version="1.0"?>\n<AuthTokenRequest xmlns="http://ksef.mf.gov.pl/auth/token/2.1" xmlns:u="urn:unused">\n'
    b"  <Challenge a='&#9;&quot;'>20250514-CR-226FB7B000-3ACF9BE4C0-10</Challenge><!-- c --><u:x/>\r\n</AuthTokenRequest>\n"
)
WITH_XML_ATTRIBUTES = LOGIN.replace(b"<AuthTokenRequest ", b"<AuthTokenRequest xml:lang='pl' xml:space='preserve' xml:base='https://a.pl/' ")
MATRIX = [(kind, method) for kind, methods in METHODS.items() for method in methods]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Holds an invoice and a login document beside which signatures are laid."""
    folder = tmp_path_factory.mktemp("xades")
    (folder / "invoice.xml").write_bytes((REPOSITORY / "examples/invoices/01-vat-domestic.xml").read_bytes())
    (folder / "login.xml").write_bytes(LOGIN)
    (folder / "attributes.xml").write_bytes(WITH_XML_ATTRIBUTES)
    return folder


@pytest.fixture(scope="module")
def identities(folder) -> dict[str, Identity]:
    return {kind: identity(folder, kind) for kind in METHODS}


@pytest.fixture(scope="module")
def desk(folder) -> Desk:
    """No home: what is verified needs none."""
    return Desk(folder / "home", folder)


def laid(folder: Path, signed: bytes, name: str = "signed.xml") -> Path:
    file = folder / name
    file.write_bytes(signed)
    return file


@pytest.mark.parametrize("profile", ["bes", "baseline-b"])
@pytest.mark.parametrize("kind, method", MATRIX)
def test_every_combination_is_accepted_by_xmlsec_and_signxml(folder, identities, kind, method, profile):
    signer, invoice = identities[kind], folder / "invoice.xml"
    digest = method.rsplit("-")[-1]
    for form in FORMS:
        for packaging, file in [("detached", "invoice.xml"), ("enveloping", "invoice.xml"), ("enveloped", "login.xml")]:
            signed = ours(signer, packaging, folder / file, profile, form, digest, method, said=form != "exclusive")
            xmlsec_accepts(signed, signer.certificate, folder)
            # Its verifier needs a transform of the signed properties that it applies to a copy without the document
            # around it: what an inclusive form inherits is then missing.
            if packaging != "enveloped" or form == "exclusive":
                signxml_accepts(signed, signer.certificate, invoice.read_bytes())
        # Attributes that the inclusive forms inherit.
        signed = ours(signer, "enveloped", folder / "attributes.xml", profile, form, digest, method)
        xmlsec_accepts(signed, signer.certificate, folder)


def test_the_signature_follows_the_schema_of_xml_signatures_and_the_order_of_xades(folder, identities):
    schemas = Path(signxml.__file__).parent / "schemas"
    schema = etree.XMLSchema(etree.parse(str(schemas / "xmldsig1-schema.xsd")))
    for profile, version in [("bes", ""), ("baseline-b", "V2")]:
        for packaging, file in [("detached", "invoice.xml"), ("enveloping", "invoice.xml"), ("enveloped", "login.xml")]:
            root = etree.fromstring(ours(identities["rsa"], packaging, folder / file, profile, said=True))
            signature = one(root, "descendant-or-self::ds:Signature")
            schema.assertValid(etree.fromstring(etree.tostring(signature)))
            properties = one(signature, ".//xades:SignedSignatureProperties")
            assert [etree.QName(child).localname for child in properties] == [
                "SigningTime",
                f"SigningCertificate{version}",
                "SignaturePolicyIdentifier",
                f"SignatureProductionPlace{version}",
                f"SignerRole{version}",
            ]
            roles = [role.text for role in properties.iterfind(".//xades:ClaimedRole", NAMES)]
            assert roles == ["Główna księgowa", '<pełnomocnik> & "prokurent"']
            target = one(signature, ".//xades:DataObjectFormat").get("ObjectReference")
            assert one(signature, f"ds:SignedInfo/ds:Reference[@Id='{target[1:]}']") is not None


def test_detached_and_enveloping_sign_the_hash_of_code_one(folder, identities):
    invoice = (folder / "invoice.xml").read_bytes()
    digest = base64.b64encode(hashlib.sha256(invoice).digest()).decode()
    for packaging in ("detached", "enveloping"):
        root = etree.fromstring(ours(identities["p256"], packaging, folder / "invoice.xml"))
        assert root.findtext("ds:SignedInfo/ds:Reference/ds:DigestValue", namespaces=NAMES) == digest
    assert base64.b64decode(one(root, "ds:Object[@Encoding]").text) == invoice


def test_our_own_are_verified_by_the_command_line(folder, identities, desk):
    for kind, signer in identities.items():
        for packaging, file in [("detached", "invoice.xml"), ("enveloping", "invoice.xml"), ("enveloped", "login.xml")]:
            signed = laid(folder, ours(signer, packaging, folder / file, "baseline-b", "inclusive-1.1", "sha512"))
            assert verify(desk, signed, "--invoice", folder / file)["valid"], (kind, packaging)
            # A detached signature finds the file it names; the others need none.
            assert verify(desk, signed)["valid"]
            trusted = [verify(desk, signed, "--trust", identities[other].certificate_file)["trusted"] for other in identities]
            assert trusted == [other == kind for other in identities]
            assert verify(desk, signed)["trusted"] is None


def test_a_signature_for_another_invoice_is_refused(folder, identities, desk):
    other = laid(folder, (folder / "invoice.xml").read_bytes() + b"\n", "other.xml")
    for packaging, check in [("detached", "document"), ("enveloping", "invoice")]:
        signed = laid(folder, ours(identities["p256"], packaging, folder / "invoice.xml"))
        assert failed(verify(desk, signed, "--invoice", other)) == [check]


@pytest.mark.parametrize("algorithm", ["RSA_SHA256", "RSA_SHA512", "SHA384_RSA_MGF1", "ECDSA_SHA256", "ECDSA_SHA384"])
@pytest.mark.parametrize("method", ["enveloped", "enveloping", "detached"])
def test_signatures_of_signxml_verify(folder, identities, desk, method, algorithm):
    signer = identities["rsa" if "RSA" in algorithm else "p384" if algorithm.endswith("384") else "p256"]
    for form in ("CANONICAL_XML_1_0", "CANONICAL_XML_1_1"):
        maker = XAdESSigner(
            method=signxml.SignatureConstructionMethod[method],
            signature_algorithm=signxml.SignatureMethod[algorithm],
            digest_algorithm=signxml.DigestAlgorithm.SHA384,
            c14n_algorithm=signxml.CanonicalizationMethod[form],
            claimed_roles=["szef"],
        )
        references = [signxml.SignatureReference(URI="invoice.xml")] if method == "detached" else None
        invoice = etree.parse(str(folder / "invoice.xml")).getroot()
        signed = maker.sign(
            invoice,
            key=signer.key_file.read_bytes(),
            cert=signer.certificate.public_bytes(Encoding.PEM).decode(),
            reference_uri=references,
        )
        file = laid(folder, etree.tostring(signed))
        report = verify(desk, file)
        assert report["valid"], report


def issuer_serial_v2(signer: Identity) -> str:
    """IssuerSerial of RFC 5035 in Base64: the issuer as a directoryName, and the serial number."""

    def der(tag: int, content: bytes) -> bytes:
        size = len(content)
        length = bytes([size]) if size < 128 else bytes([0x81, size]) if size < 256 else bytes([0x82, size >> 8, size & 255])
        return bytes([tag]) + length + content

    serial = signer.certificate.serial_number
    number = serial.to_bytes(serial.bit_length() // 8 + 1, "big")
    issuer = der(0x30, der(0xA4, signer.certificate.issuer.public_bytes()))
    value = base64.b64encode(der(0x30, issuer + der(0x02, number))).decode()
    return f"<xades:IssuerSerialV2>{value}</xades:IssuerSerialV2>"


def issuer_serial(name: str, serial: int) -> str:
    name = name.replace("&", "&amp;").replace("<", "&lt;")
    return (
        f"<xades:IssuerSerial><ds:X509IssuerName>{name}</ds:X509IssuerName>"
        f"<ds:X509SerialNumber>{serial}</ds:X509SerialNumber></xades:IssuerSerial>"
    )


UNSIGNED = (
    "<xades:UnsignedProperties><xades:UnsignedSignatureProperties><xades:SignatureTimeStamp>"
    "<xades:EncapsulatedTimeStamp>AAAA</xades:EncapsulatedTimeStamp></xades:SignatureTimeStamp><xades:CounterSignature>"
    '<ds:Signature Id="counter"><ds:SignedInfo/></ds:Signature></xades:CounterSignature>'
    "</xades:UnsignedSignatureProperties></xades:UnsignedProperties>"
)


@pytest.mark.parametrize("packaging", ["detached", "enveloping", "enveloping-xml", "enveloped"])
def test_what_other_programs_write_verifies(folder, identities, desk, packaging):
    signer, rsa = identities["p256"], identities["rsa"]
    invoice = (folder / "invoice.xml").read_bytes()
    content = invoice.split(b"?>", 1)[1] if packaging == "enveloping-xml" else invoice
    serial = signer.certificate.serial_number
    rfc4514 = signer.certificate.issuer.rfc4514_string()
    for case in [
        {},
        {"form": "exclusive", "digest": "sha512", "version": "V2"},
        {"form": "inclusive-1.1", "version": "V2", "issuer_serial": issuer_serial_v2(signer)},
        {"chain": (identities["rsa"].der, identities["p384"].der), "key_info_signed": True},
        {"unsigned": UNSIGNED, "issuer_serial": issuer_serial(rfc4514, serial)},
        {"certificate_digest": "sha384"},
    ]:
        signed = foreign(signer, packaging, content, folder=folder, **case)
        xmlsec_accepts(signed.replace(UNSIGNED.encode(), b""), signer.certificate, folder)
        report = verify(desk, laid(folder, signed), "--trust", signer.certificate_file)
        assert report["valid"] and report["trusted"], (case, report)
    signed = foreign(rsa, packaging, content, folder=folder, method=xmlsec.constants.TransformRsaSha384)
    assert verify(desk, laid(folder, signed))["valid"]


def test_what_an_other_program_must_not_do_is_refused_for_its_reason(folder, identities, desk):
    signer = identities["p256"]
    invoice = (folder / "invoice.xml").read_bytes()
    serial = signer.certificate.serial_number
    transform = lambda algorithm, content="": f'<ds:Transform Algorithm="{algorithm}">{content}</ds:Transform>'  # noqa: E731
    xpath = transform("http://www.w3.org/TR/1999/REC-xpath-19991116", "<ds:XPath>not(ancestor-or-self::ds:Signature)</ds:XPath>")
    now = datetime.now(timezone.utc)
    for case, checks in [
        ({"document_transforms": xpath + transform(FORMS["exclusive"])}, ["algorithms"]),
        ({"document_transforms": transform(ENVELOPED) + xpath}, ["algorithms"]),
        ({"document_transforms": transform(ENVELOPED) + transform(ENVELOPED)}, ["algorithms"]),
        ({"issuer_serial": issuer_serial(signer.certificate.issuer.rfc4514_string(), serial + 1)}, ["certificate"]),
        ({"issuer_serial": issuer_serial("CN=Someone else", serial)}, ["certificate"]),
        ({"certificate_digest": "sha1"}, ["certificate"]),
        ({"signing_time": now + timedelta(days=400)}, ["signing-time"]),
        ({"signing_time": now - timedelta(days=40)}, ["signing-time"]),
    ]:
        signed = foreign(signer, "enveloped", invoice, folder=folder, **case)
        report = verify(desk, laid(folder, signed))
        assert failed(report) == checks, (case, report)


def test_weak_keys_and_algorithms_are_refused(folder, identities, desk):
    invoice = (folder / "invoice.xml").read_bytes()
    short = identity(folder, "rsa-1024")
    signed = foreign(short, "enveloped", invoice, folder=folder, method=xmlsec.constants.TransformRsaSha256)
    assert failed(verify(desk, laid(folder, signed))) == ["certificate"]
    for method in (xmlsec.constants.TransformRsaSha1, xmlsec.constants.TransformRsaSha224):
        signed = foreign(identities["rsa"], "enveloped", invoice, folder=folder, method=method)
        assert failed(verify(desk, laid(folder, signed))) == ["algorithms"]


def test_a_certificate_that_had_expired_is_refused(folder, desk, tmp_path):
    expired = identity(tmp_path, "p256", starts=-20, ends=-10, digest=hashes.SHA384())
    signed = ours(expired, "detached", folder / "invoice.xml")
    xmlsec_accepts(signed, expired.certificate, folder)
    assert failed(verify(desk, laid(folder, signed))) == ["signing-time"]


def test_one_flipped_byte_is_accepted_only_where_xmlsec_finds_nothing_either(folder, identities, desk):
    signer = identities["p256"]
    signed = ours(signer, "enveloped", folder / "login.xml")
    accepted = 0
    for position in range(0, len(signed), 37):
        flipped = bytearray(signed)
        flipped[position] ^= 1
        if verify(desk, laid(folder, bytes(flipped)))["valid"]:
            accepted += 1
            try:
                xmlsec_accepts(bytes(flipped), signer.certificate, folder)
            except (Refused, etree.XMLSyntaxError) as error:
                raise AssertionError(f"byte {position}: {flipped[position - 20:position + 20]}") from error
    assert accepted < 5


@pytest.fixture
def container(folder, identities) -> bytes:
    """An ASiC-S container by another writer of archives, with our signature."""
    signed = etree.fromstring(ours(identities["p256"], "detached", folder / "invoice.xml"))
    root = etree.Element("{http://uri.etsi.org/02918/v1.2.1#}XAdESSignatures")
    root.append(signed)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", "application/vnd.etsi.asic-s+zip")
        archive.write(folder / "invoice.xml", "invoice.xml", zipfile.ZIP_DEFLATED)
        archive.writestr("META-INF/signatures.xml", etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
    return buffer.getvalue()


def test_a_container_of_another_writer_verifies(folder, desk, container):
    file = laid(folder, container, "foreign.asics")
    assert verify(desk, file, "--invoice", folder / "invoice.xml")["valid"]
    assert failed(verify(desk, file, "--invoice", folder / "login.xml")) == ["invoice"]


def test_an_exported_container_opens_with_zipfile_and_verifies_with_xmlsec(shared_desk, desk, tmp_path):
    source = variants(tmp_path / "invoices")[0]
    (issued,) = shared_desk.run("issue", source, "--mode", "offline24").document["issued"]
    exported = Path(shared_desk.run("export", issued["id"], "--out", tmp_path / "invoice.asics").document["file"])
    with zipfile.ZipFile(exported) as archive:
        first, document, signatures = archive.infolist()
        assert (first.filename, first.compress_type, first.extra) == ("mimetype", zipfile.ZIP_STORED, b"")
        assert archive.read(first) == b"application/vnd.etsi.asic-s+zip"
        assert exported.read_bytes()[38:69] == archive.read(first)
        assert signatures.filename == "META-INF/signatures.xml"
        assert document.filename == Path(issued["file"]).name
        archive.extract(document, tmp_path)
        root = etree.fromstring(archive.read(signatures))
    assert root.tag == "{http://uri.etsi.org/02918/v1.2.1#}XAdESSignatures"
    der = base64.b64decode(one(root, ".//ds:X509Certificate").text)
    xmlsec_accepts(etree.tostring(root), x509.load_der_x509_certificate(der), tmp_path)
    assert (tmp_path / document.filename).read_bytes() == source.read_bytes()
    assert verify(desk, exported, "--invoice", source)["valid"]


def test_a_receipt_is_judged_check_by_check(shared_desk, desk, identities, tmp_path):
    first, second = variants(tmp_path / "invoices")[:2]
    issued = shared_desk.run("issue", first, second, "--mode", "offline24").document["issued"]
    shared_desk.run("send")
    receipt = tmp_path / "receipt.xml"
    shared_desk.run("receipt", issued[0]["id"], "--out", receipt)
    upo = receipt.read_bytes()
    seal = enveloped_signer(upo)
    anchor = tmp_path / "seal.pem"
    anchor.write_bytes(seal.public_bytes(Encoding.PEM))

    def judged(file: Path, *more: object, code: int = 0) -> dict:
        return desk.run("verify", "receipt", file, *more, expect=code).document

    report = judged(receipt, "--invoice", first, "--trust", anchor)
    assert report["valid"] and report["trusted"]
    assert [check["name"] for check in report["checks"][-5:]] == ["invoice", "ksef-number", "seller", "invoice-number", "issue-date"]
    assert judged(receipt)["trusted"] is None
    assert judged(receipt, "--trust", identities["p256"].certificate_file)["trusted"] is False
    stranger = tmp_path / "stranger.xml"
    stranger.write_bytes(Path(first).read_bytes() + b"\n")
    assert failed(judged(receipt, "--invoice", stranger, code=1)) == ["invoice"]
    forged = tmp_path / "forged.xml"
    forged.write_bytes(upo.replace(b"<TrybWysylki>Offline<", b"<TrybWysylki>Online<"))
    assert forged.read_bytes() != upo
    assert failed(judged(forged, code=1)) == ["document"]
    unsigned = tmp_path / "unsigned.xml"
    unsigned.write_bytes(etree.tostring(without_signature(upo)))
    assert failed(judged(unsigned, code=1)) == ["structure"]
    assert failed(judged(first, code=1)) == ["receipt", "structure"]
