"""What the command line tells of outages, and what it refuses: `check`, `watch`, `deadline`, `list`, `show`."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
import subprocess
import threading
import time
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue

import pytest

from harness.command import Desk, binary, environment
from harness.invoices import WARSAW, today, variant
from harness.reference import EXAMPLES
from harness.shapes import assert_shape


def message(number: str = "K/1", event: int = 1, **more: object) -> dict:
    common = {"category": "FAILURE", "type": "FAILURE_START", "start": "2026-03-03T08:00:00+01:00", "version": 1}
    return {"id": number, "eventId": event, **common, **more}


class Watch:
    """A running `watch`."""

    def __init__(self, desk: Desk, *arguments: str, as_json: bool = True) -> None:
        words = [str(binary()), *(["--json"] if as_json else []), "--home", str(desk.home), "watch", "--interval", "1", *arguments]
        self.process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=desk.scratch, env=environment(desk.scratch)
        )
        self.lines: SimpleQueue[str] = SimpleQueue()
        threading.Thread(target=self._drain, daemon=True).start()

    def _drain(self) -> None:
        for line in self.process.stdout:
            self.lines.put(line)

    def line(self, seconds: float = 20) -> str:
        try:
            return self.lines.get(timeout=seconds)
        except Empty:
            raise AssertionError("nothing was told in time") from None

    def event(self, name: str) -> dict:
        """The next event, which must be this one."""
        found = json.loads(self.line())
        assert found["event"] == name, found
        assert datetime.fromisoformat(found["at"].replace("Z", "+00:00")).tzinfo
        return found

    def stop(self, how: int = signal.SIGINT) -> None:
        self.process.send_signal(how)
        assert self.process.wait(10) == 0
        assert "panicked" not in self.process.stderr.read()

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


def test_check_tells_the_own_network_from_a_ksef_that_is_down(simulator, desk):
    found = desk.run("check").document
    assert_shape("check", found)
    assert (found["cause"], found["banner"], found["mode"]) == (None, None, "online")
    for kind, cause, mode in [("unreachable", "unannounced", "offline24"), ("failure", "announced", "emergency")]:
        simulator.down(kind)
        found = desk.run("check", expect=4).document
        assert_shape("check", found)
        assert (found["cause"], found["mode"]) == (cause, mode), found
        assert found["reason"] and found["banner"]
        simulator.up()
        # The end is heard: what was announced counts until then, also while Latarnia is silent.
        assert desk.run("check").document["mode"] == "online"
    simulator.down("unreachable")
    simulator.silence_latarnia()
    found = desk.run("check", expect=4).document
    assert (found["cause"], found["mode"], found["latarnia"]) == ("own-network", "offline24", "unreachable")
    assert "network" in found["banner"]
    simulator.silence_latarnia(False)
    simulator.up()


def test_check_shows_what_it_did_not_understand_and_lets_it_hide_nothing(simulator, desk):
    simulator.announce(message("K/1", category="DEGRADATION"), {"id": "K/2"}, 7, message("K/\u001b[31m3", 3))
    found = desk.run("check").document
    assert found["unrecognised"] == ["K/1"]
    assert found["unreadable"] == [{"position": 2, "id": "K/2"}, {"position": 3, "id": None}]
    assert len(found["messages"]) == 2
    assert any(outage["running"] and outage["category"] == "FAILURE" for outage in found["outages"])
    people = subprocess.run(
        [str(binary()), "--home", str(desk.home), "--lang", "pl", "check"],
        capture_output=True, text=True, env=environment(desk.scratch), check=True,
    )  # fmt: skip
    assert "\u001b" not in people.stdout and "K/2" in people.stdout and "Nieczytelne" in people.stdout


def test_an_outage_that_vanished_without_an_end_is_said_to_have(simulator, desk):
    simulator.announce(message("K/1", start="2026-03-03T08:00:00+01:00"))
    asked = ("deadline", "--mode", "emergency", "--issued", "2026-03-03")
    found = desk.run("check").document
    assert [outage["withdrawn"] for outage in found["outages"]] == [False]
    assert "no longer" not in found["reason"] + desk.run(*asked).document["explanation"]
    with Watch(desk) as watch:
        watch.event("started")
        watch.event("outage-announced")
        simulator.announce()
        assert watch.event("outage-withdrawn")["end"] is None
        watch.stop()
    found = desk.run("check").document
    assert [(outage["running"], outage["withdrawn"]) for outage in found["outages"]] == [(True, True)]
    assert found["reason"] == "KSeF answers. Latarnia no longer shows the failure (K/1), and no end of it was seen."
    answer = desk.run(*asked).document
    assert answer["state"] == "open" and answer["explanation"].endswith("Latarnia no longer shows it, and no end of it was seen.")
    simulator.down("unreachable")
    found = desk.run("check", expect=4).document
    assert "announced nothing" not in found["reason"] and "no longer shows" in found["reason"]
    simulator.up()


def test_the_end_of_an_outage_that_vanished_is_entered_by_hand_until_latarnia_tells_it(simulator, desk):
    asked = ("deadline", "--mode", "emergency", "--issued", "2026-03-03")
    entered = ("outage", "end", "1", "--because", "BIP of the Ministry, 4 March", "--by", "A. Nowak", "--at")
    noon = "2026-03-04T12:00:00+01:00"
    assert desk.fails(*entered, noon, code=1).error == "outage-unknown"
    simulator.announce(message("K/1"))
    desk.run("check")
    assert desk.fails(*entered, noon, code=1).error == "outage-still-shown"
    simulator.announce()
    desk.run("check")
    assert desk.run(*asked).document["state"] == "open"
    for instant in ["2026-03-03T07:59:00+01:00", "2999-01-01T00:00:00Z"]:
        assert desk.fails(*entered, instant, code=1).error == "outage-end-out-of-range"
    assert desk.fails("outage", "end", "1", "--because", " ", "--by", "x", "--at", noon, code=1).error == "outage-end-unfounded"
    assert desk.fails(*entered, "yesterday", code=2).error == "usage"
    (outage,) = desk.run(*entered, noon).document["outages"]
    assert (outage["end"], outage["over"], outage["running"]) == ("2026-03-04T11:00:00Z", True, False)
    # Seven business days after Wednesday the 4th.
    answer = desk.run(*asked).document
    assert (answer["state"], answer["due"]) == ("due", "2026-03-13")
    assert "by-hand/1" in answer["explanation"]
    # A slip is mended by entering it again; who, when and why stay with it.
    desk.run(*entered, "2026-03-05T12:00:00+01:00")
    assert desk.run(*asked).document["due"] == "2026-03-16"
    with contextlib.closing(sqlite3.connect(desk.home / "queue.db")) as database:
        kept = "".join(str(row) for row in database.iterdump() if "by-hand" in row)
    assert "A. Nowak" in kept and "BIP of the Ministry, 4 March" in kept
    # Latarnia has the last word, whenever it is heard.
    told = message("K/2", type="FAILURE_END", end="2026-03-06T12:00:00+01:00", published="2026-03-06T13:00:00+01:00")
    simulator.announce(told)
    desk.run("check")
    assert desk.run(*asked).document["due"] == "2026-03-17"
    assert desk.fails(*entered, noon, code=1).error == "outage-end-known"


def test_watch_tells_each_change_once_in_a_line_of_its_own_and_ends_cleanly(simulator, desk):
    with Watch(desk) as watch:
        assert watch.event("started")["mode"] == "online"
        simulator.down("failure")
        lost = watch.event("lost")
        assert (lost["mode"], lost["cause"]) == ("emergency", "announced") and isinstance(lost["reason"], str)
        announced = watch.event("outage-announced")
        assert (announced["category"], announced["running"], announced["end"]) == ("FAILURE", True, None)
        simulator.up()
        assert watch.event("restored")
        assert watch.event("outage-ended")["end"]
        time.sleep(2.5)
        assert watch.lines.empty()
        watch.stop()


def test_watch_goes_on_where_the_last_one_ended(simulator, desk, tmp_path):
    desk.run("issue", variant(EXAMPLES[0], tmp_path, issued=today()), "--mode", "offline24")
    with Watch(desk, "--due-within", "100000") as watch:
        assert watch.event("started")["due_soon"] == 1
        soon = watch.event("due-soon")
        assert soon["due"] and soon["hours_left"] >= 0
        time.sleep(2)
        watch.stop(signal.SIGTERM)
    with Watch(desk, "--due-within", "100000") as watch:
        assert watch.event("started")["due_soon"] == 1
        time.sleep(2)
        assert watch.lines.empty()
        watch.stop()


def test_watch_speaks_to_people_without_json_and_stops_when_nobody_reads(simulator, desk):
    with Watch(desk, as_json=False) as watch:
        line = watch.line()
        assert "Mode online" in line and not line.startswith("{")
        watch.stop()
    process = subprocess.Popen(
        [str(binary()), "--json", "--home", str(desk.home), "watch", "--interval", "1"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=desk.scratch, env=environment(desk.scratch),
    )  # fmt: skip
    process.stdout.readline()
    process.stdout.close()
    simulator.down("failure")
    assert process.wait(30) == 0
    simulator.up()


def test_watch_says_once_that_the_queue_cannot_be_read_and_goes_on(simulator, desk):
    def rename(old: str, new: str) -> None:
        with contextlib.closing(sqlite3.connect(desk.home / "queue.db", timeout=20)) as queue:
            queue.execute(f"ALTER TABLE {old} RENAME TO {new}")
            queue.commit()

    with Watch(desk) as watch:
        watch.event("started")
        rename("timeline", "hidden")
        trouble = watch.event("trouble")
        assert trouble["code"] and trouble["message"]
        simulator.down("unreachable")
        time.sleep(4)
        assert watch.lines.empty()
        rename("hidden", "timeline")
        assert watch.event("lost")["cause"] == "unannounced"
        watch.stop()


def test_show_gives_the_evidence_and_the_marker_of_the_ledger(simulator, desk, tmp_path):
    simulator.down("failure")
    (invoice,) = desk.run("issue", variant(EXAMPLES[0], tmp_path, issued=today())).document["issued"]
    assert (invoice["mode"], invoice["ledger_marker"], invoice["deadline"]["state"]) == ("emergency", "OFF", "open")
    shown = desk.run("show", invoice["id"]).document
    assert_shape("show", shown)
    evidence = shown["evidence"]
    assert (evidence["ksef"], evidence["latarnia"], evidence["mode"], evidence["cause"]) == (
        "unreachable", "FAILURE", "emergency", "announced",
    )  # fmt: skip
    assert evidence["messages"] and evidence["messages"][0] in evidence["reason"]
    simulator.up()
    sent = desk.run("send").document["invoices"][0]
    assert sent["status"] == "sent" and sent["ledger_marker"] is None
    assert desk.run("show", invoice["id"]).document["evidence"] == evidence


def test_list_marks_what_is_overdue_and_says_how_long_is_left(simulator, desk, tmp_path):
    late = variant(EXAMPLES[0], tmp_path, issued=today() - timedelta(days=20))
    fresh = variant(EXAMPLES[1], tmp_path, issued=today())
    desk.run("issue", late, fresh, "--mode", "offline24")
    first, second = desk.invoices()
    assert first["deadline"]["overdue"] and first["deadline"]["days_left"] < 0 and first["deadline"]["may_send"]
    assert not second["deadline"]["overdue"] and second["deadline"]["days_left"] >= 1
    assert first["deadline"]["provisions"] == "art. 106nda ust. 2"
    people = subprocess.run(
        [str(binary()), "--home", str(desk.home), "list"], capture_output=True, text=True, env=environment(desk.scratch), check=True
    ).stdout
    assert "overdue" in people and "day" in people
    # Late, and sent all the same.
    assert desk.run("send").document["sent"] == 2
    archived = {invoice["number"]: invoice for invoice in desk.archive()}
    assert archived[first["number"]]["deadline"]["overdue"] and not archived[second["number"]]["deadline"]["overdue"]


@pytest.fixture
def nowhere(tmp_path) -> Desk:
    """A desk without a home: `deadline` with a file needs none."""
    return Desk(tmp_path / "none", tmp_path)


def ask(desk: Desk, content: str | bytes, *more: object, issued: str = "2026-03-02") -> dict:
    file = desk.scratch / "messages.json"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return desk.run("deadline", "--mode", "offline24", "--issued", issued, "--outages", file, *more).document


def test_a_broken_message_in_a_file_hides_no_other(nowhere):
    whole = message(end="2026-03-03T18:00:00+01:00")
    answer = ask(nowhere, json.dumps([{"id": "K/9"}, whole, "nonsense", message("K/3", start="soon")]))
    assert_shape("deadline", answer)
    assert (answer["state"], answer["due"]) == ("due", "2026-03-12")
    assert answer["unreadable"] == [{"position": 1, "id": "K/9"}, {"position": 3, "id": None}, {"position": 4, "id": "K/3"}]
    assert ask(nowhere, json.dumps([whole]))["unreadable"] == []


def test_messages_of_an_unknown_type_or_category_are_reported_and_move_nothing(nowhere):
    odd = [message("K/1", category="DEGRADATION"), message("K/2", 2, type="FAILURE_NEWS")]
    answer = ask(nowhere, json.dumps(odd))
    assert_shape("deadline", answer)
    assert (answer["due"], answer["unrecognised"], answer["unreadable"]) == ("2026-03-03", ["K/1", "K/2"], [])
    people = subprocess.run(
        [str(binary()), "deadline", "--mode", "offline24", "--issued", "2026-03-02", "--outages", str(nowhere.scratch / "messages.json")],
        capture_output=True, text=True, env=environment(nowhere.scratch), check=True,
    )  # fmt: skip
    assert "unknown kind" in people.stdout + people.stderr and "K/1, K/2" in people.stdout + people.stderr


def test_a_failure_that_begins_again_under_its_number_is_open_once_more(nowhere):
    first = message("K/1", 7, start="2026-03-02T08:00:00+01:00")
    over = message("K/2", 7, type="FAILURE_END", start="2026-03-02T08:00:00+01:00", end="2026-03-03T12:00:00+01:00")
    again = message("K/3", 7, start="2026-03-05T08:00:00+01:00", published="2026-03-05T08:00:00+01:00")
    assert ask(nowhere, json.dumps([first, over]))["due"] == "2026-03-12"
    for order in ([first, over, again], [again, over, first], [over, again]):
        answer = ask(nowhere, json.dumps(order))
        assert answer["state"] == "open" and "K/3" in answer["explanation"]


def test_files_as_editors_and_latarnia_leave_them_are_read(nowhere):
    assert ask(nowhere, "[]")["due"] == "2026-03-03"
    assert ask(nowhere, " \n[ ]\n")["due"] == "2026-03-03"
    marked = b"\xef\xbb\xbf" + json.dumps([message(end=None, published=None, title=None, text=None, extra={"a": []})]).encode()
    assert ask(nowhere, marked)["state"] == "open"
    many = [message(f"K/{n}", n, start=f"20{n % 90 + 10}-01-02T08:00:00Z", end=f"20{n % 90 + 10}-01-03T08:00:00Z") for n in range(20_000)]
    assert ask(nowhere, json.dumps(many))["due"] == "2026-03-03"


@pytest.mark.parametrize("content", ["", "{}", "null", "[", "7", '"K/1"', "[1,]", "\x00", '{"status":"AVAILABLE","messages":[]}'])
def test_what_is_no_list_of_messages_is_refused(nowhere, content):
    file = nowhere.scratch / "messages.json"
    file.write_text(content)
    refused = nowhere.fails("deadline", "--mode", "offline24", "--issued", "2026-03-02", "--outages", file, code=2)
    assert refused.error == "usage" and "messages.json" in refused.document["error"]["message"]


def test_a_file_that_is_not_there_or_far_too_large_is_refused(nowhere):
    asked = ("deadline", "--mode", "offline24", "--issued", "2026-03-02", "--outages")
    assert nowhere.fails(*asked, nowhere.scratch / "none.json", code=1).error == "file-not-found"
    assert nowhere.fails(*asked, nowhere.scratch, code=1).error
    huge = nowhere.scratch / "huge.json"
    with huge.open("wb") as file:
        file.truncate(64_000_001)
    assert nowhere.fails(*asked, huge, code=2).error == "usage"


@pytest.mark.parametrize(
    "issued",
    ["", "yesterday", "2026-02-30", "2026-13-01", "02-03-2026", "20260302", "2026-3-2", "2026-03-02T10:00", "2003-12-31", "2101-01-01", "-2026-03-02"],
)
def test_a_date_that_is_none_or_out_of_the_calendar_is_refused(nowhere, issued):
    nowhere.fails("deadline", "--mode", "offline24", f"--issued={issued}", code=2)


def test_a_question_about_the_future_takes_what_is_announced_for_granted(nowhere):
    year = datetime.now(WARSAW).year + 2
    # The first week of February holds no holiday.
    day = next(d for d in (datetime(year, 2, n) for n in range(1, 8)) if d.weekday() == 0)
    start, end = (day + timedelta(days=1, hours=8)).isoformat() + "Z", (day + timedelta(days=1, hours=12)).isoformat() + "Z"
    answer = ask(nowhere, json.dumps([message(start=start, end=end)]), issued=day.date().isoformat())
    assert answer["due"] == (day + timedelta(days=10)).date().isoformat(), "Tuesday, then 3 business days, then 4"
    assert ask(nowhere, "[]", issued="2100-12-31")["due"] == "2101-01-03"


def test_every_answer_names_its_provisions_in_both_languages(nowhere):
    content = json.dumps([message(end="2026-03-03T18:00:00+01:00")])
    english, polish = ask(nowhere, content), ask(nowhere, content, "--lang", "pl")
    assert english["basis"] == polish["basis"] == "art. 106nda"
    assert english["provisions"] == "art. 106nda ust. 2, art. 106nf ust. 4–5"
    assert "Thursday 2026-03-12" in english["explanation"] and "czwartek 2026-03-12" in polish["explanation"]
    assert "K/1" in english["explanation"] and "K/1" in polish["explanation"]
