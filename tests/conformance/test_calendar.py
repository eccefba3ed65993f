"""Business days and deadlines against the package `holidays`, a calendar that shares nothing with ours."""

import datetime
import functools
import json
import os
import pathlib
import subprocess
import zoneinfo

import holidays
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DAY = datetime.timedelta(days=1)
WARSAW = zoneinfo.ZoneInfo("Europe/Warsaw")


@functools.lru_cache(maxsize=None)
def holidays_of(year):
    return frozenset(holidays.Poland(years=year))


@functools.lru_cache(maxsize=None)
def is_business_day(day):
    return day.weekday() < 5 and day not in holidays_of(day.year)


def nth_business_day_after(day, n):
    while n:
        day += DAY
        n -= is_business_day(day)
    return day


def calendar(first, last):
    built = os.environ.get("KSEF_TARGET")
    command = (
        [pathlib.Path(built) / "examples" / "calendar"]
        if built
        else ["cargo", "run", "-q", "-p", "ksef-offline-core", "--example", "calendar", "--"]
    )
    command += [first, last]
    lines = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    for line in lines:
        day, business, seventh = line.split()
        yield datetime.date.fromisoformat(day), business == "true", datetime.date.fromisoformat(seventh)


@pytest.mark.parametrize("first, last, days", [("2004-01-01", "2024-12-31", 7671), ("2025-01-01", "2100-12-31", 27758)])
def test_every_day_agrees_with_another_calendar(first, last, days):
    checked = 0
    for day, business, seventh in calendar(first, last):
        assert business == is_business_day(day), day
        # The package ends with 2100: it knows no Epiphany of 2101.
        if day < datetime.date(2100, 12, 20):
            assert seventh == nth_business_day_after(day, 7), day
        checked += 1
    assert checked == days


VECTORS = json.loads((ROOT / "tests/vectors/deadlines.json").read_text(encoding="utf-8"))["cases"]


def expected(case):
    """The rules of the VAT Act once more, written without a look at the Rust code: days as sets, not as windows."""
    mode, issued = case["mode"], datetime.date.fromisoformat(case["issued"])
    if mode == "total-failure":
        return "not-required", None
    now = datetime.datetime.fromisoformat(case.get("now", "2099-01-01T00:00:00Z").replace("Z", "+00:00"))

    def instant(text):
        return text and datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))

    def warsaw_day(moment):
        return moment.astimezone(WARSAW).date() if moment else datetime.date.max

    events = [(e["category"], instant(e["start"]), instant(e.get("end"))) for e in case.get("outages", [])]
    events = [(c, warsaw_day(s), warsaw_day(e), s, e) for c, s, e in events if s <= now]

    def after(end, n):
        return end if end == datetime.date.max else nth_business_day_after(end, n)

    def extended(due):
        while True:
            ends = [after(e, 7) for c, s, e, _, _ in events if c == "FAILURE" and s <= due and e > issued]
            if max(ends, default=due) <= due:
                return due
            due = max(ends)

    def covering(category):
        return [event for event in events if event[0] == category and event[1] <= issued <= event[2]]

    explained = True
    if mode == "offline24":
        due = extended(nth_business_day_after(issued, 1))
    elif mode == "emergency":
        causes = covering("FAILURE")
        explained = bool(causes)
        due = extended(max((after(event[2], 7) for event in causes), default=datetime.date.max))
    else:
        causes = sorted(covering("MAINTENANCE"), key=lambda event: event[3])
        explained = bool(causes)
        due = datetime.date.max
        if causes:
            last = causes[0]
            for cause in causes[1:]:
                if last[4] and cause[3] >= last[4]:
                    break
                last = max(last, cause, key=lambda event: event[2])
            due = extended(after(last[2], 1))
    window = due if explained else nth_business_day_after(issued, 1)
    seven_days = issued + 7 * DAY if case.get("policy") == "seven-days" else None
    window = max(window, seven_days) if seven_days else window
    if any(c == "TOTAL_FAILURE" and s <= window and e > issued for c, s, e, _, _ in events):
        return "lifted", None
    if seven_days:
        return "due", seven_days.isoformat()
    return ("open", None) if due == datetime.date.max else ("due", due.isoformat())


@pytest.mark.parametrize("case", VECTORS, ids=[case["name"] for case in VECTORS])
def test_the_vectors_agree_with_a_second_calculation(case):
    assert expected(case) == (case["state"], case["due"])
