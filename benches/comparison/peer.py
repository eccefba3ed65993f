"""The same work by ksef-client, as its users do it."""

from __future__ import annotations

import base64
import copy
import functools
import hashlib
import re
import time
from pathlib import Path

import ksef_client.services.verification_link as links
import xmlsec
from ksef_client.config import KsefClientOptions
from ksef_client.documents.fa3.xml import validate_fa3_xml_xsd
from ksef_client.services.batch import encrypt_batch_parts
from ksef_client.services.crypto import generate_iv, generate_symmetric_key
from ksef_client.services.qr import add_label_to_qr, generate_qr_png
from ksef_client.services.xades import sign_xades_enveloped
from ksef_client.utils.zip_utils import build_tar_gz

KEYS = Path(__file__).resolve().parents[2] / "tests" / "vectors" / "keys"
FILES = {"p256": ("p256-offline.crt", "p256-pkcs8.pem"), "rsa2048": ("rsa-offline.crt", "rsa-pkcs1.pem")}
LINKS = links.VerificationLinkService(KsefClientOptions(base_url="https://api-test.ksef.mf.gov.pl"))

# "Key held": it would load the key from PEM for each signature; we let it keep the loaded key, as ours does.
links.load_private_key = functools.lru_cache(links.load_private_key)


class _HeldKey:
    """xmlsec.Key that parses each PEM once and hands out copies."""

    _held = functools.lru_cache(xmlsec.Key.from_memory)

    @classmethod
    def from_memory(cls, *arguments):
        return copy.copy(cls._held(*arguments))


xmlsec.Key = _HeldKey


class Issuer:
    """An Offline certificate and its key."""

    def __init__(self, kind: str) -> None:
        self.certificate, self.key = ((KEYS / name).read_text() for name in FILES[kind])

    def codes(self, xml: bytes) -> None:
        """XAdES and both links."""
        text = xml.decode()
        sign_xades_enveloped(text, self.certificate, self.key)
        digest = base64.b64encode(hashlib.sha256(xml).digest()).decode()
        seller = re.search(r"<NIP>(\d+)", text).group(1)
        LINKS.build_invoice_verification_url(seller, re.search(r"<P_1>([^<]+)", text).group(1), digest)
        LINKS.build_certificate_verification_url(
            seller_nip=seller,
            context_identifier_type="Nip",
            context_identifier_value=seller,
            certificate_serial="01635E98D9669239",
            invoice_hash=digest,
            private_key_pem=self.key,
        )

    def issue(self, xml: bytes) -> None:
        """The same after validation by the schema."""
        validate_fa3_xml_xsd(xml)
        self.codes(xml)


def pictures(one: str, two: str) -> None:
    """Both codes as PNG with captions, at the scale it takes where nobody asks."""
    for link, caption in ((one, "OFFLINE"), (two, "CERTYFIKAT")):
        add_label_to_qr(generate_qr_png(link, box_size=10), caption)


def package(files: list[Path]) -> int:
    """A TarGz package encrypted and hashed; returns the bytes of invoices in it."""
    contents = {file.name: file.read_bytes() for file in files}
    encrypt_batch_parts(build_tar_gz(contents), generate_symmetric_key(), generate_iv())
    return sum(map(len, contents.values()))


def per_call(work, seconds: float) -> float:
    """Seconds of the processor that a call takes, the mean of at least `seconds`."""
    work()
    calls, start, wall = 0, time.process_time(), time.perf_counter()
    while time.perf_counter() - wall < seconds:
        work()
        calls += 1
    return (time.process_time() - start) / calls
