"""`verify code` beside an implementation on OpenSSL: what is genuine holds, and whatever was changed is refused by both."""

from __future__ import annotations

import base64
import random
import re
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

from harness.command import Desk, binary, environment
from harness.invoices import example, today, variant
from harness.pki import AUTHENTICATION, certificate, write_pair
from harness.shapes import assert_shape
from harness.signatures import CodeTwo, Refused

CODE_ONE = ["link", "host", "seller", "issue-date", "hash", "invoice"]
CODE_TWO = [
    *("link", "host", "context", "seller", "hash", "invoice", "certificate-serial", "signature-encoding", "certificate"),
    *("certificate-key", "certificate-usage", "certificate-period", "certificate-valid-now", "signature"),
]


class Issued:
    """An offline invoice with its codes and what is needed to judge them."""

    def __init__(self, desk: Desk, invoice: dict, certificate: Path, key: Path) -> None:
        self.desk = desk
        self.file = Path(invoice["file"])
        self.one, self.two = invoice["code_one"], invoice["code_two"]
        self.certificate = certificate
        self.key = load_pem_private_key(key.read_bytes(), None)
        self.host = self.one.split("/")[2]

    def verify(self, link: str, *arguments: object, expect: int | None = 0) -> dict:
        document = self.desk.run("verify", "code", link, *arguments, expect=expect).document
        assert_shape("verify code", document)
        assert document["valid"] == all(check["passed"] for check in document["checks"])
        return document

    def failures(self, link: str, *arguments: object) -> list[str]:
        """The checks that do not hold of a link that must be refused."""
        document = self.verify(link, *arguments, expect=1)
        return [check["name"] for check in document["checks"] if not check["passed"]]

    @property
    def evidence(self) -> tuple[object, ...]:
        return ("--invoice", self.file, "--certificate", self.certificate)

    def signed_elsewhere(self, key, der: bool = False) -> str:
        """The same CODE II, signed by `cryptography`."""
        text = self.two.removeprefix("https://").rsplit("/", 1)[0]
        if isinstance(key, rsa.RSAPrivateKey):
            pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
            signature = key.sign(text.encode(), pss, hashes.SHA256())
        else:
            signature = key.sign(text.encode(), ec.ECDSA(hashes.SHA256()))
            if not der:
                signature = fixed(signature)
        return f"https://{text}/{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def fixed(signature: bytes) -> bytes:
    """`r||s` of a DER signature, read by hand: two integers of at most 33 bytes."""
    length = signature[3]
    r, s = signature[4 : 4 + length], signature[6 + length :]
    return b"".join(part.lstrip(b"\0").rjust(32, b"\0") for part in (r, s))


@pytest.fixture(scope="module", params=["p256", "rsa"])
def issued(request, tmp_path_factory, shared_simulator) -> Issued:
    folder = tmp_path_factory.mktemp(f"verify-{request.param}")
    desk = Desk(folder / "home", folder)
    desk.login(shared_simulator)
    enrolled = desk.enroll(request.param)
    (invoice,) = desk.run("issue", variant(example("01-"), folder, issued=today()), "--mode", "offline24").document["issued"]
    return Issued(desk, invoice, Path(enrolled["certificate"]), Path(enrolled["key"]))


def test_both_codes_hold_against_invoice_and_certificate(issued):
    one = issued.verify(issued.one, "--invoice", issued.file)
    assert (one["valid"], one["kind"]) == (True, "code-1")
    assert [check["name"] for check in one["checks"]] == CODE_ONE
    two = issued.verify(issued.two, *issued.evidence)
    assert (two["valid"], two["kind"]) == (True, "code-2")
    assert [check["name"] for check in two["checks"]] == CODE_TWO


def test_without_an_invoice_the_rest_is_checked_and_the_details_say_so(issued):
    for link, more in ((issued.one, ()), (issued.two, ("--certificate", issued.certificate))):
        document = issued.verify(link, *more)
        details = {check["name"]: check["detail"] for check in document["checks"]}
        assert "invoice" not in details
        assert all("no invoice was given" in details[name] for name in ("link", "seller", "hash"))


def test_no_code_two_is_valid_without_the_certificate_that_proves_it(issued):
    assert issued.failures(issued.two) == ["signature"]
    assert issued.failures(issued.two, "--invoice", issued.file) == ["signature"]


def test_a_certificate_given_for_code_one_is_of_no_use_and_no_harm(issued):
    document = issued.verify(issued.one, *issued.evidence)
    assert "certificate given was not used" in document["checks"][0]["detail"]
    assert [check["name"] for check in document["checks"]] == CODE_ONE


