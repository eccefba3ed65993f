"""Keys and certificates that OpenSSL made, in every form at random: loaded by ours, and signatures verified both ways."""

from __future__ import annotations

import base64
import json
import random
import subprocess
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

import mutate

SEED = 20261127
CASES = 60
PASSWORD = "zażółć gęślą jaźń"
HASHES = {256: hashes.SHA256(), 384: hashes.SHA384(), 512: hashes.SHA512()}
MESSAGE = "Łódź, 27.11.2026".encode()
KINDS = {
    "rsa2048": lambda: rsa.generate_private_key(65537, 2048),
    "rsa3072": lambda: rsa.generate_private_key(65537, 3072),
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
}
OFFLINE, AUTHENTICATION, BOTH = (False, True), (True, False), (True, True)


def certificate(
    key, usage=OFFLINE, serial=0x0102030405060708, starts=-1, ends=365, further: int | None = None, authority: bool | None = None
) -> x509.Certificate:
    """Self-signed; `usage` is (digitalSignature, nonRepudiation), `further` sets one of the other seven bits of keyUsage.

    A certificate with `authority` has basicConstraints of that value.
    """
    others = [place == further for place in range(7)]
    now = datetime.now(timezone.utc)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Żółw")])
    builder = (
        x509.CertificateBuilder(name, name, key.public_key(), serial)
        .not_valid_before(now + timedelta(days=starts))
        .not_valid_after(now + timedelta(days=ends))
        .add_extension(x509.KeyUsage(usage[0], usage == OFFLINE or usage == BOTH, *others), critical=True)
    )
    if authority is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    return builder.sign(key, hashes.SHA256())


@dataclass(frozen=True)
class Files:
    """What is handed to the loader; without a key the certificate file is PKCS#12."""

    name: str
    certificate: bytes
    key: bytes | None
    password: str | None


def key_file(rng: random.Random, key) -> tuple[str, bytes, str | None]:
    """A private key in a form by chance, with its password."""
    form_name, form = rng.choice([("PKCS#8", PrivateFormat.PKCS8), ("traditional", PrivateFormat.TraditionalOpenSSL)])
    encoding_name, encoding = rng.choice([("PEM", Encoding.PEM), ("DER", Encoding.DER)])
    if form == PrivateFormat.PKCS8 and rng.random() < 0.5:
        data = key.private_bytes(encoding, form, BestAvailableEncryption(PASSWORD.encode()))
        return f"encrypted {encoding_name}", data, PASSWORD
    return f"{form_name} {encoding_name}", key.private_bytes(encoding, form, NoEncryption()), None


def dressed(rng: random.Random, pem: bytes) -> tuple[str, bytes]:
    """PEM as editors and other programs leave it."""
    text = pem.decode()
    dress = rng.choice(["plain", "crlf", "mark", "utf-16", "attributes", "indented", "no end of line"])
    match dress:
        case "crlf":
            text = text.replace("\n", "\r\n")
        case "mark":
            text = "\ufeff" + text
        case "utf-16":
            return dress, b"\xff\xfe" + text.encode("utf-16-le")
        case "attributes":
            text = "Bag Attributes\n    friendlyName: klucz\nsubject=CN = Żółw\n" + text
        case "indented":
            text = "".join(f"  {line}  \n" for line in text.splitlines())
        case "no end of line":
            text = text.rstrip("\n")
    return dress, text.encode()


def files(rng: random.Random, key, cert: x509.Certificate, others: list[x509.Certificate]) -> Files:
    """Key and certificate in files by chance; the certificate stands anywhere among others."""
    if rng.random() < 0.3:
        protection = rng.choice(
            [
                BestAvailableEncryption(PASSWORD.encode()),
                PrivateFormat.PKCS12.encryption_builder()
                .kdf_rounds(2000)
                .key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC)
                .hmac_hash(hashes.SHA1())
                .build(PASSWORD.encode()),
            ]
        )
        name = rng.choice([None, "klucz".encode()])
        return Files("pkcs12", pkcs12.serialize_key_and_certificates(name, key, cert, others, protection), None, PASSWORD)
    form, key_bytes, password = key_file(rng, key)
    if rng.random() < 0.2:
        return Files(f"{form}, DER", cert.public_bytes(Encoding.DER), key_bytes, password)
    chain = [*others, cert]
    rng.shuffle(chain)
    pem = b"".join(each.public_bytes(Encoding.PEM) for each in chain)
    if "PEM" in form and rng.random() < 0.3:
        dress, both = dressed(rng, rng.choice([pem + key_bytes, key_bytes + pem]))
        return Files(f"{form}, one file, {dress}", both, both, password)
    dress, pem = dressed(rng, pem)
    if "PEM" in form:
        key_bytes = dressed(rng, key_bytes)[1]
    return Files(f"{form}, {dress}", pem, key_bytes, password)


