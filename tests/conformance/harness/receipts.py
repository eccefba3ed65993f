"""Receipts (UPO) by lxml, libxml2 and the signature verifiers."""

from __future__ import annotations

import base64

import xmlsec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

import schema
from harness.reference import complaints, receipt_schema, without_signature
from harness.signatures import Refused, one

UPO = {"u": "http://upo.schematy.mf.gov.pl/KSeF/v4-3"}
_RECEIVER = "NazwaPodmiotuPrzyjmujacego"


def enveloped_signer(document: bytes) -> x509.Certificate:
    """Verifies an enveloped signature by xmlsec with the certificate it carries, and returns that."""
    root = etree.fromstring(document)
    signature = one(root, "./ds:Signature")
    der = base64.b64decode(one(signature, "./ds:KeyInfo/ds:X509Data/ds:X509Certificate").text)
    certificate = x509.load_der_x509_certificate(der)
    xmlsec.tree.add_ids(root, ["Id"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(certificate.public_bytes(Encoding.PEM), xmlsec.KeyFormat.CERT_PEM)
    try:
        context.verify(signature)
    except xmlsec.Error as error:
        raise Refused(str(error)) from error
    return certificate


def assert_receipt(upo: bytes, invoice_hash: str, ksef_number: str) -> etree._Element:
    """The receipt is signed, names the invoice by hash and number, and follows the schema where that is at hand.

    The receiver's name is the one place where the Ministry's own Test environment departs from its schema.
    """
    enveloped_signer(upo)
    entries = etree.fromstring(upo).findall("u:Dokument", UPO)
    (entry,) = (e for e in entries if e.findtext("u:SkrotDokumentu", namespaces=UPO) == invoice_hash)
    assert entry.findtext("u:NumerKSeFDokumentu", namespaces=UPO) == ksef_number
    if (schema.data_folder() / "xsd" / "upo-v4-3.xsd").is_file():
        faults = [fault for fault in complaints(receipt_schema(), without_signature(upo)) if _RECEIVER not in fault]
        assert faults == []
    return entry


def crc8(text: str) -> int:
    """The check digits of a KSeF number: CRC-8, polynomial 7, from zero."""
    value = 0
    for byte in text.encode():
        value ^= byte
        for _ in range(8):
            value = (value << 1 ^ 0x07 if value & 0x80 else value << 1) & 0xFF
    return value


def has_right_check_digits(ksef_number: str) -> bool:
    return ksef_number[33:] == f"{crc8(ksef_number[:32]):02X}"