def test_links_signed_by_openssl_hold_in_both_encodings(issued):
    for der in (False, True):
        assert issued.verify(issued.signed_elsewhere(issued.key, der), *issued.evidence)["valid"]


def test_a_link_signed_by_another_key_is_refused(issued):
    other = rsa.generate_private_key(65537, 2048) if isinstance(issued.key, rsa.RSAPrivateKey) else ec.generate_private_key(ec.SECP256R1())
    assert issued.failures(issued.signed_elsewhere(other), *issued.evidence) == ["signature"]


def test_a_signature_by_another_scheme_is_refused(issued):
    text = issued.two.removeprefix("https://").rsplit("/", 1)[0]
    message = text.encode()
    if isinstance(issued.key, rsa.RSAPrivateKey):
        schemes = [padding.PKCS1v15(), padding.PSS(padding.MGF1(hashes.SHA256()), 20), padding.PSS(padding.MGF1(hashes.SHA1()), 32)]
        signatures = [issued.key.sign(message, scheme, hashes.SHA256()) for scheme in schemes]
    else:
        signatures = [fixed(issued.key.sign(message, ec.ECDSA(digest))) for digest in (hashes.SHA384(), hashes.SHA512())]
    for signature in signatures:
        spelled = base64.urlsafe_b64encode(signature).rstrip(b"=").decode()
        assert issued.failures(f"https://{text}/{spelled}", *issued.evidence) == ["signature"]


def refused_by_openssl(link: str, issued: Issued) -> bool:
    """An implementation of its own: the form by one pattern, the signature by OpenSSL."""
    form = (
        r"https://(?P<host>[^/]+)/certificate/(?:Nip/\d{10}|InternalId/\d{10}-\d{5}|NipVatUe/\d{10}-[A-Z0-9+*]+|PeppolId/P[A-Z]{2}\d{6})"
        r"/\d{10}/[0-9A-F]{16}/[A-Za-z0-9_-]{43}/[A-Za-z0-9_-]+"
    )
    if not re.fullmatch(form, link, re.ASCII):
        return True
    trusted = x509.load_pem_x509_certificate(issued.certificate.read_bytes())
    try:
        code = CodeTwo.parse(link)
        assert code.host == issued.host and int(code.serial, 16) == trusted.serial_number
        code.verify(trusted.public_key())
    except (Refused, AssertionError, ValueError):
        return True
    return False


def changed(link: str, seed: int, how_many: int) -> list[str]:
    """Links with one other character, every segment in turn; a third of the changes is one of case alone."""
    dice = random.Random(seed)
    alphabet = "ABCXYZabcxyz0189-_./:=%"
    segments = [list(range(*match.span())) for match in re.finditer(r"[^/]+/?|/", link)]
    found: list[str] = []
    while len(found) < how_many:
        at = dice.choice(segments[len(found) % len(segments)])
        to = link[at].swapcase() if dice.random() < 0.34 else dice.choice(alphabet)
        if to != link[at]:
            found.append(link[:at] + to + link[at + 1 :])
    return found


def test_a_thousand_links_with_one_changed_character_are_refused_by_both(issued):
    assert not refused_by_openssl(issued.two, issued)
    links = changed(issued.two, 20261127, 1000)
    assert len({link.split("/")[2] for link in links}) > 20 and len(set(links)) > 600
    for link in links:
        assert refused_by_openssl(link, issued), link
        assert not issued.verify(link, *issued.evidence, expect=1)["valid"], link


def test_code_one_with_one_changed_character_is_refused(issued):
    for link in changed(issued.one, 20261128, 100):
        assert not issued.verify(link, "--invoice", issued.file, expect=1)["valid"], link


def test_another_invoice_is_told_by_what_differs(issued, tmp_path):
    yesterday = variant(example("02-"), tmp_path, issued=today() - timedelta(days=1))
    assert issued.failures(issued.one, "--invoice", yesterday) == ["issue-date", "hash"]
    assert issued.failures(issued.two, "--invoice", yesterday, "--certificate", issued.certificate)[0] == "hash"
    touched = tmp_path / "touched.xml"
    touched.write_bytes(issued.file.read_bytes() + b"\n")
    assert issued.failures(issued.one, "--invoice", touched) == ["hash"]


