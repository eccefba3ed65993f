"""Whoever keeps to the limits is never refused for them: several programs in a row count as the one client they are."""

from __future__ import annotations

import time

from harness.invoices import example, variant


def refused(simulator) -> list[dict]:
    """Requests that KSeF answered with 429."""
    return [request for request in simulator.requests() if request["status"] == 429]


def test_four_programs_in_a_row_stay_within_the_published_limits(simulator, desk, tmp_path):
    simulator.limit_rates()
    for _ in range(4):
        desk.run("issue", variant(example("01-"), tmp_path), "--mode", "offline24")
        assert desk.run("send").document["sent"] == 1
    assert not refused(simulator)
    assert len(simulator.ledger()) == 4


def test_limits_that_ksef_tells_are_kept_across_programs(simulator, desk, tmp_path):
    desk.run("issue", variant(example("01-"), tmp_path), "--mode", "offline24")
    # Far fewer than published: KSeF tells, and the next programs know without asking.
    simulator.limit_rates(per_second=2, per_minute=20, per_hour=100)
    assert desk.run("send").document["sent"] == 1
    before = len(simulator.requests())
    began = time.monotonic()
    desk.run("issue", variant(example("02-"), tmp_path), "--mode", "offline24")
    assert desk.run("send").document["sent"] == 1
    took = time.monotonic() - began
    later = simulator.requests()[before:]
    assert not [request for request in later if request["status"] == 429], later
    assert not [request for request in later if request["path"].endswith("/rate-limits")], "asked once a day"
    assert took < 60


def test_a_long_retry_after_outlives_the_program(simulator, desk, tmp_path):
    desk.run("issue", variant(example("01-"), tmp_path), "--mode", "offline24")
    assert desk.run("send").document["sent"] == 1
    desk.run("issue", variant(example("02-"), tmp_path), "--mode", "offline24")
    # Nobody told the client: the limits fell after it had asked.
    simulator.limit_rates(per_second=1, per_minute=1, per_hour=1)
    for _ in range(3):
        outcome = desk.run("send", expect=None, timeout=200)
        assert outcome.code in (0, 1, 3), outcome
    asked_again = [(request["method"], request["path"]) for request in refused(simulator)]
    assert len(asked_again) == len(set(asked_again)), f"asked again before the time was over: {asked_again}"
