"""An office of several companies: one that fails holds up no other, and neither an interruption nor a second process doubles."""

from __future__ import annotations

import json
import signal
import subprocess
import time

import pytest

from harness.command import Desk, binary, environment
from harness.invoices import example, sha256_base64, variant


@pytest.fixture
def office(simulator, tmp_path) -> dict[str, Desk]:
    """Three companies, each with a home and a queue of its own and one invoice that waits."""
    folder = tmp_path / "office"
    folder.mkdir()
    companies = {}
    for name in ("away", "refused", "works"):
        desk = Desk(folder / name, tmp_path)
        desk.login(simulator)
        desk.enroll()
        (tmp_path / name).mkdir()
        desk.run("issue", variant(example("01-"), tmp_path / name), "--mode", "offline24")
        companies[name] = desk
    return companies


def hashes(office) -> set[str]:
    return {sha256_base64(file.read_bytes()) for desk in office.values() for file in desk.scratch.glob("*/*.xml")}


def start(office, *arguments: str) -> subprocess.Popen:
    (desk, *_) = office.values()
    command = [str(binary()), "--json", "office", str(desk.home.parent), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(desk.scratch), cwd=desk.scratch)


def test_a_failed_login_and_an_unreachable_ksef_hold_up_no_other_company(simulator, office):
    office["refused"].log_in_by_token()
    away = office["away"]
    away.config.write_text(away.config.read_text().replace(simulator.api, "http://127.0.0.1:1/v2"))
    office["works"].variables = {"KSEF_TOKEN": "no-such-token"}
    report = office["works"].run("office", away.home.parent, "--timeout", "30", expect=3).document
    of = {company["home"].rsplit("/", 1)[1]: company for company in report["companies"]}
    assert set(of) == {"away", "refused", "works"}
    assert (of["works"]["report"]["sent"], of["works"]["error"]) == (1, None)
    assert of["away"]["report"] is None and of["away"]["error"]["code"] == "ksef-unreachable"
    assert of["refused"]["report"] is None and of["refused"]["error"]["code"]
    assert len(simulator.ledger()) == 1
    for name in ("away", "refused"):
        (waiting,) = office[name].invoices()
        assert waiting["status"] == "signed"
    # What was in the way is gone: the next run sends the rest, and nothing twice.
    away.config.write_text(away.config.read_text().replace("http://127.0.0.1:1/v2", simulator.api))
    office["works"].variables = {"KSEF_TOKEN": simulator.issue_token()}
    office["works"].run("office", away.home.parent)
    assert len(simulator.ledger()) == 3


def test_an_interrupted_office_is_taken_up_again(simulator, office):
    simulator.delay_processing(60)
    running = start(office)
    end = time.monotonic() + 60
    while not any(desk.invoices("--status", "processing") for desk in office.values()):
        assert time.monotonic() < end
        time.sleep(0.1)
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=30)
    assert running.returncode != 0
    simulator.delay_processing(0)
    end = time.monotonic() + 90
    while len(simulator.ledger()) < 3:
        assert time.monotonic() < end
        office["works"].run("office", office["works"].home.parent, "--timeout", "10", expect=None)
    office["works"].run("office", office["works"].home.parent)
    assert {entry["invoice_hash"] for entry in simulator.ledger()} == hashes(office)
    assert all(len(desk.archive()) == 1 for desk in office.values())


def test_two_offices_at_the_same_time_send_each_invoice_once(simulator, office):
    both = [start(office), start(office)]
    for running in both:
        stdout, stderr = running.communicate(timeout=150)
        assert running.returncode == 0, stderr.decode()
        assert "companies" in json.loads(stdout)
    ledger = simulator.ledger()
    assert len(ledger) == 3
    assert {entry["invoice_hash"] for entry in ledger} == hashes(office)
    statuses = [desk.invoices() for desk in office.values()]
    assert statuses == [[], [], []]
