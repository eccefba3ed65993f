"""PKCS#12 files as OpenSSL, keytool and `cryptography` write them: what is read, and what is refused with a way out."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption as Best

from test_keys import KINDS, Files, asked, certificate, load, verify

PASSWORD = "zażółć gęślą jaźń"
# Arguments of `openssl pkcs12 -export`.
READ = {
    "default": "",
    "legacy": "-legacy",
    "3des": "-legacy -certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES",
    "rc2-40": "-legacy -certpbe PBE-SHA1-RC2-40 -keypbe PBE-SHA1-RC2-40",
    "aes-128": "-certpbe AES-128-CBC -keypbe AES-128-CBC",
    "aes-192, sha-512": "-certpbe AES-192-CBC -keypbe AES-192-CBC -macalg sha512",
    "aes-256, sha-1": "-certpbe AES-256-CBC -keypbe AES-256-CBC -macalg sha1",
    "sha-384": "-macalg sha384",
    "many rounds": "-iter 100000",
    "one round": "-iter 1 -nomaciter",
    "no seal": "-nomac",
    "certificates in clear": "-certpbe NONE",
    "all in clear": "-certpbe NONE -keypbe NONE",
    "names": "-name klucz -caname urząd",
}
REFUSED = {
    "rc2-128": "-legacy -certpbe PBE-SHA1-RC2-128",
    "rc4": "-legacy -certpbe PBE-SHA1-RC4-128",
    "2des": "-legacy -keypbe PBE-SHA1-2DES",
    "des": "-legacy -keypbe PBE-MD5-DES",
    "md5": "-legacy -macalg md5",
}


@pytest.fixture(scope="module")
def keys() -> dict:
    return {kind: make() for kind, make in KINDS.items()}


def openssl(*arguments: object, **secrets: str) -> None:
    words = ["openssl", *map(str, arguments)]
    subprocess.run(words, env={**os.environ, **secrets}, check=True, capture_output=True)


class Maker:
    """Writes the files of one key."""

    def __init__(self, folder: Path, key, others: list) -> None:
        self.folder, self.key, self.certificate = folder, key, certificate(key)
        self.key_file = folder / "key.pem"
        self.key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        (folder / "certificate.pem").write_bytes(self.certificate.public_bytes(Encoding.PEM))
        (folder / "others.pem").write_bytes(b"".join(certificate(other).public_bytes(Encoding.PEM) for other in others))

    def write(self, arguments: str, password: str = PASSWORD) -> bytes:
        out = self.folder / "out.p12"
        files = ["-inkey", self.key_file, "-in", self.folder / "certificate.pem", "-certfile", self.folder / "others.pem"]
        openssl("pkcs12", "-export", *files, "-out", out, "-passout", "env:PASS", *arguments.split(), PASS=password)
        return out.read_bytes()


@pytest.fixture(scope="module")
def maker(keys, tmp_path_factory) -> Maker:
    return Maker(tmp_path_factory.mktemp("pkcs12"), keys["p256"], [keys["rsa2048"], keys["p384"]])


def signs(file: bytes, password: str, key) -> None:
    (answer,) = asked(load(Files("pkcs12", file, None, password)))
    assert "error" not in answer, answer
    assert answer["signatures"]
    for name, signature in answer["signatures"].items():
        verify(key.public_key(), name.split(" ", 1)[1], base64.b64decode(signature))


def refusal(file: bytes, password: str) -> str:
    (answer,) = asked(load(Files("pkcs12", file, None, password)))
    return answer["error"]


@pytest.mark.parametrize("form", READ)
def test_what_openssl_writes_is_read(maker, form):
    file = maker.write(READ[form])
    signs(file, PASSWORD, maker.key)
    if form not in ("no seal", "all in clear"):
        assert refusal(file, "x") == "password-wrong"


@pytest.mark.parametrize("form", ["default", "legacy", "all in clear"])
def test_an_empty_password_is_one(maker, form):
    signs(maker.write(READ[form], ""), "", maker.key)


def written_anew(maker: Maker, file: bytes) -> bytes:
    """By the commands in the message of the error."""
    old, plain, new = (maker.folder / name for name in ("old.p12", "plain.pem", "new.p12"))
    old.write_bytes(file)
    openssl("pkcs12", "-legacy", "-in", old, "-nodes", "-out", plain, "-passin", "env:PASS", PASS=PASSWORD)
    openssl("pkcs12", "-export", "-in", plain, "-out", new, "-passout", "env:PASS", PASS=PASSWORD)
    return new.read_bytes()


@pytest.mark.parametrize("form", REFUSED)
def test_what_is_not_read_is_read_once_it_was_written_anew(maker, form):
    file = maker.write(REFUSED[form])
    assert refusal(file, PASSWORD) == "pkcs12-encryption-unsupported"
    signs(written_anew(maker, file), PASSWORD, maker.key)


def test_a_seal_by_pbmac1_is_told_from_a_wrong_password(maker):
    # OpenSSL writes it from version 3.4 on. What matters is the name of the algorithm.
    file = maker.write("-macalg sha256")
    sha256, pbmac1 = (b"\x06\x09" + bytes.fromhex(oid) for oid in ("608648016503040201", "2a864886f70d01050e"))
    at = file.rindex(sha256)
    assert refusal(file[:at] + pbmac1 + file[at + len(pbmac1) :], PASSWORD) == "pkcs12-encryption-unsupported"


def parts(der: bytes) -> list[tuple[int, bytes]]:
    """Tags and contents, one after another."""
    found = []
    while der:
        length, start = der[1], 2
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(der[2:start], "big")
        found.append((der[0], der[start : start + length]))
        der = der[start + length :]
    return found


def open_ended(tag: int, content: bytes) -> bytes:
    return bytes([tag, 0x80]) + content + b"\0\0"


def definite(tag: int, content: bytes) -> bytes:
    length = len(content)
    size = bytes([length]) if length < 0x80 else bytes([0x80 | (length.bit_length() + 7) // 8]) + length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag]) + size + content


@pytest.mark.parametrize("outer", [open_ended, definite])
def test_ber_is_told_and_read_once_it_was_written_anew(maker, outer):
    """The content in pieces, as Windows and Java wrote it; OpenSSL reads that, so it is no nonsense."""
    ((_, pfx),) = parts(maker.write("-legacy"))
    version, (_, safe), (_, seal) = parts(pfx)
    kind, (_, wrapped) = parts(safe)
    ((_, content),) = parts(wrapped)
    pieces = b"".join(definite(0x04, content[at : at + 1000]) for at in range(0, len(content), 1000))
    again = outer(0x30, definite(*kind) + outer(0xA0, outer(0x24, pieces)))
    file = outer(0x30, definite(*version) + again + definite(0x30, seal))
    assert refusal(file, PASSWORD) == "pkcs12-not-der"
    signs(written_anew(maker, file), PASSWORD, maker.key)


@pytest.mark.skipif(shutil.which("keytool") is None, reason="no keytool on this machine")
def test_what_keytool_writes_is_read_also_with_several_keys_and_certificates(maker, keys, tmp_path):
    """Of two keys the one with a certificate of its own counts; both have one here, so either."""
    store = tmp_path / "java.p12"
    for name in ("p256", "rsa2048"):
        single = tmp_path / f"{name}.p12"
        protected = pkcs12.serialize_key_and_certificates(name.encode(), keys[name], certificate(keys[name]), None, Best(b"changeit"))
        single.write_bytes(protected)
        words = ["keytool", "-importkeystore", "-noprompt", "-srckeystore", single, "-srcstoretype", "PKCS12", "-srcstorepass", "changeit"]
        words += ["-destkeystore", store, "-deststoretype", "PKCS12", "-deststorepass", "changeit"]
        subprocess.run([*map(str, words)], check=True, capture_output=True)
        if name == "p256":
            signs(store.read_bytes(), "changeit", keys["p256"])
    (answer,) = asked(load(Files("java", store.read_bytes(), None, "changeit")))
    used = "p256" if any("ecdsa" in name for name in answer["signatures"]) else "rsa2048"
    for name, signature in answer["signatures"].items():
        verify(keys[used].public_key(), name.split(" ", 1)[1], base64.b64decode(signature))


def test_a_store_without_key_or_certificate_is_told_from_one_that_cannot_be_read(maker, keys):
    alone = pkcs12.serialize_key_and_certificates(None, None, None, [maker.certificate], Best(PASSWORD.encode()))
    other = pkcs12.serialize_key_and_certificates(None, keys["p256"], None, [certificate(keys["p384"])], Best(PASSWORD.encode()))
    whole = maker.write("")
    codes = [refusal(file, PASSWORD) for file in (alone, other, whole[:-1], whole + b"\0", b"\x30\x80" + whole[4:200])]
    assert codes == ["pkcs12-incomplete", "key-mismatch", "pkcs12-malformed", "pkcs12-malformed", "pkcs12-not-der"]