def test_certificates_that_may_not_sign_an_invoice_are_refused_for_what_is_wrong(issued, tmp_path):
    """Each has the serial number of the link, and the link is signed with its key: that one thing alone is wrong."""
    serial = int(issued.two.split("/")[7], 16)
    p256 = ec.generate_private_key(ec.SECP256R1())
    cases = {
        "good": (p256, certificate(p256, serial=serial), []),
        "login": (p256, certificate(p256, AUTHENTICATION, serial=serial), ["certificate-usage"]),
        "expired": (p256, certificate(p256, starts=-400, ends=-2, serial=serial), ["certificate-period", "certificate-valid-now"]),
        "not yet": (p256, certificate(p256, starts=2, serial=serial), ["certificate-valid-now"]),
        "serial": (p256, certificate(p256, serial=serial ^ 1), ["certificate-serial"]),
    }
    for name, (key, cert, expected) in cases.items():
        pem, _ = write_pair(tmp_path, name, key, cert)
        evidence = ("--invoice", issued.file, "--certificate", pem)
        link = issued.signed_elsewhere(key)
        if expected:
            assert issued.failures(link, *evidence) == expected, name
        else:
            assert issued.verify(link, *evidence)["valid"], name
    p384 = ec.generate_private_key(ec.SECP384R1())
    pem, _ = write_pair(tmp_path, "p384", p384, certificate(p384, serial=serial))
    assert issued.failures(issued.two, "--certificate", pem) == ["certificate-key", "signature"]
    short = rsa.generate_private_key(65537, 1024)
    pem, _ = write_pair(tmp_path, "rsa1024", short, certificate(short, serial=serial))
    assert issued.failures(issued.two, "--certificate", pem) == ["certificate-key", "signature"]


def test_an_invoice_signed_after_its_issue_date_holds_with_a_younger_certificate(shared_desk, tmp_path):
    source = variant(example("01-"), tmp_path, issued=today() - timedelta(days=30))
    (invoice,) = shared_desk.run("issue", source, "--mode", "offline24").document["issued"]
    (certificate,) = (shared_desk.home / "keys").glob("offline-*.pem")
    evidence = ("--invoice", source, "--certificate", certificate)
    document = shared_desk.run("verify", "code", invoice["code_two"], *evidence).document
    (period,) = (check for check in document["checks"] if check["name"] == "certificate-period")
    assert "younger than the issue date" in period["detail"]


def test_a_certificate_is_read_as_der_and_out_of_a_file_with_several(issued, tmp_path):
    pem = issued.certificate.read_bytes()
    own = x509.load_pem_x509_certificate(pem)
    der = tmp_path / "own.der"
    der.write_bytes(own.public_bytes(Encoding.DER))
    other = ec.generate_private_key(ec.SECP384R1())
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(b"Bag Attributes\n" + certificate(other).public_bytes(Encoding.PEM) + b"\n" + pem)
    for path in (der, bundle):
        assert issued.verify(issued.two, "--invoice", issued.file, "--certificate", path)["valid"]


def test_files_of_another_kind_fail_the_check_of_their_name(issued, tmp_path):
    picture = tmp_path / "picture.png"
    picture.write_bytes(bytes.fromhex("89504e470d0a1a0a") + bytes(100))
    assert issued.failures(issued.one, "--invoice", picture) == ["hash", "invoice"]
    assert issued.failures(issued.two, "--invoice", issued.file, "--certificate", picture) == ["certificate", "signature"]
    empty = tmp_path / "empty"
    empty.write_bytes(b"")
    assert issued.failures(issued.two, "--invoice", empty, "--certificate", empty) == ["hash", "invoice", "certificate", "signature"]
    # A private key handed over by mistake is refused, and no word of it is printed.
    key = next(issued.desk.home.rglob("offline-*.key"))
    assert issued.failures(issued.two, "--certificate", key) == ["certificate", "signature"]


