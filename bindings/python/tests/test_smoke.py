"""The installed package answers: a link, a deadline, an exception."""

import json
from datetime import date, datetime
from importlib.metadata import version as installed_version

import pytest

import ksef_offline


def test_the_package_knows_its_version():
    assert ksef_offline.version() == ksef_offline.__version__ == installed_version("ksef-offline")


def test_code_one_names_seller_day_and_hash():
    # SHA-256 of "abc" from FIPS 180-2, as Base64URL.
    assert ksef_offline.code_one_link("test", "1111111111", date(2026, 2, 1), b"abc") == (
        "https://qr-test.ksef.mf.gov.pl/invoice/1111111111/01-02-2026/"
        "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"
    )


def test_the_ministrys_example_is_due_on_the_seventh_business_day():
    failure = {
        "id": "K/2025/AWR/02",
        "eventId": 1,
        "category": "FAILURE",
        "type": "FAILURE_END",
        "start": "2025-07-10T08:00:00+02:00",
        "end": "2025-07-12T18:00:00+02:00",
    }
    answer = ksef_offline.deadline("emergency", date(2025, 7, 11), json.dumps([failure]))
    assert (answer.state, answer.due, answer.basis) == ("due", date(2025, 7, 22), "art. 106nf")
    assert answer.sent_after_due
    assert answer == ksef_offline.deadline("emergency", date(2025, 7, 11), json.dumps([failure]))


def test_a_refusal_carries_its_code_and_both_languages():
    with pytest.raises(ksef_offline.KsefOfflineError) as refused:
        ksef_offline.deadline("online", date(2026, 1, 2))
    assert refused.value.code == "mode-unknown"
    assert refused.value.english in str(refused.value)
    assert refused.value.polish
    assert not refused.value.retryable
    assert refused.value.retry_after_seconds is None


def test_a_datetime_is_no_day():
    with pytest.raises(ksef_offline.KsefOfflineError) as refused:
        ksef_offline.deadline("offline24", datetime(2026, 1, 2, 12))
    assert refused.value.code == "date-malformed"
