"""Every command prints, with --json, the document that the command contract states."""

from __future__ import annotations

import json
import stat
import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from harness.command import CONTEXT, Desk, binary, environment
from harness.invoices import example, today, variant
from harness.shapes import assert_shape
from harness.simulator import Simulator


def test_init_writes_a_configuration_for_the_simulator(shared_simulator, tmp_path):
    desk = Desk(tmp_path / "home", tmp_path)
    answer = desk.login(shared_simulator).document
    assert_shape("init", answer)
    assert answer == {"home": str(desk.home), "config": str(desk.config)}
    text = desk.config.read_text()
    assert f'context = "{CONTEXT}"' in text and shared_simulator.api in text
    keys = [path for path in desk.home.rglob("*") if path.suffix == ".key"]
    assert keys and all(stat.S_IMODE(key.stat().st_mode) == 0o600 for key in keys)


def test_init_writes_a_configuration_for_each_environment(tmp_path):
    for environment_name in ("test", "demo", "production"):
        desk = Desk(tmp_path / environment_name, tmp_path)
        assert_shape("init", desk.run("init", "--context", CONTEXT, "--environment", environment_name).document)
        assert f'environment = "{environment_name}"' in desk.config.read_text()


def test_check_validate_issue_list_show_and_sign(shared_desk, tmp_path):
    assert_shape("check", shared_desk.run("check").document)
    good, bad = variant(example("01-"), tmp_path), tmp_path / "bad.xml"
    bad.write_bytes(good.read_bytes().replace(b"<P_15>", b"<P_15>x"))
    verdict = shared_desk.run("validate", good, bad, expect=3).document
    assert_shape("validate", verdict)
    assert [file["valid"] for file in verdict["files"]] == [True, False]
    assert verdict["files"][1]["errors"][0]["path"].endswith("/P_15")
    issued = shared_desk.run("issue", good, "--mode", "offline24", "--sign-later").document
    assert_shape("issue", issued)
    identifier = issued["issued"][0]["id"]
    listed = shared_desk.run("list").document
    assert_shape("list", listed)
    assert listed["counts"]["pending"] == 1 and listed["next"] is None
    assert_shape("show", shared_desk.run("show", identifier).document)
    signed = shared_desk.run("sign", identifier).document
    assert_shape("sign", signed)
    assert [invoice["status"] for invoice in signed["invoices"]] == ["signed"]
    assert_shape("sign", shared_desk.run("sign").document)


def test_send_refresh_session_receipt_and_the_archive(shared_desk, tmp_path):
    shared_desk.run("issue", variant(example("01-"), tmp_path), variant(example("02-"), tmp_path), "--mode", "offline24")
    sent = shared_desk.run("send").document
    assert_shape("send", sent)
    reference = sent["sessions"][0]["reference_number"]
    session = shared_desk.run("session", reference).document
    assert_shape("session", session)
    assert session["status"]["code"] == 200 and len(session["invoices"]) == 2
    refreshed = shared_desk.run("refresh").document
    assert_shape("refresh", refreshed)
    assert refreshed["changed"] == []
    archive = shared_desk.run("list", "--status", "sent").document
    assert_shape("list", archive)
    assert {invoice["batch_reference"] for invoice in archive["invoices"]} == {reference}
    assert shared_desk.run("list").document["invoices"] == []
    for invoice in archive["invoices"]:
        told = shared_desk.run("receipt", invoice["id"], "--out", tmp_path / "upo.xml").document
        assert_shape("receipt", told)
        assert told["verified"] is True
        assert_shape("show", shared_desk.run("show", invoice["id"]).document)


def test_pages_of_the_list_join_without_gaps_and_overlaps(shared_desk, tmp_path):
    sources = [variant(example("01-"), tmp_path) for _ in range(7)]
    issued = shared_desk.run("issue", *sources, "--mode", "offline24").document["issued"]
    paged = shared_desk.invoices("--limit", "3")
    assert len(paged) == 7
    assert {invoice["id"] for invoice in paged} == {invoice["id"] for invoice in issued}
    assert paged == shared_desk.invoices()


def test_the_queue_is_sorted_by_due_date_with_open_ones_last(shared_desk, tmp_path):
    early = variant(example("01-"), tmp_path, issued=today().replace(day=1, month=10, year=2026))
    late = variant(example("01-"), tmp_path, issued=today())
    open_one = variant(example("01-"), tmp_path, issued=today().replace(day=1, month=10, year=2026))
    for source, mode in ((open_one, "emergency"), (late, "offline24"), (early, "offline24")):
        shared_desk.run("issue", source, "--mode", mode)
    listed = shared_desk.invoices()
    assert [invoice["source"] for invoice in listed] == [str(early), str(late), str(open_one)]
    assert [invoice["deadline"]["state"] for invoice in listed] == ["due", "due", "open"]


