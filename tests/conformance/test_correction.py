"""A rejected offline invoice is corrected technically: interactive, linked by hash, once, and by KSeF's rules."""

from __future__ import annotations

import time

import pytest

from harness.command import Desk
from harness.invoices import example, sha256_base64, variant
from harness.receipts import assert_receipt
from harness.recorder import Exchange, Recorder
from harness.shapes import assert_shape


def rejected(simulator, desk: Desk, tmp_path, code: int, mode: str = "offline24"):
    """An invoice that KSeF has rejected, as `list` shows it, and its file."""
    source = variant(example("01-"), tmp_path)
    simulator.reject(invoice_hash=sha256_base64(source.read_bytes()), code=code)
    desk.run("issue", source, "--mode", mode)
    desk.run("send", expect=3)
    (invoice,) = desk.invoices("--status", "error")
    assert invoice["error"]["code"] == code
    return invoice, source


def respelt(source, tmp_path, name="fixed.xml", **changes: str):
    """The same content in other bytes."""
    text = source.read_text(encoding="utf-8")
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new)
    fixed = tmp_path / name
    fixed.write_text(text + "<!-- corrected -->\n", encoding="utf-8")
    return fixed


@pytest.mark.parametrize("code", [430, 450])
def test_a_correction_is_accepted_and_the_printed_code_leads_to_it(simulator, desk, tmp_path, code):
    invoice, source = rejected(simulator, desk, tmp_path, code)
    fixed = respelt(source, tmp_path)
    with Recorder(simulator.api) as recorder:
        desk.config.write_text(recorder.rewritten(desk.config.read_text()))
        corrected = desk.run("correct", invoice["id"], "--with", fixed).document
        exchanges = list(recorder.exchanges)
    assert set(corrected) == {"invoice"}
    correction = corrected["invoice"]
    assert_shape("correct", corrected)
    assert correction["id"] != invoice["id"]
    assert (correction["status"], correction["mode"]) == ("sent", "offline24")
    assert correction["number"] == invoice["number"]
    assert correction["invoice_hash"] == sha256_base64(fixed.read_bytes())
    assert correction["corrects_hash"] == invoice["invoice_hash"]
    (entry,) = simulator.ledger()
    assert entry["ksef_number"] == correction["ksef_number"]
    assert entry["mode"] == "Offline"
    # Exactly one interactive session with exactly one invoice that names what it corrects.
    sent = [e for e in exchanges if e.method == "POST" and e.path.endswith("/invoices") and "/online/" in e.path]
    assert len(sent) == 1
    assert sent[0].json()["hashOfCorrectedInvoice"] == invoice["invoice_hash"]
    assert sent[0].json()["offlineMode"] is True
    assert not [e for e in exchanges if e.path.endswith("/sessions/batch")]
    page = simulator.page_behind(invoice["code_one"])
    assert correction["ksef_number"] in str(page), page
    receipt = tmp_path / "upo.xml"
    assert desk.run("receipt", correction["id"], "--out", receipt).document["verified"] is True
    assert_receipt(receipt.read_bytes(), correction["invoice_hash"], correction["ksef_number"])
    # The rejected one keeps its reasons and its history says what took its place.
    shown = desk.run("show", invoice["id"]).document
    assert shown["status"] == "error" and shown["error"]["code"] == code
    assert shown["history"][-1]["event"] == "correct"
    assert shown["history"][-1]["cause"] == correction["id"]
    # Again: what is there, and no second session.
    again = desk.run("correct", invoice["id"], "--with", fixed).document["invoice"]
    assert again["ksef_number"] == correction["ksef_number"]
    other = respelt(source, tmp_path, "other.xml", style=("</Faktura>", "\n</Faktura>"))
    refused = desk.fails("correct", invoice["id"], "--with", other, code=1)
    assert refused.error == "already-settled"
    assert len(simulator.ledger()) == 1


