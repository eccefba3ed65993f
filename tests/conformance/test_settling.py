"""What a person does about an invoice that KSeF will not take: a new one in its place, or a note that nothing more is done."""

from __future__ import annotations

import subprocess

from harness.command import binary, environment
from harness.invoices import example, sha256_base64, variant
from harness.shapes import assert_shape


def rejected(simulator, desk, tmp_path, code: int = 450, mode: str = "offline24"):
    source = variant(example("01-"), tmp_path)
    simulator.reject(invoice_hash=sha256_base64(source.read_bytes()), code=code)
    desk.run("issue", source, "--mode", mode)
    desk.run("send", expect=3)
    (invoice,) = desk.invoices("--status", "error")
    return invoice, source


def said(desk, language: str, *words: str) -> str:
    """What a command says to a person."""
    command = [str(binary()), "--lang", language, "--home", str(desk.home), *words]
    done = subprocess.run(command, capture_output=True, env=environment(desk.scratch), timeout=60, check=True)
    return done.stdout.decode()


def changed(source, tmp_path, name: str):
    """Another content under the same number."""
    text = source.read_text(encoding="utf-8").replace("</Faktura>", "<!-- new --></Faktura>")
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def test_a_replacement_is_sent_in_a_batch_and_each_leads_to_the_other(simulator, desk, tmp_path):
    invoice, source = rejected(simulator, desk, tmp_path, mode="online")
    new = changed(source, tmp_path, "new.xml")
    replaced = desk.run("replace", invoice["id"], "--with", new, "--mode", "offline24").document
    assert_shape("replace", replaced)
    successor = replaced["invoice"]
    assert (successor["status"], successor["mode"], successor["number"]) == ("signed", "offline24", invoice["number"])
    assert successor["replaces"] == invoice["id"]
    original = desk.run("show", invoice["id"]).document
    assert original["replaced_by"] == successor["id"]
    assert (original["status"], original["error"]["code"], original["history"][-1]["event"]) == ("error", 450, "replace")
    # Again the same: what is there. Another one, while the first is on its way: refused.
    again = desk.run("replace", invoice["id"], "--with", new, "--mode", "offline24").document["invoice"]
    assert again["id"] == successor["id"]
    other = changed(new, tmp_path, "other.xml")
    assert desk.fails("replace", invoice["id"], "--with", other, "--mode", "offline24", code=1).error == "already-settled"
    assert desk.fails("give-up", invoice["id"], "--note", "x", code=1).error == "already-settled"
    assert desk.run("send").document["sent"] == 1
    (found,) = desk.run("archive", "search", "--number", invoice["number"]).document["invoices"]
    assert (found["id"], found["replaces"]) == (successor["id"], invoice["id"])
    (listed,) = desk.invoices("--status", "error")
    assert listed["replaced_by"] == successor["id"]
    for language, word in [("pl", "zastąpiona przez"), ("en", "replaced by")]:
        assert f"{word} {successor['id']}" in said(desk, language, "show", invoice["id"])


def test_a_correction_and_its_original_lead_to_each_other(simulator, desk, tmp_path):
    invoice, source = rejected(simulator, desk, tmp_path)
    correction = desk.run("correct", invoice["id"], "--with", changed(source, tmp_path, "fixed.xml")).document["invoice"]
    assert correction["corrects"] == invoice["id"]
    assert desk.run("show", invoice["id"]).document["corrected_by"] == correction["id"]


def test_what_cannot_be_replaced_is_refused_and_stays(simulator, desk, tmp_path):
    invoice, source = rejected(simulator, desk, tmp_path)
    unchanged = desk.fails("replace", invoice["id"], "--with", source, "--mode", "offline24", code=1)
    assert unchanged.error == "duplicate-number"
    broken = tmp_path / "broken.xml"
    broken.write_text(source.read_text(encoding="utf-8").replace("</Fa>", ""), encoding="utf-8")
    assert desk.fails("replace", invoice["id"], "--with", broken, code=1).error == "invoice-refused"
    waiting = variant(example("02-"), tmp_path)
    (issued,) = desk.run("issue", waiting, "--mode", "offline24").document["issued"]
    new = changed(waiting, tmp_path, "new.xml")
    assert desk.fails("replace", issued["id"], "--with", new, code=1).error == "wrong-status"
    assert "replaced_by" not in desk.run("show", invoice["id"]).document


def test_a_rejected_invoice_is_given_up_with_a_note(simulator, desk, tmp_path):
    invoice, _ = rejected(simulator, desk, tmp_path)
    assert desk.fails("give-up", invoice["id"], "--note", "  ", code=1).error == "bad-note"
    closed = desk.run("give-up", invoice["id"], "--note", "Wystawiona omyłkowo").document
    assert_shape("give-up", closed)
    assert (closed["invoice"]["status"], closed["invoice"]["given_up"]) == ("error", "Wystawiona omyłkowo")
    (listed,) = desk.invoices("--status", "error")
    assert listed["given_up"] == "Wystawiona omyłkowo"
    for language, word in [("pl", "zamknięta:"), ("en", "given up:")]:
        assert f"{word} Wystawiona" in said(desk, language, "list")


def test_an_invoice_of_a_total_failure_is_closed_and_one_that_is_due_is_not(simulator, desk, tmp_path):
    source, due = variant(example("01-"), tmp_path), variant(example("02-"), tmp_path)
    (total,) = desk.run("issue", source, "--mode", "total-failure").document["issued"]
    assert (total["status"], total["deadline"]["state"]) == ("signed", "not-required")
    (waiting,) = desk.run("issue", due, "--mode", "offline24").document["issued"]
    assert desk.fails("give-up", waiting["id"], "--note", "x", code=1).error == "still-due"
    closed = desk.run("give-up", total["id"], "--note", "Awaria całkowita, przekazana na papierze").document["invoice"]
    assert (closed["status"], closed["given_up"]) == ("signed", "Awaria całkowita, przekazana na papierze")
    assert desk.run("show", total["id"]).document["history"][-1]["event"] == "give-up"
    assert desk.run("send").document["sent"] == 1
    (entry,) = simulator.ledger()
    assert entry["invoice_hash"] == sha256_base64(due.read_bytes())
    # Its number stays taken: a buyer holds it.
    other = changed(source, tmp_path, "other.xml")
    refused = desk.run("issue", other, "--mode", "offline24", expect=1).document["failed"]
    assert refused[0]["errors"][0]["code"] == "duplicate-number"
