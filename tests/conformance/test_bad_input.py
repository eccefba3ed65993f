"""Bad input: a clear refusal with its stable code, nothing half-written, nothing lost."""

from __future__ import annotations

import shutil
import socket
import sqlite3
import subprocess
from pathlib import Path

import pytest

from harness import pki
from harness.command import CONTEXT, Desk, binary, environment
from harness.disk import small_disk
from harness.invoices import example, sha256_base64, today, variant
from harness.reference import REPOSITORY
from harness.shapes import assert_shape
from harness.signatures import facts_by_hand

PASSWORD, WRONG = "tajne-hasło-testu", "nie-to-hasło-testu"


def contents(home: Path) -> dict[str, bytes]:
    """Every file of a home but the database's own bookkeeping."""
    return {
        str(path.relative_to(home)): path.read_bytes()
        for path in sorted(home.rglob("*"))
        if path.is_file() and "queue.db" not in path.name and path.name != "sending.lock"
    }


@pytest.fixture
def offline_home(tmp_path) -> Desk:
    """A home at an address where nobody listens, with a good Offline certificate."""
    home = tmp_path / "home"
    home.mkdir()
    key = pki.new_key()
    pki.write_pair(home, "offline", key, pki.certificate(key))
    pki.write_pair(home, "auth", key, pki.certificate(key, pki.AUTHENTICATION))
    (home / "config.toml").write_text(
        f"""environment = "custom"
context = "{CONTEXT}"
[custom]
api = "http://127.0.0.1:9/v2"
latarnia = "http://127.0.0.1:9/latarnia"
qr_host = "qr-test.ksef.mf.gov.pl"
[authentication]
method = "xades"
certificate = "auth.pem"
key = "auth.key"
[offline]
certificate = "offline.pem"
key = "offline.key"
"""
    )
    return Desk(home, tmp_path)


def assert_issue_refused(desk: Desk, source: Path, *codes: str, **variables: str) -> None:
    """The command fails with one of these codes and leaves the home as it was."""
    before = contents(desk.home)
    outcome = desk.run("issue", source, "--mode", "offline24", expect=None, **variables)
    assert outcome.code in (1, 2), outcome
    if "error" in outcome.document:
        found = {outcome.error}
    else:
        assert_shape("issue", outcome.document)
        assert outcome.document["issued"] == []
        found = {error["code"] for failed in outcome.document["failed"] for error in failed["errors"]}
    assert found and found <= set(codes), outcome
    assert contents(desk.home) == before
    assert desk.invoices() == []


@pytest.fixture
def source(tmp_path) -> Path:
    return variant(example("01-"), tmp_path)


def test_the_home_of_these_tests_issues_when_nothing_is_wrong(offline_home, source):
    assert len(offline_home.run("issue", source, "--mode", "offline24").document["issued"]) == 1


def test_a_wrong_password_is_refused_and_not_printed(offline_home, source):
    key = pki.new_key()
    pki.write_pair(offline_home.home, "offline", key, pki.certificate(key), PASSWORD)
    offline_home.configure("offline", password_env="KSEF_OFFLINE_PASSWORD")
    assert_issue_refused(offline_home, source, "password-wrong", KSEF_OFFLINE_PASSWORD=WRONG)
    issued = offline_home.run("issue", source, "--mode", "offline24", KSEF_OFFLINE_PASSWORD=PASSWORD).document["issued"]
    assert len(issued) == 1


def test_a_missing_password_is_named(offline_home, source):
    key = pki.new_key()
    pki.write_pair(offline_home.home, "offline", key, pki.certificate(key), PASSWORD)
    offline_home.configure("offline", password_env="KSEF_OFFLINE_PASSWORD")
    assert_issue_refused(offline_home, source, "variable-missing", "password-missing")


