"""What KSeF was last seen to say of the Offline certificate: kept, shown, and obeyed."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

from harness import pki
from harness.command import CONTEXT, SELLER, Desk
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
    document = desk.run("check", expect=4).document
    check = document["offline_certificate"]
    assert check["expires_soon"] is True and check["status"] is None and check["status_seen"] is None
    # Never asked, and why: the files of the login are not there.
    assert check["status_fault"]["code"] == document["authentication_fault"]["code"] == "file-not-found"


def own_certificate(desk: Desk, nip: str = SELLER) -> None:
    """Configures an Offline certificate that nobody but this test issued."""
    key = pki.new_key()
    certificate, key_file = pki.write_pair(desk.home, "self-made", key, pki.certificate(key, nip=nip))
    desk.configure("offline", certificate=str(certificate), key=str(key_file))


def test_a_certificate_that_ksef_does_not_list_is_told_from_one_nobody_asked_about(desk, tmp_path):
    own_certificate(desk)
    check = desk.run("check").document["offline_certificate"]
    assert check["status"] == "NotListed" and check["status_fault"] is None and check["foreign_nip"] is None
    assert timedelta(0) <= age(check["status_seen"]) < timedelta(minutes=5)
    outcome = desk.run("issue", variants(tmp_path / "invoices")[0], "--mode", "offline24")
    assert outcome.document["failed"] == [] and "KSeF lists no such Offline certificate" in outcome.stderr


def test_a_certificate_in_force_is_issued_with_in_silence(desk, tmp_path):
    outcome = desk.run("issue", variants(tmp_path / "invoices")[0], "--mode", "offline24")
    assert "lists no such" not in outcome.stderr


def test_a_certificate_of_another_company_is_pointed_out(desk):
    own_certificate(desk, nip="1111111111")
    assert desk.run("check").document["offline_certificate"]["foreign_nip"] == "1111111111"


def test_check_tells_why_ksef_could_not_be_asked(desk, simulator):
    own_certificate(desk)
    simulator.stop()
    check = desk.run("check", expect=4).document["offline_certificate"]
    assert check["status"] is None and check["status_fault"]["code"] == "ksef-unreachable"


def test_check_tells_of_a_login_that_cannot_be_tried(desk):
    assert desk.run("check").document["authentication_fault"] is None
    key = pki.new_key()
    certificate, _ = pki.write_pair(desk.home, "authentication", key, pki.certificate(key))
    fault = desk.run("check").document["authentication_fault"]
    assert fault["code"] == "certificate-not-for-login" and str(certificate) in fault["message"]
    certificate.unlink()
    assert desk.run("check").document["authentication_fault"]["code"] == "file-not-found"
