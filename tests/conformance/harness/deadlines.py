"""Deadlines once more, written from the rules and not from the library: messages are read into outages, and a deadline is
found by walking from the day of issue through the calendar, one day after the other, as a clerk would.

The calendar is the package `holidays`, the clock of Warsaw the zone data of Python.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import holidays

WARSAW = ZoneInfo("Europe/Warsaw")
DAY = timedelta(days=1)
SUBJECTS = ("FAILURE", "TOTAL_FAILURE", "MAINTENANCE")


@functools.cache
def _holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.Poland(years=year))


@functools.cache
def is_business_day(day: date) -> bool:
    return day.weekday() < 5 and day not in _holidays(day.year)


def business_days_after(day: date, count: int) -> date:
    """The `count`-th business day after `day`, which is not counted."""
    while count:
        day += DAY
        count -= is_business_day(day)
    return day


def instant(text: str | None) -> datetime | None:
    """Reads an instant. Python knows six digits of fraction, which no day depends on."""
    if text is None:
        return None
    text = text.replace("Z", "+00:00")
    if "." in text:
        whole, rest = text.split(".")
        digits = len(rest) - len(rest.lstrip("0123456789"))
        text = f"{whole}.{rest[:digits][:6].ljust(6, '0')}{rest[digits:]}"
    return datetime.fromisoformat(text)


def warsaw_day(moment: datetime) -> date:
    return moment.astimezone(WARSAW).date()


@dataclass(frozen=True)
class Outage:
    """An outage; without an end it goes on."""

    category: str
    start: datetime
    end: datetime | None

    @property
    def first(self) -> date:
        return warsaw_day(self.start)

    @property
    def last(self) -> date:
        """The day it ended, or the last day there is."""
        return warsaw_day(self.end) if self.end else date.max


def read(message: object) -> dict | None:
    """A message of Latarnia with instants for texts; None for what is none."""
    if not isinstance(message, dict):
        return None
    try:
        found = {
            "id": message["id"],
            "event": message["eventId"],
            "category": message["category"],
            "type": message["type"],
            "start": instant(message["start"]),
            "end": instant(message.get("end")),
            "version": message.get("version") or 0,
            "published": instant(message.get("published")),
        }
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    texts = all(isinstance(found[name], str) for name in ("id", "category", "type"))
    return found if texts and isinstance(found["event"], int) and found["start"] else None


def _age(message: dict) -> tuple:
    """Of two messages the one published later counts; one that does not say when was published before all others."""
    return (message["published"] is not None, message["published"], message["version"], message["id"])


def outages(messages: Iterable[object]) -> list[Outage]:
    """What messages tell, however often and in whatever order they came."""
    known: dict[str, dict] = {}
    for message in filter(None, map(read, messages)):
        before = known.get(message["id"])
        rank = (message["version"], *_age(message)[:2])
        if before is None or rank > (before["version"], *_age(before)[:2]):
            known[message["id"]] = message
    events: dict[int, list[dict]] = {}
    for message in known.values():
        if message["type"] in ("FAILURE_START", "FAILURE_END", "MAINTENANCE_ANNOUNCEMENT"):
            events.setdefault(message["event"], []).append(message)
    found: list[Outage] = []
    for event in events.values():
        found += _of_event(event)
    return found


def _of_event(event: list[dict]) -> list[Outage]:
    runs = []
    for category in {message["category"] for message in event}:
        runs += _runs([message for message in event if message["category"] == category])
    beginning = min((opening["start"] for opening, _ in runs if opening), default=None)
    bounds = []
    for opening, closing in runs:
        category = (opening or closing)["category"]
        known = opening["start"] if opening else beginning
        if not closing:
            bounds.append([category, opening["start"], opening["end"]])
        elif closing["end"]:
            start = closing["start"] if known is None else min(known, closing["start"])
            bounds.append([category, start, closing["end"]])
        elif known is not None and closing["start"] > known:
            bounds.append([category, known, closing["start"]])
        else:
            bounds.append([category, closing["start"] if known is None else known, closing["published"]])
    bounds = [(category, start, end and max(start, end)) for category, start, end in bounds]
    # A failure that became a total failure is over when that is: with the first end there is after it began.
    ends = [end for _, _, end in bounds if end]
    return [
        Outage(category, start, end or min((other for other in ends if other > start), default=None)) for category, start, end in bounds
    ]


def _runs(messages: list[dict]) -> list[tuple[dict | None, dict | None]]:
    """Each time the event ran in one category: the announcement and the end in force.

    What begins after the end of a run is a further run; all else corrects what is there.
    """
    openings = sorted((message for message in messages if message["type"] != "FAILURE_END"), key=lambda message: message["start"])
    closings = [message for message in messages if message["type"] == "FAILURE_END"]
    starts = [opening["start"] for opening in openings]

    def over(closing: dict) -> datetime | None:
        if closing["end"]:
            return closing["end"]
        marks = starts and starts[0] < closing["start"] and closing["start"] not in starts
        return closing["start"] if marks else closing["published"]

    def ended_between(start: datetime | None, further: datetime) -> bool:
        for closing in closings:
            end = over(closing)
            # An end before its own beginning is a slip, and one told alone must say when its run began.
            if end is None or closing["end"] and closing["start"] > end or start is None and not closing["end"]:
                continue
            if (closing["start"] if start is None else start) <= end < further:
                return True
        return False

    groups: list[tuple[list[dict], list[dict]]] = [([], [])]
    previous = None
    for opening in openings:
        if ended_between(previous, opening["start"]):
            groups.append(([], []))
        groups[-1][0].append(opening)
        previous = opening["start"]
    for closing in closings:
        reach = max(filter(None, (closing["start"], over(closing))))
        begun = [group for group in groups if group[0] and group[0][0]["start"] <= reach]
        (begun[-1] if begun else groups[0])[1].append(closing)
    latest = [(max(opened, key=_age, default=None), max(closed, key=_age, default=None)) for opened, closed in groups]
    return [run for run in latest if any(run)]


def deadline(mode: str, issued: date, history: Iterable[Outage], now: datetime, policy: str = "statutory") -> tuple[str, date | None]:
    """State and last day of an invoice."""
    if mode == "total-failure":
        return "not-required", None
    # What is announced for later has not happened. Only a question about a future invoice takes it for granted.
    happened = [outage for outage in history if outage.start <= now or issued > warsaw_day(now)]
    lasts, explained = _own_term(mode, issued, happened)
    own_rule = issued + 7 * DAY if policy == "seven-days" else None
    # Nobody knows how long an invoice waits whose outage nobody knows; until the next business day it does in any case.
    waits = lasts if explained else business_days_after(issued, 1)
    day = issued
    for day in _days(issued, happened):
        inside = day <= waits
        for outage in happened:
            comes = outage.first == day if day > issued else outage.first <= issued < outage.last
            if not comes:
                continue
            # The window is the law's: a later day of a policy of one's own keeps no duty alive, and none is lifted in it.
            if outage.category == "TOTAL_FAILURE" and inside:
                return "lifted", None
            if outage.category == "FAILURE" and day <= lasts:
                lasts = max(lasts, _after(outage, 7))
                waits = max(waits, lasts) if explained else waits
    if own_rule:
        return "due", own_rule
    return ("open", None) if lasts == date.max else ("due", lasts)


def _days(issued: date, happened: list[Outage]) -> Iterable[date]:
    """From the day of issue to the day on which the last outage begins."""
    last = max((outage.first for outage in happened), default=issued)
    day = issued
    yield day
    while day < last:
        day += DAY
        yield day


def _after(outage: Outage, count: int) -> date:
    return business_days_after(outage.last, count) if outage.end else date.max


def _own_term(mode: str, issued: date, happened: list[Outage]) -> tuple[date, bool]:
    """The term that the mode gives, and whether something known explains the mode."""
    if mode == "offline24":
        return business_days_after(issued, 1), True
    category = {"emergency": "FAILURE", "unavailability": "MAINTENANCE"}[mode]
    that_day = [outage for outage in happened if outage.category == category and outage.first <= issued <= outage.last]
    if not that_day:
        return date.max, False
    if mode == "emergency":
        return max(_after(outage, 7) for outage in that_day), True
    # Maintenances that touch are one. Of several apart, the invoice may belong to the first: the earlier day is the safe one.
    that_day.sort(key=lambda outage: outage.start)
    end = that_day[0].end
    for outage in that_day[1:]:
        if end is None or outage.start >= end:
            break
        end = None if outage.end is None else max(end, outage.end)
    return _after(Outage(category, that_day[0].start, end), 1), True


