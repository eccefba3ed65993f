"""Signatures and CODE II of issued invoices, for both kinds of keys, by libraries that are not ours."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from harness.command import CONTEXT, SELLER, Desk
from harness.invoices import Facts, code_one, sha256_base64, variants
from harness.reference import complaints, invoice_schema
from harness.shapes import assert_shape
from harness.signatures import CodeTwo, Refused, facts_by_hand, verify_with_signxml, verify_with_xmlsec


@dataclass(frozen=True)
class Issued:
    """All examples issued offline with one kind of key."""

    kind: str
    certificate: x509.Certificate
    invoices: list[dict]
    qr_host: str


@pytest.fixture(scope="module", params=["p256", "rsa"])
def issued(request, tmp_path_factory, shared_simulator) -> Issued:
    folder = tmp_path_factory.mktemp(request.param)
    desk = Desk(folder / "home", folder)
    desk.login(shared_simulator)
    enrolled = desk.enroll(request.param)
    files = variants(folder / "invoices")
    answer = desk.run("issue", *files, "--mode", "offline24").document
    assert_shape("issue", answer)
    assert answer["failed"] == []
    certificate = x509.load_pem_x509_certificate(Path(enrolled["certificate"]).read_bytes())
    return Issued(request.param, certificate, answer["issued"], shared_simulator.qr_host)


def test_the_enrolled_certificate_is_of_the_asked_kind_and_type(issued):
    key = issued.certificate.public_key()
    if issued.kind == "rsa":
        assert isinstance(key, rsa.RSAPublicKey) and key.key_size == 2048
    else:
        assert isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name == "secp256r1"
    usage = issued.certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.content_commitment and not usage.digital_signature


def test_the_stored_copy_is_the_source_byte_for_byte_and_follows_the_schema(issued):
    for invoice in issued.invoices:
        document = Path(invoice["file"]).read_bytes()
        assert document == Path(invoice["source"]).read_bytes()
        assert invoice["invoice_hash"] == sha256_base64(document)
        assert complaints(invoice_schema(), document) == []


def test_the_listing_repeats_what_stands_in_the_document(issued):
    for invoice in issued.invoices:
        facts = Facts.of(Path(invoice["file"]).read_bytes())
        told = Facts(
            invoice["seller_nip"],
            invoice["number"],
            datetime.fromisoformat(invoice["issue_date"]).date(),
            invoice["kind"],
            invoice["gross"],
            invoice["currency"],
        )
        assert told == facts
        assert (invoice["mode"], invoice["status"]) == ("offline24", "signed")


def test_every_signature_verifies_by_hand_by_xmlsec_and_by_signxml(issued):
    for invoice in issued.invoices:
        signature, document = Path(invoice["signature_file"]), Path(invoice["file"])
        facts = facts_by_hand(signature, document)
        assert facts.certificate == issued.certificate
        assert facts.reference == document.name
        assert datetime.now(timezone.utc) - facts.signing_time < timedelta(minutes=15)
        verify_with_xmlsec(signature, document, facts.certificate)
        verify_with_signxml(signature, document.read_bytes(), facts.certificate)


def test_a_signature_holds_for_no_other_invoice_and_no_other_signed_time(issued, tmp_path):
    first, second = issued.invoices[:2]
    signature, document = Path(first["signature_file"]), Path(first["file"])
    swapped = tmp_path / document.name
    swapped.write_bytes(Path(second["file"]).read_bytes())
    with pytest.raises(Refused):
        verify_with_xmlsec(signature, swapped, issued.certificate)
    with pytest.raises(Refused):
        verify_with_signxml(signature, swapped.read_bytes(), issued.certificate)
    text = signature.read_text(encoding="utf-8")
    forged = tmp_path / "forged.xml"
    forged.write_text(text.replace("SigningTime>20", "SigningTime>19"), encoding="utf-8")
    assert forged.read_text(encoding="utf-8") != text
    with pytest.raises(Refused):
        verify_with_xmlsec(forged, document, issued.certificate)


def test_code_one_is_the_link_of_the_published_recipe(issued):
    for invoice in issued.invoices:
        document = Path(invoice["file"]).read_bytes()
        day = Facts.of(document).issue_date
        assert invoice["code_one"] == code_one(issued.qr_host, SELLER, day, hashlib.sha256(document).digest())


def test_code_two_is_signed_by_the_certificate_it_names(issued):
    for invoice in issued.invoices:
        code = CodeTwo.parse(invoice["code_two"])
        assert code.host == issued.qr_host
        assert f"{code.context_type}:{code.context}" == CONTEXT
        assert code.seller == SELLER
        assert code.serial == f"{issued.certificate.serial_number:016X}"
        assert code.digest == hashlib.sha256(Path(invoice["file"]).read_bytes()).digest()
        code.verify(issued.certificate.public_key())


def test_a_code_two_with_another_seller_does_not_verify(issued):
    serial = f"{issued.certificate.serial_number:016X}"
    link = issued.invoices[0]["code_two"].replace(f"/{SELLER}/{serial}", f"/1111111111/{serial}")
    assert link != issued.invoices[0]["code_two"]
    with pytest.raises(Refused):
        CodeTwo.parse(link).verify(issued.certificate.public_key())