def test_files_that_cannot_be_read_are_failures_of_the_command(issued, tmp_path):
    run = issued.desk.fails
    for option in ("--invoice", "--certificate"):
        assert run("verify", "code", issued.two, option, tmp_path / "missing", code=1).error == "file-not-found"
        assert run("verify", "code", issued.two, option, tmp_path, code=1).error == "file-error"
    run("verify", "code", code=2)
    run("verify", "code", issued.one, issued.two, code=2)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda link: link + "?a=b", "code-1"),
        (lambda link: link + "#a", "code-1"),
        (lambda link: link + "/", "code-1"),
        (lambda link: link + "\n", "code-1"),
        (lambda link: link.replace("https", "http", 1), "code-1"),
        (lambda link: link.replace("https", "HTTPS", 1), "code-1"),
        (lambda link: link.replace("/invoice/", "/Invoice/", 1), None),
        (lambda link: link.replace("/invoice/", "//invoice/", 1), None),
        (lambda link: link.replace("://", "://user@", 1), None),
        (lambda link: link.replace("://", "://qr.ksef.mf.gov.pl@", 1), None),
        (lambda link: link.replace("://", "://qr.ksef.mf.gov.pl:x@", 1), None),
        (lambda link: link.replace("://", ":/", 1), None),
        (lambda link: link.replace("://", ":\\\\", 1), None),
        (lambda link: link.replace("://", ":///", 1), None),
        # Look-alikes: a Cyrillic letter, a full-width one, a soft hyphen, a zero-width space.
        (lambda link: link.replace("://", "://\u0455", 1), None),
        (lambda link: link.replace("://", "://\uff4b", 1), None),
        (lambda link: link.replace("://", "://\u00ad", 1), None),
        (lambda link: link.replace("/invoice/", "\u200b/invoice/", 1), None),
        # Percent-encoding: what some reader of addresses takes for the same is another text.
        (lambda link: link.replace("/invoice/", "/%69nvoice/", 1), None),
        (lambda link: link.replace("/invoice/", "%2Finvoice%2F", 1), None),
        (lambda link: link.replace("://", "://%67", 1), None),
        (lambda link: link.replace("/invoice/", "/invoice/./", 1), None),
        (lambda link: link.replace("/invoice/", "/x/../invoice/", 1), None),
        (lambda link: link.rsplit("/", 1)[0], None),
        (lambda link: "ftp" + link[5:], None),
        (lambda link: "-" + link[1:], None),
        (lambda _link: "", None),
        (lambda _link: "zażółć", None),
        (lambda _link: "https://ksef.mf.gov.pl/", None),
        (lambda link: link + "A" * 3000, None),
    ],
)
def test_a_malformed_link_is_a_failed_check_and_no_failure_of_the_command(issued, change, kind):
    document = issued.verify(change(issued.one), expect=1)
    assert document["kind"] == kind
    assert document["checks"][0]["name"] == "link" and not document["checks"][0]["passed"]


def test_percent_encoding_is_another_text(issued):
    """Also where a browser would take both for the same address."""
    for link, check in [
        (issued.one[:-1] + f"%{ord(issued.one[-1]):02X}", "hash"),
        (issued.one + "%20", "hash"),
        (issued.one + "%00", "hash"),
        (issued.one.replace("/invoice/", "/invoice/%3", 1), "seller"),
        (re.sub(r"/(\d\d)-(\d\d-\d{4}/)", r"/\1%2D\2", issued.one), "issue-date"),
    ]:
        assert link != issued.one
        assert issued.failures(link, "--invoice", issued.file) == [check], link
    two = issued.two[:-1] + f"%{ord(issued.two[-1]):02X}"
    assert issued.failures(two, *issued.evidence) == ["signature-encoding", "signature"]


def test_a_host_that_is_not_ksefs_is_refused(issued):
    for host in ("qr.ksef.mf.gov.pl.example.com", "ksef.mf.gov.pl", "QR.KSEF.MF.GOV.PL", "qr.ksef.mf.gov.pl:443", "xn--kef-ohd.mf.gov.pl", "qr.ksef.mf.gov.pl.", "qr-ksef.mf.gov.pl", "127.0.0.1", "[::1]"):
        assert issued.failures(issued.one.replace(issued.host, host), "--invoice", issued.file) == ["host"]
    for host in ("qr.ksef.mf.gov.pl", "qr-demo.ksef.mf.gov.pl", "qr-test.ksef.mf.gov.pl"):
        assert issued.verify(issued.one.replace(issued.host, host), "--invoice", issued.file)["valid"]


def test_a_buyer_without_any_configuration_can_verify(issued, tmp_path):
    buyer = Desk(tmp_path / "nothing", tmp_path)
    link = issued.one.replace(issued.host, "qr.ksef.mf.gov.pl")
    assert buyer.run("verify", "code", link, "--invoice", issued.file).document["valid"]
    assert not buyer.home.exists()


def test_the_ministrys_example_is_a_code_one(tmp_path):
    link = "https://qr-test.ksef.mf.gov.pl/invoice/1111111111/01-02-2026/UtQp9Gpc51y-u3xApZjIjgkpZ01js-J8KflSPW8WzIE"
    document = Desk(tmp_path / "home", tmp_path).run("verify", "code", link).document
    assert (document["valid"], document["kind"]) == (True, "code-1")