def asked(*requests: dict) -> list[dict]:
    """The answers of the example `keys` of ksef-offline-core."""
    encoded = "".join(
        json.dumps({k: base64.b64encode(v).decode() if isinstance(v, bytes) else v for k, v in request.items()}) + "\n"
        for request in requests
    )
    done = subprocess.run([str(mutate.core_example("keys"))], input=encoded.encode(), capture_output=True, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(requests)
    return answers


def load(case: Files, at: str | None = None) -> dict:
    """The request to load these files and sign."""
    return {"certificate": case.certificate, "key": case.key, "password": case.password, "message": MESSAGE, "at": at}


def verify(public, algorithm: str, signature: bytes) -> None:
    """By OpenSSL."""
    scheme, bits = algorithm.split()
    hashed = HASHES[int(bits)]
    if scheme == "ecdsa":
        half = (public.key_size + 7) // 8
        assert len(signature) == 2 * half
        r, s = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
        public.verify(utils.encode_dss_signature(r, s), MESSAGE, ec.ECDSA(hashed))
    else:
        public.verify(signature, MESSAGE, scheme_padding(scheme, hashed), hashed)


def scheme_padding(scheme: str, hashed):
    if scheme == "pkcs1":
        return padding.PKCS1v15()
    return padding.PSS(mgf=padding.MGF1(hashed), salt_length=hashed.digest_size)


def signed_by_openssl(key, algorithm: str) -> bytes:
    scheme, bits = algorithm.split()
    hashed = HASHES[int(bits)]
    if scheme != "ecdsa":
        return key.sign(MESSAGE, scheme_padding(scheme, hashed), hashed)
    half = (key.key_size + 7) // 8
    r, s = utils.decode_dss_signature(key.sign(MESSAGE, ec.ECDSA(hashed)))
    return r.to_bytes(half, "big") + s.to_bytes(half, "big")


def algorithms_of(key) -> list[str]:
    schemes = ["pkcs1", "pss"] if isinstance(key, rsa.RSAPrivateKey) else ["ecdsa"]
    return [f"{scheme} {bits}" for scheme in schemes for bits in HASHES]


@pytest.fixture(scope="module")
def keys() -> dict:
    return {kind: make() for kind, make in KINDS.items()}


def test_keys_in_every_form_are_loaded_and_openssl_verifies_what_they_sign(keys):
    rng = random.Random(SEED)
    strangers = [certificate(keys[kind]) for kind in KINDS]
    cases = []
    for number in range(CASES):
        kind = list(KINDS)[number % len(KINDS)]
        others = [cert for cert in strangers if cert.public_key() != keys[kind].public_key()]
        cases.append((kind, files(rng, keys[kind], certificate(keys[kind]), rng.sample(others, rng.randrange(3)))))
    answers = asked(*(load(case) for _, case in cases))
    for (kind, case), answer in zip(cases, answers):
        assert "error" not in answer, (kind, case.name, answer)
        expected = {f"{by} {name}" for by in ("pure", "fast") for name in algorithms_of(keys[kind])}
        assert set(answer["signatures"]) == expected, (kind, case.name)
        for name, signature in answer["signatures"].items():
            verify(keys[kind].public_key(), name.split(" ", 1)[1], base64.b64decode(signature))


@pytest.mark.parametrize("kind", KINDS)
def test_what_openssl_signs_verifies_with_ours_and_not_with_one_byte_changed(keys, kind):
    public = keys[kind].public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    requests, expected = [], []
    for algorithm in algorithms_of(keys[kind]):
        signature = signed_by_openssl(keys[kind], algorithm)
        place = len(signature) // 2
        damaged = signature[:place] + bytes([signature[place] ^ 1]) + signature[place + 1 :]
        with pytest.raises(InvalidSignature):
            verify(keys[kind].public_key(), algorithm, damaged)
        for value, error in ((signature, None), (damaged, "signature-does-not-verify")):
            requests.append({"public_key": public, "algorithm": algorithm, "message": MESSAGE, "signature": value})
            expected.append({"error": error})
    assert asked(*requests) == expected


def pair(key, cert: x509.Certificate) -> Files:
    return Files("pair", cert.public_bytes(Encoding.PEM), key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), None)


