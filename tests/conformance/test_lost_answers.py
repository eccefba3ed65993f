"""KSeF does what it is asked, and the answer gets lost: nothing is sent twice and nothing is forgotten."""

from __future__ import annotations

import subprocess
import time

import pytest

from harness.command import Desk, binary, environment
from harness.invoices import example, sha256_base64, variant
from harness.receipts import assert_receipt
from harness.recorder import Exchange, Recorder
from harness.shapes import assert_shape

PATIENCE_SECONDS = 60


def settle(desk: Desk) -> None:
    """Sends and refreshes, as a person or cron would, until the queue is empty."""
    end = time.monotonic() + PATIENCE_SECONDS
    while desk.invoices():
        assert time.monotonic() < end, desk.run("list")
        outcome = desk.run("refresh", expect=None)
        assert outcome.code in (0, 3, 4), outcome
        outcome = desk.run("send", "--timeout", "5", expect=None)
        assert outcome.code in (0, 1, 3, 4), outcome


@pytest.mark.parametrize(
    ("method", "ending"),
    [
        ("POST", "/sessions/batch"),
        ("PUT", "/1"),
        ("POST", "/close"),
        ("GET", "/invoices"),
        ("POST", "/auth/token/redeem"),
        ("POST", "/auth/xades-signature"),
    ],
    ids=["open", "upload", "close", "statuses", "redeem", "login"],
)
def test_a_lost_answer_neither_loses_nor_doubles_an_invoice(simulator, desk, tmp_path, method, ending):
    sources = [variant(example(part), tmp_path) for part in ("01-", "02-", "11-")]
    desk.run("issue", *sources, "--mode", "offline24")
    lost: list[Exchange] = []

    def lose_the_first(exchange: Exchange) -> bool:
        hit = not lost and exchange.method == method and exchange.path.endswith(ending) and exchange.status < 300
        if hit:
            lost.append(exchange)
        return hit

    with Recorder(simulator.api) as recorder:
        desk.config.write_text(recorder.rewritten(desk.config.read_text()))
        recorder.lose_answer = lose_the_first
        outcome = desk.run("send", "--timeout", "5", expect=None)
        assert outcome.code in (0, 1, 3, 4), outcome
        assert len(lost) == 1
        for invoice in desk.invoices():
            assert invoice["status"] in ("signed", "processing"), "a lost answer is no rejection"
        settle(desk)
    accepted = sorted(entry["invoice_hash"] for entry in simulator.ledger())
    assert accepted == sorted(sha256_base64(source.read_bytes()) for source in sources)
    assert sorted(invoice["invoice_hash"] for invoice in desk.archive()) == accepted


def test_two_that_send_at_once_send_each_invoice_once(simulator, desk, tmp_path):
    sources = [variant(example("01-"), tmp_path) for _ in range(5)]
    desk.run("issue", *sources, "--mode", "offline24")
    simulator.delay_processing(1)
    senders = [
        subprocess.Popen(
            [str(binary()), "--json", "--home", str(desk.home), "send"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(tmp_path),
        )
        for _ in range(2)
    ]
    said = [sender.communicate(timeout=60) for sender in senders]
    assert 0 in [sender.returncode for sender in senders], said
    settle(desk)
    assert len(simulator.ledger()) == len(desk.archive()) == len(sources)


def test_a_duplicate_of_our_own_earlier_upload_is_success(simulator, desk, tmp_path):
    source = variant(example("01-"), tmp_path)
    desk.run("issue", source, "--mode", "offline24")
    assert desk.run("send").document["sent"] == 1
    # Another home of the same company issues and sends the very same file: KSeF answers 440 and names the original.
    other = Desk(tmp_path / "other", tmp_path)
    other.login(simulator)
    other.enroll()
    other.run("issue", source, "--mode", "offline24")
    sent = other.run("send").document
    assert_shape("send", sent)
    assert (sent["sent"], sent["rejected"]) == (1, 0)
    (ours,), (entry,) = other.archive(), simulator.ledger()
    assert (ours["ksef_number"], ours["error"]) == (entry["ksef_number"], None)
    assert other.run("receipt", ours["id"], "--out", tmp_path / "upo.xml").document["verified"] is True
    assert_receipt((tmp_path / "upo.xml").read_bytes(), ours["invoice_hash"], ours["ksef_number"])
