"""Keys in a SoftHSM token: what they sign is verified by OpenSSL, and what goes wrong with a device has its own code."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from harness import pki
from harness.command import CONTEXT, Desk
from harness.invoices import variants
from harness.signatures import CodeTwo, verify_with_signxml

PIN = "4711-zażółć"
TOKEN = "Piekarnia"
MODULES = [
    Path(os.environ.get("SOFTHSM2_MODULE", "/nowhere")),
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"),
    Path("/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"),
    Path("/usr/lib64/pkcs11/libsofthsm2.so"),
    Path("/opt/homebrew/lib/softhsm/libsofthsm2.so"),
]


@pytest.fixture(scope="module")
def module() -> Path:
    found = next((path for path in MODULES if path.is_file()), None)
    if found is None or shutil.which("softhsm2-util") is None:
        pytest.skip("SKIPPED: SoftHSM is not installed (Debian: softhsm2), keys on devices are not tested")
    return found


class Token:
    """A token with one key, and a home that signs with it."""

    def __init__(self, folder: Path, module: Path, key) -> None:
        self.folder, self.module, self.key = folder, module, key
        (folder / "tokens").mkdir()
        self.conf = folder / "softhsm2.conf"
        self.conf.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n")
        self.util("--init-token", "--free", "--label", TOKEN, "--pin", PIN, "--so-pin", "12345678")
        self.put("klucz", "a1b2", key)
        self.certificate = pki.certificate(key)
        self.desk = Desk(folder / "home", folder, variables={"KSEF_TEST_PIN": PIN})
        self.desk.run("init", "--context", CONTEXT, "--environment", "test")
        (folder / "home" / "offline.pem").write_bytes(self.certificate.public_bytes(Encoding.PEM))
        self.config = self.desk.config.read_text()
        self.source = variants(folder / "invoices")[0]

    def util(self, *arguments: str) -> None:
        environment = {**os.environ, "SOFTHSM2_CONF": str(self.conf)}
        subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True, env=environment)

    def put(self, label: str, identity: str, key) -> None:
        path = self.folder / f"{label}.pk8"
        path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        self.util("--import", str(path), "--token", TOKEN, "--label", label, "--id", identity, "--pin", PIN)
        path.unlink()

    def issue(self, expect: int | None = 0, pin: str = PIN, **changes: str):
        """Issues one invoice offline with the key the table names."""
        table = {"module": str(self.module), "token": TOKEN, "label": "klucz", "pin_env": "KSEF_TEST_PIN", **changes}
        entries = ", ".join(f'{name} = "{value}"' for name, value in table.items() if value)
        self.desk.config.write_text(f'{self.config}\n[offline]\ncertificate = "offline.pem"\npkcs11 = {{ {entries} }}\n')
        variables = {"SOFTHSM2_CONF": str(self.conf)}
        # The configuration of SoftHSM is no secret; the PIN is, and no run may print it.
        self.desk.variables = {"KSEF_TEST_PIN": pin}
        self.desk.prefix = ("env", *(f"{name}={value}" for name, value in variables.items()))
        return self.desk.run("issue", self.source, "--mode", "offline24", expect=expect)


@pytest.fixture(params=["p256", "rsa"])
def token(request, tmp_path, module) -> Token:
    key = pki.new_key() if request.param == "p256" else rsa.generate_private_key(65537, 2048)
    return Token(tmp_path, module, key)


@pytest.fixture
def p256_token(tmp_path, module) -> Token:
    return Token(tmp_path, module, pki.new_key())


@pytest.mark.parametrize("name", ["label", "id"])
def test_what_a_token_signs_is_verified_by_openssl(token, name):
    (invoice,) = token.issue(**({} if name == "label" else {"label": "", "id": "a1b2"})).document["issued"]
    CodeTwo.parse(invoice["code_two"]).verify(token.certificate.public_key())
    verify_with_signxml(Path(invoice["signature_file"]), Path(invoice["file"]).read_bytes(), token.certificate)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"pin": "0000-wrong"}, "signer-pin-refused"),
        ({"token": "Inna"}, "signer-device-missing"),
        ({"module": "/nowhere/card.so"}, "signer-device-missing"),
        ({"label": "brak"}, "signer-failed"),
    ],
)
def test_what_is_wrong_with_a_device_has_its_own_code(p256_token, changes, code):
    assert p256_token.issue(expect=1, **changes).error == code


def test_a_token_that_is_gone_is_missing(p256_token):
    shutil.rmtree(p256_token.folder / "tokens")
    (p256_token.folder / "tokens").mkdir()
    assert p256_token.issue(expect=1).error == "signer-device-missing"


def test_the_signature_of_another_key_never_leaves(p256_token):
    p256_token.put("obcy", "ff", pki.new_key())
    assert p256_token.issue(expect=1, label="obcy").error == "signer-signature-does-not-verify"
    assert p256_token.desk.run("list").document["invoices"] == []


def test_a_certificate_of_the_wrong_type_is_refused_with_a_device_too(p256_token):
    wrong: x509.Certificate = pki.certificate(p256_token.key, pki.AUTHENTICATION)
    (p256_token.folder / "home" / "offline.pem").write_bytes(wrong.public_bytes(Encoding.PEM))
    assert p256_token.issue(expect=2).error == "certificate-not-offline"