def test_a_certificate_with_one_thing_wrong_is_refused_for_that(keys):
    key, now = keys["p256"], datetime.now(timezone.utc).isoformat()
    cases = {
        "0102030405060708": certificate(key),
        "00000000000000FF": certificate(key, serial=0xFF),
        "certificate-expired": certificate(key, starts=-30, ends=-1),
        "certificate-not-yet-valid": certificate(key, starts=1),
        "certificate-not-offline": certificate(key, usage=AUTHENTICATION),
        "certificate-usage-unfit": certificate(key, usage=BOTH),
        "certificate-serial-number": certificate(key, serial=1 << 64),
    }
    answers = asked(*(load(pair(key, cert), now) for cert in cases.values()))
    assert [answer["offline"] for answer in answers] == list(cases)
    # keyAgreement has to stand before encipherOnly and decipherOnly may.
    unfit = [certificate(key, further=bit) for bit in range(5)] + [certificate(key, authority=True)]
    assert {answer["offline"] for answer in asked(*(load(pair(key, cert), now) for cert in unfit))} == {"certificate-usage-unfit"}
    (answer,) = asked(load(pair(key, certificate(key, authority=False)), now))
    assert answer["offline"] == "0102030405060708"
    (answer,) = asked(load(pair(keys["p384"], certificate(keys["p384"])), now))
    assert answer["offline"] == "key-curve-not-certified"


def test_a_file_with_one_thing_wrong_is_refused_for_that(keys):
    key, other = keys["p256"], keys["rsa2048"]
    cert = certificate(key).public_bytes(Encoding.PEM)
    pem = lambda k, form, protection=NoEncryption(): k.private_bytes(Encoding.PEM, form, protection)  # noqa: E731
    encrypted = pem(key, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    store = pkcs12.serialize_key_and_certificates(None, key, certificate(key), None, BestAvailableEncryption(b"x"))
    short, odd = rsa.generate_private_key(65537, 1024), ec.generate_private_key(ec.SECP521R1())
    legacy = subprocess.run(
        ["openssl", "pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES", "-passout", "pass:x"],
        input=pem(key, PrivateFormat.PKCS8),
        capture_output=True,
        check=True,
    ).stdout
    cases = [
        ("key-mismatch", Files("other key", cert, pem(other, PrivateFormat.PKCS8), None)),
        ("password-missing", Files("no password", cert, encrypted, None)),
        ("password-wrong", Files("wrong password", cert, encrypted, "y")),
        ("key-encryption-unsupported", Files("PBES1", cert, legacy, "x")),
        ("key-format-unsupported", Files("traditional", cert, pem(key, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"x")), "x")),
        ("key-format-unsupported", Files("OpenSSH", cert, pem(key, PrivateFormat.OpenSSH), None)),
        ("key-too-short", Files("1024 bits", cert, pem(short, PrivateFormat.PKCS8), None)),
        ("key-algorithm-unsupported", Files("P-521", cert, pem(odd, PrivateFormat.PKCS8), None)),
        ("key-malformed", Files("no key", cert, cert, None)),
        ("key-malformed", Files("cut off", cert, pem(key, PrivateFormat.PKCS8)[:80], None)),
        ("certificate-malformed", Files("no certificate", b"x", pem(key, PrivateFormat.PKCS8), None)),
        ("certificate-malformed", Files("key alone", pem(key, PrivateFormat.PKCS8), pem(key, PrivateFormat.PKCS8), None)),
        ("password-wrong", Files("wrong password of a store", store, None, "y")),
        ("pkcs12-malformed", Files("no store", b"x" * 100, None, "x")),
    ]
    answers = asked(*(load(case) for _, case in cases))
    assert [(case.name, answer.get("error")) for (_, case), answer in zip(cases, answers)] == [
        (case.name, code) for code, case in cases
    ]
