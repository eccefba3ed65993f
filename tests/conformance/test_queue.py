"""What the disk can do to a queue, and how it is told; and the commands for many companies."""

from __future__ import annotations

import sqlite3

import pytest

from harness.command import Desk
from harness.invoices import example, variant


@pytest.fixture
def issued(shared_desk, tmp_path) -> Desk:
    """A home with one invoice that waits."""
    shared_desk.run("issue", variant(example("01-"), tmp_path), "--mode", "offline24")
    return shared_desk


def change(path, statement: str, *values: object) -> None:
    """Changes a value as a fault of the disk would: behind the back of whoever wrote it."""
    with sqlite3.connect(path) as connection:
        assert connection.execute(statement, values).rowcount > 0
    connection.close()


def test_a_whole_queue_and_its_backup_are_found_whole(issued, tmp_path):
    assert issued.run("doctor").document == {"queue": "whole"}
    copy = tmp_path / "backup.db"
    issued.run("backup", "--out", copy)
    before = copy.read_bytes()
    assert issued.run("doctor", "--backup", copy).document == {"queue": "whole"}
    assert copy.read_bytes() == before
    assert [p.name for p in tmp_path.glob("backup*")] == ["backup.db"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET gross = '1.00'",
        "UPDATE entries SET due = '2099-01-01'",
        "UPDATE entries SET code_two = NULL",
        "UPDATE contents SET evidence = 'x'",
        "UPDATE contents SET signature = x'00'",
        "UPDATE contents SET document = x'00'",
        "UPDATE history SET cause = 'x'",
        "UPDATE counts SET entries = entries + 1",
        "DELETE FROM contents",
    ],
)
def test_a_changed_value_is_found_and_nothing_is_backed_up(issued, tmp_path, statement):
    change(issued.home / "queue.db", statement)
    assert issued.fails("doctor", code=1).error == "queue-corrupt"
    copy = tmp_path / "backup.db"
    assert issued.fails("backup", "--out", copy, code=1).error == "queue-corrupt"
    assert not copy.exists()


def test_a_changed_invoice_is_neither_listed_nor_sent(issued):
    change(issued.home / "queue.db", "UPDATE entries SET number = number || '1'")
    for command in ("list", "send"):
        assert issued.fails(command, code=1).error == "queue-corrupt"


@pytest.mark.parametrize("left", [None, b""])
def test_a_queue_that_is_gone_or_empty_is_not_begun_anew(issued, left):
    for file in issued.home.glob("queue.db*"):
        if file.name != "queue.db.made":
            file.unlink()
    if left is not None:
        (issued.home / "queue.db").write_bytes(left)
    for command in ("list", "send", "doctor"):
        assert issued.fails(command, code=1).error == "queue-lost"
    # Whoever means it says so.
    (issued.home / "queue.db.made").unlink()
    assert issued.run("list").document["invoices"] == []


def test_retention_removes_only_what_is_old_enough_and_needs_a_setting(issued):
    issued.run("send")
    assert issued.run("archive", "expire").document == {"removed": []}
    issued.configure("archive", retention_years=6)
    assert issued.run("archive", "expire").document == {"removed": []}
    assert len(issued.archive()) == 1
    issued.configure("archive", retention_years=1)
    assert issued.fails("archive", "expire", code=2).error == "config-invalid"


def test_an_office_sends_for_each_company(shared_desk, tmp_path):
    invoice = variant(example("01-"), tmp_path)
    shared_desk.run("issue", invoice, "--mode", "offline24")
    report = shared_desk.run("office", shared_desk.home.parent).document
    (company,) = report["companies"]
    assert company["error"] is None
    assert company["home"] == str(shared_desk.home)
    assert company["report"]["sent"] == 1
    assert shared_desk.run("office", shared_desk.home.parent).document["companies"][0]["report"]["sent"] == 0
