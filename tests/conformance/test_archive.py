"""What leaves the archive: ASiC-S containers, exported folders, backups, and the events of `watch`."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import threading
import time
import zipfile
from pathlib import Path
from queue import SimpleQueue

import pytest
from lxml import etree

from harness.command import Desk, binary, environment
from harness.invoices import example, sha256_base64, variant
from harness.receipts import assert_receipt
from harness.signatures import NAMES, facts_by_hand, verify_with_signxml, verify_with_xmlsec

EVENT_SECONDS = 20


@pytest.fixture
def archive(shared_desk, tmp_path) -> tuple[Desk, list[dict]]:
    """Two accepted invoices."""
    shared_desk.run("issue", variant(example("01-"), tmp_path), variant(example("02-"), tmp_path), "--mode", "offline24")
    shared_desk.run("send")
    return shared_desk, shared_desk.archive()


def test_an_asic_container_holds_the_invoice_and_a_signature_that_verifies(archive, tmp_path):
    desk, invoices = archive
    invoice = invoices[0]
    container = tmp_path / "invoice.asics"
    assert desk.run("export", invoice["id"], "--out", container).document == {"file": str(container)}
    with zipfile.ZipFile(container) as opened:
        first = opened.infolist()[0]
        assert (first.filename, first.compress_type, first.extra) == ("mimetype", zipfile.ZIP_STORED, b"")
        assert opened.read("mimetype") == b"application/vnd.etsi.asic-s+zip"
        (name,) = (n for n in opened.namelist() if n != "mimetype" and not n.startswith("META-INF/"))
        document = tmp_path / name
        document.write_bytes(opened.read(name))
        signatures = etree.fromstring(opened.read("META-INF/signatures.xml"))
    assert sha256_base64(document.read_bytes()) == invoice["invoice_hash"]
    assert signatures.tag == "{http://uri.etsi.org/02918/v1.2.1#}XAdESSignatures"
    (element,) = signatures.findall("ds:Signature", NAMES)
    signature = tmp_path / "signature.xml"
    signature.write_bytes(etree.tostring(element))
    facts = facts_by_hand(signature, document)
    assert facts.reference == name
    verify_with_xmlsec(signature, document, facts.certificate)
    verify_with_signxml(signature, document.read_bytes(), facts.certificate)


def test_an_exported_archive_has_invoice_signature_and_receipt_of_each(archive, tmp_path):
    desk, invoices = archive
    out = tmp_path / "exported"
    exported = desk.run("archive", "export", "--out", out).document["invoices"]
    wanted = {invoice["id"]: invoice for invoice in invoices}
    assert {entry["id"] for entry in exported} == set(wanted)
    for entry in exported:
        invoice, document = wanted[entry["id"]], Path(entry["file"])
        assert sha256_base64(document.read_bytes()) == invoice["invoice_hash"]
        facts = facts_by_hand(Path(entry["signature_file"]), document)
        verify_with_xmlsec(Path(entry["signature_file"]), document, facts.certificate)
        assert_receipt(Path(entry["receipt_file"]).read_bytes(), invoice["invoice_hash"], invoice["ksef_number"])


def test_a_search_finds_by_each_of_its_keys_and_by_all_together(archive):
    desk, invoices = archive
    wanted = invoices[0]
    keys = {
        "--number": wanted["number"],
        "--buyer": wanted["buyer"],
        "--ksef-number": wanted["ksef_number"],
        "--hash": wanted["invoice_hash"],
        "--from": wanted["issue_date"],
        "--to": wanted["issue_date"],
    }
    for key, value in keys.items():
        assert wanted["id"] in {i["id"] for i in desk.run("archive", "search", key, value).document["invoices"]}, key
    everything = [word for pair in keys.items() for word in pair]
    assert [i["id"] for i in desk.run("archive", "search", *everything).document["invoices"]] == [wanted["id"]]
    assert desk.run("archive", "search", "--buyer", "Nikt Taki").document["invoices"] == []


def test_a_backup_is_a_whole_queue_that_another_home_works_on(archive, tmp_path):
    desk, invoices = archive
    copy = tmp_path / "backup.db"
    assert desk.run("backup", "--out", copy).document == {"file": str(copy)}
    with sqlite3.connect(copy) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    before = copy.read_bytes()
    assert desk.fails("backup", "--out", copy, code=2).error in {"file-exists", "backup-exists"}
    assert copy.read_bytes() == before
    restored = Desk(tmp_path / "restored", tmp_path)
    restored.home.mkdir()
    restored.config.write_text(desk.config.read_text())
    for file in desk.home.glob("*.pem"):
        (restored.home / file.name).write_bytes(file.read_bytes())
    (restored.home / "queue.db").write_bytes(before)
    assert {i["id"]: i["invoice_hash"] for i in restored.archive()} == {i["id"]: i["invoice_hash"] for i in invoices}
    assert all(sha256_base64(Path(i["file"]).read_bytes()) == i["invoice_hash"] for i in restored.archive())


def test_watch_tells_of_the_end_of_ksef_and_of_its_return_one_json_line_each(simulator, desk, tmp_path):
    watching = subprocess.Popen(
        [str(binary()), "--json", "--home", str(desk.home), "watch", "--interval", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(tmp_path),
    )
    lines: SimpleQueue[bytes] = SimpleQueue()
    reader = threading.Thread(target=lambda: [lines.put(line) for line in watching.stdout], daemon=True)
    reader.start()

    def until(event: str) -> dict:
        while True:
            told = json.loads(lines.get(timeout=EVENT_SECONDS))
            if told["event"] == event:
                return told

    try:
        # Its first look finds KSeF in order; only a change is an event.
        while not simulator.requests() or not any(r["path"].startswith("/latarnia") for r in simulator.requests()):
            assert watching.poll() is None
            time.sleep(0.05)
        simulator.down("failure")
        assert until("lost")["mode"] == "emergency"
        simulator.up()
        until("restored")
    finally:
        watching.terminate()
        watching.wait(10)
        reader.join(5)
        watching.stdout.close()