@pytest.mark.parametrize(
    ("starts", "ends", "usage", "code"),
    [
        (-30, -1, pki.OFFLINE, "certificate-expired"),
        (1, 30, pki.OFFLINE, "certificate-not-yet-valid"),
        (-1, 30, pki.AUTHENTICATION, "certificate-not-offline"),
    ],
)
def test_a_certificate_that_may_not_sign_is_refused(offline_home, source, starts, ends, usage, code):
    key = pki.new_key()
    pki.write_pair(offline_home.home, "offline", key, pki.certificate(key, usage, starts, ends))
    assert_issue_refused(offline_home, source, code)
    check = offline_home.run("check", expect=4).document
    assert check["can_issue_offline"] is False
    assert str(offline_home.home / "offline.pem") in check["offline_certificate_fault"]["message"]


def test_a_key_of_another_certificate_is_refused(offline_home, source):
    pki.write_pair(offline_home.home, "offline", pki.new_key(), pki.certificate(pki.new_key()))
    assert_issue_refused(offline_home, source, "key-mismatch")


@pytest.mark.parametrize(("name", "code"), [("offline.pem", "certificate-malformed"), ("offline.key", "key-malformed")])
def test_a_file_that_is_no_certificate_or_key_is_refused(offline_home, source, name, code):
    (offline_home.home / name).write_bytes(b"\x00\x01 nonsense")
    assert_issue_refused(offline_home, source, code)


def test_a_missing_file_of_trust_is_wrong_usage_in_the_arguments_and_in_the_configuration(offline_home, source):
    offline_home.configure("trust", anchors=["gone.pem"])
    assert offline_home.fails("verify", "signature", source, code=2).error == "file-not-found"
    offline_home.run("verify", "signature", source, "--trust", source.with_name("gone.pem"), expect=2)


def test_a_missing_key_file_is_refused(offline_home, source):
    (offline_home.home / "offline.key").unlink()
    assert_issue_refused(offline_home, source, "file-not-found")


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda text: text[: len(text) // 2], "file-not-well-formed"),
        (lambda text: b"\xef\xbb\xbf" + text, "file-byte-order-mark"),
        (lambda text: b"", "file-empty"),
        (lambda text: text.replace(b"<Faktura", b"<!DOCTYPE x><Faktura", 1), "file-dtd"),
        (lambda text: text.replace(b"<Faktura", b"<?x y?><Faktura", 1), "file-processing-instruction"),
        (lambda text: text.replace(b"2025/06/25/13775", b"2025/06/25/99999"), "wrong-namespace"),
        (lambda text: text.replace("Ż".encode(), b"\xaf", 1), "file-not-utf8"),
        (lambda text: text.replace(b"</Faktura>", b"<!--" + b"x" * 1_000_000 + b"--></Faktura>"), "file-too-large"),
    ],
    ids=["truncated", "bom", "empty", "dtd", "instruction", "namespace", "encoding", "size"],
)
def test_a_file_that_ksef_would_refuse_is_refused(offline_home, source, damage, code):
    whole = source.read_bytes()
    source.write_bytes(damage(whole))
    assert source.read_bytes() != whole
    assert_issue_refused(offline_home, source, code)
    (verdict,) = offline_home.run("validate", source, expect=3).document["files"]
    assert [error["code"] for error in verdict["errors"]] == [code]


def test_an_invoice_of_a_foreign_seller_is_refused_until_it_is_listed(offline_home, tmp_path):
    foreign = variant(example("01-"), tmp_path, seller="1111111111")
    assert_issue_refused(offline_home, foreign, "seller-not-allowed")
    offline_home.allow_seller("1111111111")
    assert len(offline_home.run("issue", foreign, "--mode", "offline24").document["issued"]) == 1


def test_an_issue_date_in_the_future_is_refused(offline_home, tmp_path):
    assert_issue_refused(
        offline_home, variant(example("01-"), tmp_path, issued=today().replace(year=today().year + 1)), "issue-date-in-future"
    )


def test_a_good_file_is_issued_beside_a_bad_one(offline_home, source, tmp_path):
    bad = tmp_path / "bad.xml"
    bad.write_bytes(source.read_bytes()[:500])
    report = offline_home.run("issue", source, bad, "--mode", "offline24", expect=3).document
    assert_shape("issue", report)
    assert [failed["file"] for failed in report["failed"]] == [str(bad)]
    assert [invoice["source"] for invoice in report["issued"]] == [str(source)]


