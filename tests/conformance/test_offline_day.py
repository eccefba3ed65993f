"""One offline day through the command line: KSeF goes away, invoices are issued, KSeF comes back, everything arrives."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import pytest

from harness.command import SELLER, Desk
from harness.invoices import WARSAW, Facts, nth_business_day_after, sha256_base64, today, variant, variants
from harness.receipts import assert_receipt, has_right_check_digits
from harness.reference import EXAMPLES
from harness.shapes import assert_shape
from harness.simulator import Simulator


def test_an_offline_day_from_the_failure_to_the_receipts(simulator: Simulator, desk: Desk, tmp_path):
    simulator.allow_attachments(SELLER)
    assert desk.run("check").document["mode"] == "online"

    # KSeF fails, and Latarnia says so.
    simulator.down("failure")
    check = desk.run("check", expect=4).document
    assert_shape("check", check)
    assert (check["ksef"], check["latarnia"], check["mode"]) == ("unreachable", "FAILURE", "emergency")
    assert check["can_issue_offline"] is True and check["banner"]

    # Every example is issued, each dated today.
    files = variants(tmp_path / "invoices", issued=today())
    report = desk.run("issue", *files).document
    assert report["failed"] == [] and len(report["issued"]) == len(EXAMPLES)
    assert {invoice["mode"] for invoice in report["issued"]} == {"emergency"}
    assert {invoice["status"] for invoice in report["issued"]} == {"signed"}
    assert {invoice["deadline"]["state"] for invoice in report["issued"]} == {"open"}

    # Sending now changes nothing.
    before = desk.invoices()
    refused = desk.fails("send", code=4)
    assert refused.error == "ksef-unreachable"
    assert desk.invoices() == before
    assert {Path(invoice["file"]).read_bytes() for invoice in before} == {file.read_bytes() for file in files}

    # The failure ends: seven business days from today.
    simulator.up()
    assert desk.run("check").document["mode"] == "online"
    listed = desk.invoices()
    due = nth_business_day_after(today(), 7).isoformat()
    assert {(i["deadline"]["state"], i["deadline"]["due"]) for i in listed} == {("due", due)}
    assert [i["id"] for i in listed] == sorted(i["id"] for i in listed)

    # Another system of the company already sent one of the numbers.
    duplicate = listed[3]
    simulator.take_number(duplicate["seller_nip"], duplicate["kind"], duplicate["number"])
    sent = desk.run("send", expect=3).document
    assert_shape("send", sent)
    assert (sent["sent"], sent["rejected"], sent["processing"]) == (len(EXAMPLES) - 1, 1, 0)
    assert len(sent["sessions"]) == 1

    # The queue keeps the rejected one with its reason, the archive has the rest.
    (rejected,) = desk.invoices()
    assert (rejected["id"], rejected["status"], rejected["error"]["code"]) == (duplicate["id"], "error", 440)
    archived = desk.archive()
    ledger = {entry["invoice_hash"]: entry["ksef_number"] for entry in simulator.ledger()}
    assert {i["invoice_hash"]: i["ksef_number"] for i in archived} == ledger
    for invoice in archived:
        assert invoice["status"] == "sent" and invoice["error"] is None
        assert has_right_check_digits(invoice["ksef_number"])
        assert invoice["code_two"], "what was printed stays in the data"
        receipt = tmp_path / f"{invoice['id']}-upo.xml"
        told = desk.run("receipt", invoice["id"], "--out", receipt).document
        assert_shape("receipt", told)
        assert told["verified"] is True
        assert sha256_base64(Path(invoice["file"]).read_bytes()) == invoice["invoice_hash"]
        assert_receipt(receipt.read_bytes(), invoice["invoice_hash"], invoice["ksef_number"])

    # Only the one in error can be deleted, and once.
    desk.fails("delete", archived[0]["id"], code=1)
    assert desk.run("delete", rejected["id"]).document == {"deleted": rejected["id"]}
    desk.fails("delete", rejected["id"], code=1)
    assert desk.invoices() == []

    # Sending again has nothing to do.
    again = desk.run("send").document
    assert (again["sessions"], again["sent"], again["rejected"], again["processing"]) == ([], 0, 0, 0)
    assert len(simulator.ledger()) == len(archived)


@pytest.mark.parametrize(
    ("kind", "latarnia", "mode"),
    [
        ("maintenance", "MAINTENANCE", "unavailability"),
        ("failure", "FAILURE", "emergency"),
        ("total-failure", "TOTAL_FAILURE", "total-failure"),
        ("unreachable", "AVAILABLE", "offline24"),
    ],
)
def test_issue_finds_out_the_mode_by_itself(simulator, desk, tmp_path, kind, latarnia, mode):
    simulator.down(kind)
    check = desk.run("check", expect=4).document
    assert (check["latarnia"], check["mode"]) == (latarnia, mode)
    (invoice,) = desk.run("issue", variant(EXAMPLES[0], tmp_path, issued=today())).document["issued"]
    assert invoice["mode"] == mode
    if mode == "total-failure":
        assert invoice["code_one"] is invoice["code_two"] is None
        assert invoice["deadline"]["state"] == "not-required"


def test_a_silent_latarnia_never_stops_work(simulator, desk, tmp_path):
    simulator.down("unreachable")
    simulator.silence_latarnia()
    check = desk.run("check", expect=4).document
    assert (check["latarnia"], check["mode"]) == ("unreachable", "offline24")
    (invoice,) = desk.run("issue", variant(EXAMPLES[0], tmp_path, issued=today())).document["issued"]
    assert (invoice["mode"], invoice["deadline"]["due"]) == ("offline24", nth_business_day_after(today(), 1).isoformat())


def test_a_maintenance_invoice_is_due_on_the_business_day_after_the_announced_end(simulator, desk, tmp_path):
    simulator.down("maintenance")
    (invoice,) = desk.run("issue", variant(EXAMPLES[0], tmp_path, issued=today())).document["issued"]
    (message,) = desk.run("check", expect=4).document["messages"]
    end = datetime.fromisoformat(message["end"].replace("Z", "+00:00")).astimezone(WARSAW).date()
    assert invoice["deadline"]["basis"] == "art. 106nh"
    assert invoice["deadline"]["due"] == nth_business_day_after(end, 1).isoformat()


def test_ksef_marks_invoices_offline_exactly_where_they_were_issued_so(simulator, desk, tmp_path):
    online = variant(EXAMPLES[0], tmp_path, issued=today())
    offline = variant(EXAMPLES[1], tmp_path, issued=today())
    desk.run("issue", online, "--mode", "online")
    desk.run("issue", offline, "--mode", "offline24")
    sent = desk.run("send").document
    assert (sent["sent"], len(sent["sessions"])) == (2, 2)
    modes = {entry["invoice_hash"]: entry["mode"] for entry in simulator.ledger()}
    assert modes == {sha256_base64(online.read_bytes()): "Online", sha256_base64(offline.read_bytes()): "Offline"}


def test_an_online_invoice_has_code_one_only(shared_desk, tmp_path):
    (invoice,) = shared_desk.run("issue", variant(EXAMPLES[0], tmp_path, issued=today())).document["issued"]
    assert invoice["mode"] == "online"
    assert invoice["code_one"] and invoice["code_two"] is None and invoice["signature_file"] is None


def test_the_same_bytes_give_the_same_invoice_and_another_document_with_its_number_is_refused(shared_desk, tmp_path):
    source = variant(EXAMPLES[0], tmp_path)
    (first,) = shared_desk.run("issue", source, "--mode", "offline24").document["issued"]
    (again,) = shared_desk.run("issue", source, "--mode", "offline24").document["issued"]
    assert again == first
    other = tmp_path / "other.xml"
    other.write_bytes(source.read_bytes() + b"\n")
    assert Facts.of(other.read_bytes()).number == first["number"]
    refused = shared_desk.run("issue", other, "--mode", "offline24", expect=1).document
    assert_shape("issue", refused)
    assert [error["code"] for error in refused["failed"][0]["errors"]] == ["duplicate-number"]
    assert [invoice["id"] for invoice in shared_desk.invoices()] == [first["id"]]


def test_a_slow_ksef_leaves_invoices_in_processing_until_refresh(simulator, desk, tmp_path):
    simulator.delay_processing(4)
    desk.run("issue", variant(EXAMPLES[0], tmp_path), variant(EXAMPLES[1], tmp_path), "--mode", "offline24")
    sent = desk.run("send", "--timeout", "1", expect=3).document
    assert (sent["sent"], sent["processing"]) == (0, 2)
    assert {invoice["status"] for invoice in desk.invoices()} == {"processing"}
    simulator.delay_processing(0)
    end = time.monotonic() + 30
    changed: list[dict] = []
    while len(changed) < 2 and time.monotonic() < end:
        time.sleep(0.5)
        outcome = desk.run("refresh", expect=None)
        assert outcome.code in (0, 3)
        assert_shape("refresh", outcome.document)
        changed += [invoice for invoice in outcome.document["changed"] if invoice["status"] == "sent"]
    assert {invoice["status"] for invoice in changed} == {"sent"} and len(changed) == 2
    assert desk.invoices() == []


def test_no_wait_returns_with_everything_uploaded(simulator, desk, tmp_path):
    simulator.delay_processing(1)
    desk.run("issue", variant(EXAMPLES[0], tmp_path), "--mode", "offline24")
    sent = desk.run("send", "--no-wait", expect=None)
    assert sent.code in (0, 3)
    assert sent.document["processing"] == 1
    time.sleep(1.5)
    desk.run("refresh")
    assert len(desk.archive()) == 1


def test_invoices_signed_later_are_signed_by_send(shared_desk, tmp_path):
    (pending,) = shared_desk.run("issue", variant(EXAMPLES[0], tmp_path), "--mode", "offline24", "--sign-later").document["issued"]
    assert (pending["status"], pending["code_two"], pending["signature_file"]) == ("pending", None, None)
    sent = shared_desk.run("send").document
    assert sent["sent"] == 1
    (archived,) = shared_desk.archive()
    assert archived["id"] == pending["id"] and archived["code_two"]


def test_a_rejected_number_can_be_used_again_after_the_error_is_deleted(simulator, desk, tmp_path):
    source = variant(EXAMPLES[0], tmp_path)
    (invoice,) = desk.run("issue", source, "--mode", "offline24").document["issued"]
    simulator.reject(number=invoice["number"], code=450, description="Błąd", details=["linia 7: zła wartość"])
    desk.run("send", expect=3)
    (error,) = desk.invoices("--status", "error")
    assert error["error"] == {"code": 450, "description": "Błąd", "details": ["linia 7: zła wartość"]}
    desk.run("delete", invoice["id"])
    (fresh,) = desk.run("issue", source, "--mode", "offline24").document["issued"]
    assert fresh["status"] == "signed"
    assert desk.run("send").document["sent"] == 1
