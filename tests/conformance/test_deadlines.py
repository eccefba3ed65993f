"""Deadlines against a second calculation: the vectors, and thousands of histories at random, messages and all."""

from __future__ import annotations

import json
import os
import random
import subprocess
from datetime import date, datetime, timedelta, timezone

import pytest

import mutate
from harness.deadlines import Outage, deadline, instant, outages, warsaw_day
from harness.reference import REPOSITORY

VECTORS = json.loads((REPOSITORY / "tests" / "vectors" / "deadlines.json").read_text(encoding="utf-8"))["cases"]
LATE = datetime(2099, 1, 1, tzinfo=timezone.utc)
# 20 000 with KSEF_CONFORMANCE=full.
HISTORIES = 20_000 if os.environ.get("KSEF_CONFORMANCE") == "full" else 4_000
SEED = 20261127


@pytest.mark.parametrize("case", VECTORS, ids=[case["name"] for case in VECTORS])
def test_the_vectors_agree_with_a_second_calculation(case):
    history = [Outage(o["category"], instant(o["start"]), instant(o.get("end"))) for o in case.get("outages", [])]
    found = deadline(
        case["mode"], date.fromisoformat(case["issued"]), history, instant(case.get("now")) or LATE, case.get("policy", "statutory")
    )
    assert found == (case["state"], case["due"] and date.fromisoformat(case["due"])), case["why"]