def test_a_missing_invoice_file_is_named(offline_home, tmp_path):
    assert_issue_refused(offline_home, tmp_path / "no-such.xml", "file-not-found")


def test_a_queue_of_a_newer_version_is_refused_untouched(offline_home, source):
    offline_home.run("issue", source, "--mode", "offline24")
    database = offline_home.home / "queue.db"
    with sqlite3.connect(database) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute(f"PRAGMA user_version = {version + 1000}")
    connection.close()
    for command in (("list",), ("issue", source), ("send",)):
        assert offline_home.fails(*command, code=1).error == "queue-newer-version"
    with sqlite3.connect(database) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (version + 1000,)
        connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    assert len(offline_home.invoices()) == 1


def test_a_queue_file_that_is_none_is_refused_untouched(offline_home):
    database = offline_home.home / "queue.db"
    database.write_bytes(b"this is no database, but somebody's file" * 50)
    before = database.read_bytes()
    outcome = offline_home.fails("list", code=1)
    assert outcome.error in {"queue-corrupt", "queue-foreign-file", "queue-io"}
    assert database.read_bytes() == before


def test_a_full_disk_stores_each_invoice_whole_or_not_at_all_and_loses_nothing(offline_home, tmp_path):
    with small_disk(tmp_path / "disk", "2m") as disk:
        home = disk.folder / "home"
        shutil.copytree(offline_home.home, disk.outside(home))
        desk = Desk(home, tmp_path, prefix=disk.entering)
        desk.run("issue", variant(example("01-"), tmp_path), "--mode", "offline24")
        for leave in (0, 4_096, 16_384, 65_536):
            kept = {invoice["id"]: invoice for invoice in desk.invoices()}
            sources = [variant(example(part), tmp_path) for part in ("10-", "02-", "03-")]
            disk.fill(leave)
            outcome = desk.run("issue", *sources, "--mode", "offline24", expect=None)
            disk.empty()
            after = {invoice["id"]: invoice for invoice in desk.invoices()}
            assert {key: after[key] for key in kept} == kept
            told = {invoice["id"] for invoice in outcome.document.get("issued", [])}
            assert set(after) - set(kept) == told, outcome
            if len(told) < len(sources):
                failed = [error["code"] for file in outcome.document.get("failed", []) for error in file["errors"]]
                assert outcome.code in (1, 3) and set(failed or [outcome.error]) == {"disk-full"}, outcome
            for invoice in after.values():
                document = disk.outside(invoice["file"])
                assert sha256_base64(document.read_bytes()) == invoice["invoice_hash"]
                facts_by_hand(disk.outside(invoice["signature_file"]), document)
            # With room again, everything goes on as if nothing had been.
            again = desk.run("issue", *sources, "--mode", "offline24").document["issued"]
            assert told <= {invoice["id"] for invoice in again} and len(again) == len(sources)


def test_a_write_that_fails_half_way_leaves_the_queue_as_it_was(offline_home, tmp_path):
    """A limit on file sizes cuts a write in the middle; unlike a full disk it has no name that SQLite passes on."""
    if not shutil.which("prlimit"):
        pytest.skip("prlimit (util-linux) is not here to limit what a process may write")
    offline_home.run("issue", variant(example("01-"), tmp_path), "--mode", "offline24")
    kept = offline_home.invoices()
    source = variant(example("10-"), tmp_path)
    # A shell that ignores SIGXFSZ, as a full disk sends no signal.
    limited = ("/bin/sh", "-c", 'trap "" XFSZ; exec "$@"', "sh", shutil.which("prlimit"), "--fsize=6000")
    outcome = Desk(offline_home.home, tmp_path, prefix=limited).run("issue", source, "--mode", "offline24", expect=1)
    assert outcome.error in {"disk-full", "queue-io"}, outcome
    assert offline_home.invoices() == kept
    assert len(offline_home.run("issue", source, "--mode", "offline24").document["issued"]) == 1