def test_a_self_made_certificate_holds_but_is_not_trusted_and_the_detail_says_whose_it_is(issued, tmp_path):
    original = x509.load_pem_x509_certificate(issued.certificate.read_bytes())
    file, _ = write_pair(tmp_path, "self-made", issued.key, certificate(issued.key, serial=original.serial_number))
    evidence = ("--invoice", issued.file, "--certificate", file)
    document = issued.verify(issued.two, *evidence)
    # The anchor of the home is the root of the simulator.
    assert document["valid"] and document["trusted"] is False
    (detail,) = [check["detail"] for check in document["checks"] if check["name"] == "certificate"]
    assert "CN=Piekarnia" in detail and "issuer" in detail and f"{original.serial_number:016X}" in detail
    assert issued.verify(issued.two, *issued.evidence)["trusted"] is True
    unrelated = write_pair(tmp_path, "unrelated", issued.key, certificate(issued.key, serial=7))[0]
    assert issued.verify(issued.two, *evidence, "--trust", unrelated)["trusted"] is False
    assert issued.verify(issued.two, *evidence, "--trust", unrelated, "--trust", file)["trusted"] is True
    assert issued.verify(issued.one, "--invoice", issued.file)["trusted"] is None


def test_of_two_issuers_with_one_name_and_key_the_one_of_that_time_counts(issued, tmp_path):
    """As authorities have them after a renewal."""
    authority, seal, now = ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP256R1()), datetime.now(timezone.utc)
    root_key = ec.generate_private_key(ec.SECP384R1())
    name = lambda text: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])  # noqa: E731

    def made(subject: str, key, issuer: str, issuer_key, days: tuple[int, int], serial: int, ca: bool) -> x509.Certificate:
        usage = [False, not ca, False, False, False, ca, False, False, False]
        builder = x509.CertificateBuilder(name(issuer), name(subject), key.public_key(), serial)
        builder = builder.not_valid_before(now + timedelta(days=days[0])).not_valid_after(now + timedelta(days=days[1]))
        builder = builder.add_extension(x509.KeyUsage(*usage), critical=True)
        if ca:
            builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        return builder.sign(issuer_key, hashes.SHA384())

    serial = int(issued.two.split("/")[7], 16)
    leaf = made("Seal", seal, "Authority", authority, (-1, 300), serial, False)
    root = made("Root", root_key, "Root", root_key, (-900, 900), 1, True)
    old, new, coming = (
        made("Authority", authority, "Root", root_key, days, 2 + number, True)
        for number, days in enumerate([(-800, -10), (-20, 800), (10, 900)])
    )
    (trust := tmp_path / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
    for issuers, trusted in [([old, new], True), ([coming, old, new], True), ([old], False), ([coming], False), ([], False)]:
        (bundle := tmp_path / "bundle.pem").write_bytes(b"".join(each.public_bytes(Encoding.PEM) for each in [leaf, *issuers]))
        evidence = ("--invoice", issued.file, "--certificate", bundle, "--trust", trust)
        document = issued.verify(issued.signed_elsewhere(seal), *evidence)
        assert document["valid"] and document["trusted"] is trusted, issuers


def test_without_anything_to_trust_the_text_says_that_trust_was_not_looked_at(issued, tmp_path):
    program = [str(binary()), "--home", str(tmp_path / "nowhere"), "--lang", "en"]
    command = [*program, "verify", "code", issued.two, "--certificate", str(issued.certificate)]
    text = subprocess.run(command, capture_output=True, env=environment(tmp_path), check=False).stdout.decode()
    assert "Trust was not looked at" in text
    command = [*program, "verify", "code", issued.one]
    assert "Trust" not in subprocess.run(command, capture_output=True, env=environment(tmp_path), check=False).stdout.decode()


def test_of_two_certificates_with_the_number_of_the_link_the_one_that_signed_counts(issued, tmp_path):
    original = x509.load_pem_x509_certificate(issued.certificate.read_bytes())
    other = ec.generate_private_key(ec.SECP256R1())
    namesake = certificate(other, serial=original.serial_number).public_bytes(Encoding.PEM)
    for name, parts in (("last", [namesake, issued.certificate.read_bytes()]), ("first", [issued.certificate.read_bytes(), namesake])):
        (bundle := tmp_path / f"{name}.pem").write_bytes(b"".join(parts))
        assert issued.verify(issued.two, "--invoice", issued.file, "--certificate", bundle)["valid"]