def test_certificates_are_enrolled_listed_and_revoked(shared_desk, tmp_path):
    enrolled = shared_desk.enroll("rsa", "offline", "--password-env", "KSEF_NEW_KEY", KSEF_NEW_KEY="hasło-klucza")
    assert_shape("certificate enroll", enrolled)
    key, certificate = Path(enrolled["key"]), Path(enrolled["certificate"])
    assert (certificate.name, key.name) == (f"offline-{enrolled['serial_number']}.pem", f"offline-{enrolled['serial_number']}.key")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    private = load_pem_private_key(key.read_bytes(), "hasło-klucza".encode())
    parsed = x509.load_pem_x509_certificate(certificate.read_bytes())
    assert parsed.public_key() == private.public_key()
    assert f"{parsed.serial_number:016X}" == enrolled["serial_number"]
    listed = shared_desk.run("certificate", "list").document
    assert_shape("certificate list", listed)
    assert enrolled["serial_number"] in {entry["serial_number"] for entry in listed["certificates"]}
    revoked = shared_desk.run("certificate", "revoke", enrolled["serial_number"]).document
    assert revoked == {"revoked": enrolled["serial_number"]}
    (entry,) = (
        entry
        for entry in shared_desk.run("certificate", "list").document["certificates"]
        if entry["serial_number"] == enrolled["serial_number"]
    )
    assert entry["status"].lower() == "revoked"


def test_an_enrolled_authentication_certificate_logs_in(shared_desk):
    shared_desk.enroll("p256", "authentication")
    assert shared_desk.run("certificate", "list").document["certificates"]


def test_deadline_without_a_known_outage_stays_open_and_says_so(shared_desk):
    answer = shared_desk.run("deadline", "--mode", "emergency", "--issued", "2026-03-02").document
    assert_shape("deadline", answer)
    assert (answer["state"], answer["due"]) == ("open", None)


def test_the_simulator_says_where_it_is_and_ends_when_asked(tmp_path):
    simulator = Simulator(tmp_path / "simulator")
    try:
        assert simulator.api.startswith("http://127.0.0.1:") and simulator.api.endswith("/v2")
        assert simulator.latarnia.startswith("http://127.0.0.1:")
        assert simulator.control.startswith("http://127.0.0.1:")
        assert "/" not in simulator.qr_host
    finally:
        assert simulator.stop() in (0, -15, 143)


def test_messages_follow_the_language_that_is_asked_for(tmp_path):
    said = {}
    for language in ("pl", "en"):
        said[language] = Desk(tmp_path / "home", tmp_path).fails("--lang", language, "list", code=2).document["error"]["message"]
    assert said["pl"] != said["en"]
    polish = subprocess.run(
        [str(binary()), "--json", "--home", str(tmp_path / "home"), "list"],
        capture_output=True,
        env=environment(tmp_path) | {"LC_ALL": "pl_PL.UTF-8"},
        check=False,
    )
    assert json.loads(polish.stdout)["error"]["message"] == said["pl"]


def test_without_json_people_get_text(shared_desk, tmp_path):
    shared_desk.run("issue", variant(example("01-"), tmp_path), "--mode", "offline24")
    done = subprocess.run(
        [str(binary()), "--home", str(shared_desk.home), "list"], capture_output=True, env=environment(tmp_path), check=False
    )
    text = done.stdout.decode()
    assert done.returncode == 0 and "\x1b[" not in text and not text.lstrip().startswith("{")
    assert len(text.splitlines()) >= 2


def test_wrong_usage_and_help_follow_the_language_that_is_asked_for(tmp_path):
    desk = Desk(tmp_path / "home", tmp_path)
    said = {language: desk.fails("--lang", language, "lst", code=2).document["error"]["message"] for language in ("pl", "en")}
    assert "nieznane polecenie" in said["pl"] and "unrecognized subcommand" in said["en"]
    helped = {language: for_people(tmp_path, "--lang", language, "list", "--help").stdout.decode() for language in ("pl", "en")}
    assert "Użycie:" in helped["pl"] and "Usage:" not in helped["pl"] and "Usage:" in helped["en"]
    told = for_people(tmp_path, "list", "--limit", "0", LC_ALL="pl_PL.UTF-8")
    assert (told.returncode, told.stdout) == (2, b"") and "od 1 do 10000" in told.stderr.decode()


def for_people(scratch: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess:
    return subprocess.run([str(binary()), *arguments], capture_output=True, env=environment(scratch) | variables, check=False)