def test_a_port_in_use_is_named(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        outcome = Desk(tmp_path / "home", tmp_path).run("simulate", "--port", port, expect=None, timeout=30)
    assert outcome.code in (1, 2)
    assert outcome.error == "port-in-use"
    assert str(port) in outcome.document["error"]["message"]


def test_no_configuration_is_a_fault_of_usage(tmp_path):
    outcome = Desk(tmp_path / "nowhere", tmp_path).fails("list", code=2)
    assert outcome.error == "config-missing"
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('environment = "custom"', 'environment = "moon"'),
        ("http://127.0.0.1:9/v2", "http://192.0.2.1/v2"),
        (CONTEXT, "Nip:12"),
        ('method = "xades"', 'method = "magic"'),
        ("[offline]", 'unknown_key = "hunter2"\n[offline]'),
        ('context = "', "context = "),
    ],
)
def test_a_wrong_configuration_is_a_fault_of_usage_and_is_not_quoted(offline_home, old, new):
    text = offline_home.config.read_text()
    assert old in text
    offline_home.config.write_text(text.replace(old, new, 1))
    outcome = offline_home.fails("list", code=2)
    assert outcome.error == "config-invalid"
    assert "hunter2" not in outcome.stderr + str(outcome.document)


def test_init_overwrites_nothing(offline_home):
    before = offline_home.config.read_bytes()
    assert offline_home.fails("init", "--context", CONTEXT, "--environment", "test", code=2).error == "file-exists"
    assert offline_home.config.read_bytes() == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("no-such-command",),
        ("list", "--limit", "many"),
        ("deadline", "--mode", "offline24", "--issued", "2026-02-30"),
        ("issue",),
        ("init", "--context", "Nip:123", "--environment", "test"),
    ],
    ids=lambda words: " ".join(words),
)
def test_wrong_usage_is_code_2(tmp_path, arguments):
    desk = Desk(tmp_path / "home", tmp_path)
    outcome = desk.fails(*arguments, code=2)
    assert outcome.document["error"]["message"]


@pytest.mark.parametrize("command", ["show", "delete"])
def test_an_unknown_invoice_is_named_so(offline_home, command):
    assert offline_home.fails(command, "01J00000000000000000000000", code=1).error in {"not-found", "id-malformed"}


def test_an_unreachable_ksef_is_code_4_and_nothing_is_lost(offline_home, source):
    offline_home.run("issue", source, "--mode", "offline24")
    before = offline_home.invoices()
    assert offline_home.fails("send", code=4).error == "ksef-unreachable"
    assert offline_home.run("check", expect=4).document["ksef"] == "unreachable"
    assert offline_home.fails("certificate", "list", code=4).error
    assert offline_home.invoices() == before


def test_a_missing_token_is_named_and_a_wrong_one_is_refused_and_not_printed(shared_simulator, tmp_path):
    desk = Desk(tmp_path / "home", tmp_path)
    desk.login(shared_simulator)
    desk.log_in_by_token()
    assert desk.fails("certificate", "list", code=2).error == "variable-missing"
    refused = desk.fails("certificate", "list", code=1, KSEF_TOKEN="20261122-EC-0000000000-0000000000-00|x|not-the-token")
    assert refused.error


def test_no_secret_shows_even_at_the_highest_verbosity(shared_simulator, tmp_path):
    token = shared_simulator.issue_token()
    desk = Desk(tmp_path / "home", tmp_path, {"KSEF_TOKEN": token, "RUST_LOG": "trace"})
    desk.login(shared_simulator)
    desk.log_in_by_token()
    done = subprocess.run(
        [str(binary()), "-vvv", "--home", str(desk.home), "certificate", "list"],
        capture_output=True,
        cwd=REPOSITORY,
        env=environment(tmp_path, KSEF_TOKEN=token, RUST_LOG="trace"),
        timeout=60,
        check=False,
    )
    said = (done.stdout + done.stderr).decode()
    assert token not in said and token.rsplit("|", 1)[-1] not in said
    assert "Bearer ey" not in said and "PRIVATE KEY" not in said


def test_a_planted_password_in_arguments_is_not_an_option(tmp_path):
    for option in ("--password", "--token", "--key-password"):
        Desk(tmp_path / "home", tmp_path).fails("certificate", "list", option, "x", code=2)