def ask(questions: list[dict]) -> list[dict]:
    """The library's answers."""
    program = mutate.core_example("deadlines")
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run([str(program)], input=lines, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(questions)
    return answers


class Chronicle:
    """Messages of Latarnia at random: every form in which outages were seen or are to be feared."""

    START = datetime(2026, 11, 20, tzinfo=timezone.utc)

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.messages: list[object] = []
        self.numbers = 0
        for event in range(dice.randint(0, 7)):
            self.outage(event)
        if dice.random() < 0.2:
            self.messages.append(dice.choice([None, 7, "K/1", [], {}, {"id": "K/x"}, {"id": "K/y", "eventId": 1, "category": "FAILURE"}]))

    def moment(self) -> datetime:
        """In ten weeks around Christmas, at any minute."""
        return self.START + timedelta(minutes=self.dice.randrange(70 * 24 * 60))

    def say(self, event: int, category: str, kind: str, start: datetime, end: datetime | None, **more: object) -> dict:
        self.numbers += 1
        offset = timezone(timedelta(hours=self.dice.choice([0, 1, 2])))

        def text(moment: datetime) -> str:
            moment = moment.astimezone(offset)
            fraction = self.dice.choice(["", ".5", ".1234567"])
            return moment.strftime("%Y-%m-%dT%H:%M:%S") + fraction + moment.strftime("%z")[:3] + ":00"

        message: dict = {"id": f"K/{self.numbers}", "eventId": event, "category": category, "type": kind, "start": text(start)}
        if end:
            message["end"] = text(end)
        elif self.dice.random() < 0.5:
            message["end"] = None
        published = more.pop("published", None)
        if published:
            message["published"] = text(published)
        message.update(more)
        self.messages.append(message)
        return message

    def outage(self, event: int) -> None:
        dice = self.dice
        start = self.moment()
        end = start + timedelta(minutes=dice.randrange(1, 9 * 24 * 60) if dice.random() < 0.8 else dice.randrange(20 * 24 * 60))
        form = dice.randrange(14)
        if form < 3:
            planned = self.say(event, "MAINTENANCE", "MAINTENANCE_ANNOUNCEMENT", start, end, version=1)
            if form == 0:
                # Moved: a later version of the same message.
                moved = self.moment()
                self.messages.append(
                    {**planned, "version": 2, "start": moved.isoformat(), "end": (moved + (end - start)).isoformat()}
                )
            elif form == 1:
                # Moved by a message of its own, published later.
                planned["published"] = (start - timedelta(days=3)).isoformat()
                moved = start + timedelta(hours=dice.randrange(-48, 48))
                self.say(event, "MAINTENANCE", "MAINTENANCE_ANNOUNCEMENT", moved, moved + (end - start), published=start - timedelta(days=2))
            return
        category = "TOTAL_FAILURE" if form == 3 else "FAILURE"
        if form == 11:
            self.say(event, dice.choice(["DEGRADATION", "FAILURE"]), "FAILURE_NEWS", start, end)
            return
        if form != 4:
            self.say(event, category, "FAILURE_START", start, None, version=1, published=start + timedelta(minutes=5))
        if form == 5:
            # It became a total failure under its own number, and only one end is told.
            total = start + (end - start) / 2
            self.say(event, "TOTAL_FAILURE", "FAILURE_START", total, None)
            category = dice.choice([category, "TOTAL_FAILURE"])
        if form == 6:
            return
        # Ends can be announced late.
        published = end + timedelta(hours=dice.choice([0, 1, 30, 200]))
        if form == 7:
            self.say(event, category, "FAILURE_END", end, None, published=published)
        elif form == 8:
            self.say(event, category, "FAILURE_END", start, None, published=published)
        else:
            self.say(event, category, "FAILURE_END", start, end, published=published)
        if form >= 12:
            # It begins again under its number, and may end again.
            again = end + timedelta(minutes=dice.randrange(1, 6 * 24 * 60))
            self.say(event, category, "FAILURE_START", again, None, published=again + timedelta(minutes=5))
            if form == 13:
                over = again + timedelta(minutes=dice.randrange(1, 5 * 24 * 60))
                bounds = dice.choice([(again, over), (again, None), (over, None)])
                self.say(event, category, "FAILURE_END", *bounds, published=over + timedelta(hours=dice.choice([0, 30])))

    def batches(self) -> list[list[object]]:
        """Lists as they were fetched one day and another: parts of the whole, in any order, with repetitions."""
        dice = self.dice
        lists = [dice.sample(self.messages, dice.randint(0, len(self.messages))) for _ in range(dice.randint(0, 3))]
        lists.append(dice.sample(self.messages, len(self.messages)))
        dice.shuffle(lists)
        return lists


def test_thousands_of_histories_agree_with_a_second_calculation():
    dice = random.Random(SEED)
    questions, expected = [], []
    for _ in range(HISTORIES):
        chronicle = Chronicle(dice)
        history = outages(chronicle.messages)
        known = [outage for outage in history if outage.category in ("FAILURE", "MAINTENANCE", "TOTAL_FAILURE")]
        mode = dice.choice(["offline24", "offline24", "unavailability", "emergency", "emergency", "total-failure"])
        near = dice.choice(known) if known and dice.random() < 0.7 else None
        issued = warsaw_day(near.start) + timedelta(days=dice.randint(-2, 6)) if near else warsaw_day(chronicle.moment())
        now = LATE if dice.random() < 0.6 else chronicle.moment()
        policy = dice.choice(["statutory", "statutory", "statutory", "seven-days"])
        questions.append(
            {"mode": mode, "issued": issued.isoformat(), "policy": policy, "now": now.isoformat(), "batches": chronicle.batches()}
        )
        expected.append(deadline(mode, issued, history, now, policy))
    answers = ask(questions)
    seen = {state: 0 for state in ("due", "open", "lifted", "not-required")}
    for question, answer, (state, due) in zip(questions, answers, expected, strict=True):
        assert (answer["state"], answer["due"]) == (state, due and due.isoformat()), json.dumps({**question, "answer": answer})
        seen[state] += 1
    # Every kind of answer was put to the test often.
    assert min(seen.values()) > HISTORIES // 40, seen


def test_the_provisions_follow_what_became_of_the_invoice():
    def failure(category: str, start: str, end: str | None) -> dict:
        return {"id": category, "eventId": len(category), "category": category, "type": "FAILURE_START", "start": start, "end": end}

    maintenance = {**failure("MAINTENANCE", "2026-03-02T01:00:00Z", "2026-03-02T05:00:00Z"), "type": "MAINTENANCE_ANNOUNCEMENT"}
    running = failure("FAILURE", "2026-03-02T08:00:00Z", "2026-03-02T10:00:00Z")
    later = {**failure("FAILURE", "2026-03-03T08:00:00Z", "2026-03-03T10:00:00Z"), "id": "later", "eventId": 99}
    total = failure("TOTAL_FAILURE", "2026-03-03T08:00:00Z", None)
    cases = [
        ("offline24", [], "art. 106nda", "art. 106nda ust. 2"),
        ("offline24", [later], "art. 106nda", "art. 106nda ust. 2, art. 106nf ust. 4–5"),
        ("offline24", [total], "art. 106nda", "art. 106nda ust. 2, art. 106ne ust. 3"),
        ("unavailability", [maintenance], "art. 106nh", "art. 106nh ust. 2"),
        ("unavailability", [maintenance, later], "art. 106nh", "art. 106nh ust. 3 pkt 1, art. 106nf ust. 4–5"),
        ("unavailability", [maintenance, total], "art. 106nh", "art. 106nh ust. 3 pkt 2"),
        ("emergency", [running], "art. 106nf", "art. 106nf ust. 4"),
        ("emergency", [running, later], "art. 106nf", "art. 106nf ust. 5"),
        ("emergency", [running, total], "art. 106nf", "art. 106nf ust. 7"),
        ("total-failure", [total], "art. 106ne", "art. 106ne ust. 3, art. 106ng"),
    ]
    questions = [
        {"mode": mode, "issued": "2026-03-02", "policy": "statutory", "now": LATE.isoformat(), "messages": messages}
        for mode, messages, _, _ in cases
    ]
    for (mode, _, basis, provisions), answer in zip(cases, ask(questions), strict=True):
        assert (answer["basis"], answer["provisions"]) == (basis, provisions), mode
