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
    openings: dict[str, dict] = {}
    closings: dict[str, dict] = {}
    for message in sorted(event, key=_age):
        (closings if message["type"] == "FAILURE_END" else openings)[message["category"]] = message
    beginning = min((message["start"] for message in openings.values()), default=None)
    bounds: dict[str, list] = {}
    for category in {*openings, *closings}:
        opening, closing = openings.get(category), closings.get(category)
        known = opening["start"] if opening else beginning
        if not closing:
            bounds[category] = [opening["start"], opening["end"]]
        elif closing["end"]:
            start = closing["start"] if known is None else min(known, closing["start"])
            bounds[category] = [start, closing["end"]]
        elif known is not None and closing["start"] > known:
            bounds[category] = [known, closing["start"]]
        else:
            bounds[category] = [closing["start"] if known is None else known, closing["published"]]
    # One event, one end: a failure that became a total failure is over when that is.
    ends = [end for _, end in bounds.values() if end]
    for pair in bounds.values():
        if pair[1] is None and ends and max(ends) > pair[0]:
            pair[1] = max(ends)
    return [Outage(category, start, end and max(start, end)) for category, (start, end) in bounds.items()]


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
            if outage.category == "TOTAL_FAILURE" and (inside or (own_rule and day <= own_rule)):
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