def test_a_taken_number_is_corrected_by_another_one(simulator, desk, tmp_path):
    source = variant(example("01-"), tmp_path)
    desk.run("issue", source, "--mode", "offline24")
    (queued,) = desk.invoices()
    simulator.take_number(queued["seller_nip"], queued["kind"], queued["number"])
    desk.run("send", expect=3)
    (invoice,) = desk.invoices("--status", "error")
    same_number = respelt(source, tmp_path)
    assert desk.fails("correct", invoice["id"], "--with", same_number, code=1).error == "correction-number-taken"
    fresh = respelt(source, tmp_path, number=(f"<P_2>{invoice['number']}<", f"<P_2>{invoice['number']}/A<"))
    assert desk.run("correct", invoice["id"], "--with", fresh).document["invoice"]["status"] == "sent"


def test_what_no_correction_can_mend_is_refused_before_anything_is_sent(simulator, desk, tmp_path):
    unauthorised, source = rejected(simulator, desk, tmp_path, 410)
    fixed = respelt(source, tmp_path)
    assert desk.fails("correct", unauthorised["id"], "--with", fixed, code=1).error == "correction-not-technical"
    online, source = rejected_online(simulator, desk, tmp_path)
    assert desk.fails("correct", online, "--with", respelt(source, tmp_path), code=1).error == "correction-not-offline"
    before = len(simulator.requests())
    invoice, source = rejected_second(simulator, desk, tmp_path)
    asked = len(simulator.requests())
    assert asked > before
    for change, error in [
        ({}, "correction-unchanged"),
        ({"date": ("<P_15>", "<P_15>1")}, "correction-other-content"),
        ({"broken": ("</Fa>", "")}, "invoice-refused"),
    ]:
        wrong = source if not change else respelt(source, tmp_path, **change)
        outcome = desk.fails("correct", invoice["id"], "--with", wrong, code=1)
        assert outcome.error == error, outcome
    missing = desk.fails("correct", invoice["id"], "--with", tmp_path / "none.xml", code=1)
    assert missing.error == "invoice-refused"
    waiting = variant(example("02-"), tmp_path)
    desk.run("issue", waiting, "--mode", "offline24")
    (signed,) = desk.invoices("--status", "signed")
    assert desk.fails("correct", signed["id"], "--with", respelt(waiting, tmp_path), code=1).error == "wrong-status"
    assert len(simulator.requests()) == asked, "a refusal needs no network"


def rejected_online(simulator, desk, tmp_path):
    before = {invoice["id"] for invoice in desk.invoices("--status", "error")}
    source = variant(example("01-"), tmp_path)
    simulator.reject(invoice_hash=sha256_base64(source.read_bytes()), code=450)
    desk.run("issue", source, "--mode", "online")
    desk.run("send", expect=3)
    (new,) = [invoice for invoice in desk.invoices("--status", "error") if invoice["id"] not in before]
    return new["id"], source


def rejected_second(simulator, desk, tmp_path):
    before = {invoice["id"] for invoice in desk.invoices("--status", "error")}
    source = variant(example("01-"), tmp_path)
    simulator.reject(invoice_hash=sha256_base64(source.read_bytes()), code=450)
    desk.run("issue", source, "--mode", "offline24")
    desk.run("send", expect=3)
    (new,) = [invoice for invoice in desk.invoices("--status", "error") if invoice["id"] not in before]
    return new, source


def test_a_rejected_correction_is_corrected_again_in_the_name_of_what_was_printed(simulator, desk, tmp_path):
    invoice, source = rejected(simulator, desk, tmp_path, 450)
    first = respelt(source, tmp_path, "first.xml")
    simulator.reject(invoice_hash=sha256_base64(first.read_bytes()), code=450)
    outcome = desk.run("correct", invoice["id"], "--with", first, expect=3).document["invoice"]
    assert (outcome["status"], outcome["error"]["code"]) == ("error", 450)
    second = respelt(source, tmp_path, "second.xml", style=("</Faktura>", "\n</Faktura>"))
    accepted = desk.run("correct", outcome["id"], "--with", second).document["invoice"]
    assert accepted["status"] == "sent"
    assert accepted["corrects_hash"] == invoice["invoice_hash"], "the buyer holds the code of the first one"


