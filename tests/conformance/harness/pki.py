"""Makes keys and certificates with OpenSSL: good ones, and ones with exactly one thing wrong."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from harness.command import SELLER

OFFLINE, AUTHENTICATION = "offline", "authentication"


def new_key() -> ec.EllipticCurvePrivateKey:
    """A P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def certificate(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    usage: str = OFFLINE,
    starts: int = -1,
    ends: int = 365,
    serial: int = 0x0102030405060708,
    nip: str = SELLER,
) -> x509.Certificate:
    """A self-signed certificate of a company, valid from and to so many days from now."""
    now = datetime.now(timezone.utc)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "PL"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Piekarnia Żółta Łódka, sp. z o.o."),
            x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, f"VATPL-{nip}"),
            x509.NameAttribute(NameOID.COMMON_NAME, "Piekarnia"),
        ]
    )
    bits = dict.fromkeys(
        (
            "digital_signature",
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    bits["content_commitment" if usage == OFFLINE else "digital_signature"] = True
    return (
        x509.CertificateBuilder(name, name, key.public_key(), serial)
        .not_valid_before(now + timedelta(days=starts))
        .not_valid_after(now + timedelta(days=ends))
        .add_extension(x509.KeyUsage(**bits), critical=True)
        .sign(key, hashes.SHA256())
    )


def write_pair(folder: Path, name: str, key, cert: x509.Certificate, password: str | None = None) -> tuple[Path, Path]:
    """Writes `NAME.pem` and `NAME.key`, the key encrypted when a password is given."""
    protection = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    pem, key_file = folder / f"{name}.pem", folder / f"{name}.key"
    pem.write_bytes(cert.public_bytes(Encoding.PEM))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection))
    return pem, key_file
