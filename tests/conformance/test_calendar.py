"""Business days against the package `holidays`, a calendar that shares nothing with ours: every day of 2004 to 2100."""

import datetime
import subprocess

import pytest

import mutate
from harness.deadlines import business_days_after, is_business_day


def calendar(first, last):
    command = [mutate.core_example("calendar"), first, last]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
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
            assert seventh == business_days_after(day, 7), day
        checked += 1
    assert checked == days