def test_a_correction_waits_for_ksef_and_goes_with_the_next_send(simulator, desk, tmp_path):
    invoice, source = rejected(simulator, desk, tmp_path, 450)
    fixed = respelt(source, tmp_path)
    simulator.down("failure")
    desk.fails("correct", invoice["id"], "--with", fixed, code=4)
    (waiting,) = desk.invoices("--status", "signed")
    assert waiting["corrects_hash"] == invoice["invoice_hash"]
    simulator.up()
    # It shares the queue with an ordinary invoice, and not the session.
    desk.run("issue", variant(example("02-"), tmp_path), "--mode", "offline24")
    sent = desk.run("send").document
    assert (sent["sent"], sent["rejected"], len(sent["sessions"])) == (2, 0, 2)
    assert len(simulator.ledger()) == 2


def test_the_plan_says_in_which_order_corrections_go_and_which_will_be_late(simulator, desk, tmp_path):
    assert desk.run("correct", "--plan").document == {"corrections": [], "late": 0}
    waiting = [rejected_second(simulator, desk, tmp_path) for _ in range(2)]
    simulator.down("failure")
    for place, (invoice, source) in enumerate(waiting):
        fixed = respelt(source, tmp_path, f"fixed-{place}.xml")
        desk.fails("correct", invoice["id"], "--with", fixed, code=4)
    simulator.up()
    asked = len(simulator.requests())
    plan = desk.run("correct", "--plan").document
    assert len(simulator.requests()) == asked, "a plan needs no network"
    signed = desk.invoices("--status", "signed")
    assert [line["id"] for line in plan["corrections"]] == [invoice["id"] for invoice in signed]
    for line in plan["corrections"]:
        assert set(line) == {"id", "earliest", "due", "misses_deadline"}
    assert plan["late"] == sum(line["misses_deadline"] for line in plan["corrections"])
    for wrong in [("correct",), ("correct", "x"), ("correct", "x", "--with", "y", "--plan")]:
        assert desk.fails(*wrong, code=2).error == "usage"


@pytest.mark.parametrize(
    ("method", "ending"),
    [("POST", "/sessions/online"), ("POST", "/invoices"), ("POST", "/close"), ("GET", "/invoices")],
    ids=["open", "send", "close", "statuses"],
)
def test_a_lost_answer_neither_loses_nor_doubles_a_correction(simulator, desk, tmp_path, method, ending):
    invoice, source = rejected(simulator, desk, tmp_path, 450)
    fixed = respelt(source, tmp_path)
    lost: list[Exchange] = []

    def lose_the_first(exchange: Exchange) -> bool:
        hit = not lost and exchange.method == method and exchange.path.endswith(ending) and exchange.status < 300
        if hit:
            lost.append(exchange)
        return hit

    with Recorder(simulator.api) as recorder:
        desk.config.write_text(recorder.rewritten(desk.config.read_text()))
        recorder.lose_answer = lose_the_first
        outcome = desk.run("correct", invoice["id"], "--with", fixed, "--timeout", "5", expect=None)
        assert outcome.code in (0, 1, 3, 4), outcome
        assert len(lost) == 1
        end = time.monotonic() + 60
        while not desk.archive():
            assert time.monotonic() < end
            desk.run("correct", invoice["id"], "--with", fixed, "--timeout", "5", expect=None)
    (entry,) = simulator.ledger()
    assert entry["invoice_hash"] == sha256_base64(fixed.read_bytes())
    (archived,) = desk.archive()
    assert archived["ksef_number"] == entry["ksef_number"]
