"""What KSeF was last seen to say of the Offline certificate: kept, shown, and obeyed."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

from harness import pki
from harness.command import CONTEXT, Desk
from harness.invoices import variants


def age(instant: str) -> timedelta:
    return datetime.now(timezone.utc) - datetime.fromisoformat(instant.replace("Z", "+00:00"))


def test_check_tells_what_enrolment_left(desk):
    certificate = desk.run("check").document["offline_certificate"]
    assert certificate["status"] == "Active" and certificate["expires_soon"] is False
    assert timedelta(0) <= age(certificate["status_seen"]) < timedelta(minutes=5)
    (line,) = [line for line in desk.run("certificate", "list").document["certificates"] if line["type"] == "offline"]
    assert line["serial_number"] == certificate["serial_number"]


def test_a_certificate_that_was_revoked_signs_nothing_more(desk, tmp_path):
    first, second = variants(tmp_path / "invoices")[:2]
    assert desk.run("issue", first, "--mode", "offline24").document["failed"] == []
    serial = desk.run("check").document["offline_certificate"]["serial_number"]
    desk.run("certificate", "revoke", serial)
    assert desk.run("issue", second, "--mode", "offline24", expect=2).error == "certificate-revoked"
    check = desk.run("check").document
    assert check["can_issue_offline"] is False and check["offline_certificate"] is None
    assert check["offline_certificate_fault"]["code"] == "certificate-revoked"
    desk.enroll()
    assert desk.run("issue", second, "--mode", "offline24").document["failed"] == []


def test_a_revocation_elsewhere_is_seen_by_the_list(desk, simulator, tmp_path):
    serial = desk.run("check").document["offline_certificate"]["serial_number"]
    other = Desk(tmp_path / "other", tmp_path)
    other.login(simulator)
    other.run("certificate", "revoke", serial)
    source = variants(tmp_path / "invoices")[0]
    desk.run("certificate", "list")
    assert desk.run("issue", source, "--mode", "offline24", expect=2).error == "certificate-revoked"


def test_a_certificate_that_ends_soon_is_pointed_out_and_one_never_asked_about_says_so(tmp_path):
    desk = Desk(tmp_path / "home", tmp_path)
    desk.run("init", "--context", CONTEXT, "--environment", "test")
    key = pki.new_key()
    certificate, key_file = pki.write_pair(tmp_path, "offline", key, pki.certificate(key, ends=29))
    with Path(desk.config).open("a") as config:
        config.write(f'\n[offline]\ncertificate = "{certificate}"\nkey = "{key_file}"\n')
    text = desk.config.read_text().replace('environment = "test"', 'environment = "custom"')
    dead = "http://127.0.0.1:1"
    desk.config.write_text(text + f'[custom]\napi = "{dead}/v2"\nlatarnia = "{dead}"\nqr_host = "qr-test.ksef.mf.gov.pl"\n')
    check = desk.run("check", expect=4).document["offline_certificate"]
    assert check["expires_soon"] is True and check["status"] is None and check["status_seen"] is None
