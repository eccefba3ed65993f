"""A fortnight with outages of every kind, lived through by a desk at the simulator with both clocks set: at every look each
waiting invoice's deadline is what a second calculation finds in what was announced until then.

The fortnight of 17 to 31 May 2027 holds a Corpus Christi (Thursday 27). What the desk can know is written down here by hand,
outage by outage; it is not read from the messages.
"""

from __future__ import annotations

import json
import subprocess
from datetime import date, datetime

import pytest

import mutate
from harness.deadlines import WARSAW, Outage, deadline, warsaw_day


def at(text: str) -> datetime:
    """`17 08:00`: a day of May 2027 and an hour in Warsaw."""
    day, hour = text.split()
    return datetime.fromisoformat(f"2027-05-{day}T{hour}").replace(tzinfo=WARSAW)


class Fortnight:
    """The program under test, and what is known until now."""

    def __init__(self) -> None:
        program = mutate.core_example("fortnight", "ksef-offline")
        self.process = subprocess.Popen([str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.known: dict[str, Outage] = {}
        self.issued: dict[str, tuple[str, date]] = {}
        self.now = at("17 00:00")
        self.looks = 0

    def order(self, **order: object):
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        assert answer, f"the program died at {self.now} on {order}"
        return json.loads(answer)

    def know(self, name: str, category: str, start: str, end: str | None = None) -> None:
        """Latarnia was heard to say so."""
        self.known[name] = Outage(category, at(start), at(end) if end else None)

    def look(self, now: str, mode: str, cause: str | None = None) -> dict:
        """Sets the clocks, has the desk look, and checks all it says."""
        self.now = at(now)
        found = self.order(now=self.now.isoformat())
        assert (found["mode"], found["cause"]) == (mode, cause), (now, found["reason"])
        assert set(found["deadlines"]) == set(self.issued)
        for number, (issued_in, issued) in self.issued.items():
            told = found["deadlines"][number]
            ruled_by = "offline24" if issued_in == "online" else issued_in
            state, due = deadline(ruled_by, issued, self.known.values(), self.now)
            expected = (issued_in, state, due and due.isoformat())
            assert (told["mode"], told["state"], told["due"]) == expected, (now, number, told["explanation"])
            today = warsaw_day(self.now)
            assert told["overdue"] == bool(due and due < today), (now, number)
            assert told["days_left"] == (due and (due - today).days), (now, number)
        days = [found["deadlines"][number]["due"] for number in found["order"]]
        assert days == sorted(days, key=lambda day: day or "9999"), "by due date, open ones last"
        self.looks += 1
        return found["deadlines"]

    def issue(self, number: str, mode: str) -> None:
        answer = self.order(issue=number)
        assert answer["mode"] == mode, (self.now, number)
        assert answer["issued"] == warsaw_day(self.now).isoformat()
        self.issued[number] = (mode, warsaw_day(self.now))

    def end(self) -> None:
        self.process.stdin.close()
        assert self.process.wait(30) == 0


@pytest.fixture
def world():
    fortnight = Fortnight()
    yield fortnight
    if fortnight.process.poll() is None:
        fortnight.process.kill()
    fortnight.process.wait()
    fortnight.process.stdout.close()


def message(number: str, event: int, category: str, kind: str, start: str, end: str | None = None, **more: object) -> dict:
    times = {"start": at(start).isoformat(), **({"end": at(end).isoformat()} if end else {})}
    return {"id": number, "eventId": event, "category": category, "type": kind, "title": "t", "text": "t", "version": 1, **times, **more}


def test_every_deadline_of_a_fortnight_of_outages_is_right_at_every_look(world):
    world.look("17 08:00", "online")
    world.issue("FV/1", "online")
    # Monday: KSeF is gone for two hours, and nobody announces anything.
    world.order(downtime={"kind": "unreachable"})
    world.look("17 10:00", "offline24", "unannounced")
    world.issue("FV/2", "offline24")
    world.order(restore=True)
    # A maintenance is announced for the weekend.
    world.order(downtime={"kind": "maintenance", "start": at("22 20:00").isoformat(), "end": at("23 06:00").isoformat()})
    world.know("M1", "MAINTENANCE", "22 20:00", "23 06:00")
    world.look("17 14:00", "online")

    # Tuesday: a failure. What was due today is open now.
    world.look("18 08:59", "online")
    world.order(downtime={"kind": "failure"})
    world.know("F1", "FAILURE", "18 08:59")
    now = world.look("18 09:00", "emergency", "announced")
    assert (now["FV/1"]["state"], now["FV/2"]["state"]) == ("open", "open")
    world.issue("FV/3", "emergency")
    # Wednesday: a second failure inside the first, with its end; another maintenance for next Tuesday.
    maintenance = message("X/1", 81, "MAINTENANCE", "MAINTENANCE_ANNOUNCEMENT", "25 01:00", "25 05:00")
    nested = message("X/2", 82, "FAILURE", "FAILURE_START", "19 08:00", "19 20:00")
    world.order(announce=[maintenance, nested])
    world.know("M2", "MAINTENANCE", "25 01:00", "25 05:00")
    world.know("F2", "FAILURE", "19 08:00", "19 20:00")
    world.look("19 09:00", "emergency", "announced")
    # Thursday: the first ends.
    world.look("20 16:00", "emergency", "announced")
    world.order(restore=True)
    world.know("F1", "FAILURE", "18 08:59", "20 16:00")
    now = world.look("20 16:30", "online")
    assert now["FV/1"]["due"] == now["FV/3"]["due"] == "2027-06-01", "21, 24 25 26, 28, 31 May, 1 June"
    world.issue("FV/4", "online")

    # Friday: the company's own network is down; the maintenance is moved meanwhile, unheard.
    world.order(latarnia={"silent": True, "failing": False})
    world.order(downtime={"kind": "unreachable"})
    moved = {**maintenance, **message("X/1", 81, "MAINTENANCE", "MAINTENANCE_ANNOUNCEMENT", "26 01:00", "26 05:00", version=2)}
    world.order(announce=[nested, moved])
    world.look("21 10:00", "offline24", "own-network")
    world.issue("FV/5", "offline24")
    world.order(latarnia={"silent": False, "failing": False})
    world.order(restore=True)
    world.know("M2", "MAINTENANCE", "26 01:00", "26 05:00")
    world.look("21 15:00", "online")

    # The weekend: the maintenance of long ago.
    world.look("22 21:00", "unavailability", "announced")
    world.issue("FV/6", "unavailability")
    now = world.look("23 12:00", "online")
    assert now["FV/6"]["due"] == "2027-05-24"

    # Monday: KSeF is gone, Latarnia has a failure of its own. Both lists of the last week are forgotten.
    world.order(announce=[])
    world.order(downtime={"kind": "unreachable"})
    world.order(latarnia={"silent": False, "failing": True})
    world.look("24 10:30", "offline24", "unannounced")
    world.issue("FV/7", "offline24")
    # At noon it tells of the failure since ten.
    third = message("X/3", 83, "FAILURE", "FAILURE_START", "24 10:00")
    world.order(announce=[third])
    world.order(latarnia={"silent": False, "failing": False})
    world.know("F3", "FAILURE", "24 10:00")
    now = world.look("24 12:00", "offline24", "unannounced")
    assert {invoice["state"] for number, invoice in now.items() if number != "FV/4"} == {"open"}
    world.order(restore=True)
    world.look("25 09:00", "online")
    # Wednesday: the end is told, and it was on Monday at eight in the evening.
    world.order(announce=[message("X/4", 83, "FAILURE", "FAILURE_END", "24 10:00", "24 20:00", published=at("26 08:30").isoformat())])
    world.know("F3", "FAILURE", "24 10:00", "24 20:00")
    now = world.look("26 09:00", "online")
    assert now["FV/6"]["due"] == "2027-06-03", "25 26, 28, 31 May, 1 2 3 June"
    world.look("26 23:59", "online")

    # Corpus Christi: a total failure is announced for tomorrow noon. It changes nothing yet.
    world.order(downtime={"kind": "total-failure", "start": at("28 12:00").isoformat(), "end": at("29 12:00").isoformat()})
    world.know("T1", "TOTAL_FAILURE", "28 12:00")
    world.look("27 10:00", "online")
    world.issue("FV/8", "online")
    world.look("28 09:00", "online")
    now = world.look("28 13:00", "total-failure", "announced")
    assert (now["FV/1"]["state"], now["FV/8"]["state"]) == ("lifted", "lifted")
    assert (now["FV/7"]["state"], now["FV/7"]["overdue"]) == ("due", True), "its window was over on Tuesday"
    world.issue("FV/9", "total-failure")
    world.know("T1", "TOTAL_FAILURE", "28 12:00", "29 12:00")
    world.look("29 13:00", "online")
    world.issue("FV/10", "online")
    # What nobody understands moves nothing.
    world.order(announce=[{"id": "X/5"}, message("X/6", 86, "DEGRADATION", "FAILURE_START", "30 01:00"), None])
    world.look("30 10:00", "online")
    # The last Monday: a failure of one day, on the day FV/10 is due.
    world.look("31 10:00", "online")
    world.order(downtime={"kind": "failure"})
    world.know("F5", "FAILURE", "31 10:00")
    world.look("31 11:00", "emergency", "announced")
    world.issue("FV/11", "emergency")
    world.look("31 18:00", "emergency", "announced")
    world.order(restore=True)
    world.know("F5", "FAILURE", "31 10:00", "31 18:00")
    now = world.look("31 18:30", "online")
    assert now["FV/10"]["due"] == now["FV/11"]["due"] == "2027-06-09", "1 2 3 4, 7 8 9 June"
    assert now["FV/9"]["state"] == "not-required"
    assert world.looks >= 25 and len(world.issued) == 11
    world.end()
