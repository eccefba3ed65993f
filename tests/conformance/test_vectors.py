"""Vectors of the Ministry, and the deadline vectors through the command line."""

from __future__ import annotations

import json
from datetime import date

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from harness.command import Desk
from harness.invoices import code_one, nth_business_day_after
from harness.reference import REPOSITORY
from harness.shapes import assert_shape
from harness.signatures import CodeTwo, base64url

FOLDER = REPOSITORY / "tests" / "vectors"
VECTORS = json.loads((FOLDER / "deadlines.json").read_text(encoding="utf-8"))["cases"]
LINKS = json.loads((FOLDER / "links.json").read_text(encoding="utf-8"))


def messages(outages: list[dict]) -> list[dict]:
    """Outages as Latarnia announces them: a failure in two messages, a maintenance in one."""
    found = []
    for event, outage in enumerate(outages, start=1):
        common = {
            "eventId": event,
            "category": outage["category"],
            "title": "t",
            "text": "t",
            "version": 1,
            "published": outage["start"],
        }
        if outage["category"] == "MAINTENANCE":
            found.append(
                {**common, "id": f"N{event}", "type": "MAINTENANCE_ANNOUNCEMENT", "start": outage["start"], "end": outage.get("end")}
            )
            continue
        found.append({**common, "id": f"S{event}", "type": "FAILURE_START", "start": outage["start"]})
        if outage.get("end"):
            found.append({**common, "id": f"E{event}", "type": "FAILURE_END", "start": outage["start"], "end": outage["end"]})
    return found


def test_the_recipe_for_code_one_gives_the_ministrys_link():
    link = code_one("qr-test.ksef.mf.gov.pl", "1111111111", date(2026, 2, 1), base64url("UtQp9Gpc51y-u3xApZjIjgkpZ01js-J8KflSPW8WzIE"))
    assert link == "https://qr-test.ksef.mf.gov.pl/invoice/1111111111/01-02-2026/UtQp9Gpc51y-u3xApZjIjgkpZ01js-J8KflSPW8WzIE"


@pytest.mark.parametrize("vector", LINKS["code_one"], ids=lambda vector: vector["url"])
def test_the_recipe_gives_every_code_one_vector(vector):
    issued = date.fromisoformat(vector["issue_date"])
    assert code_one(vector["host"], vector["seller"], issued, base64url(vector["hash"])) == vector["url"]


@pytest.mark.parametrize("vector", LINKS["code_two"], ids=lambda vector: vector["context"])
def test_openssl_verifies_every_code_two_vector(vector):
    code = CodeTwo.parse(vector["url"])
    assert code.signed_text.decode() == vector["signed_text"]
    key = load_pem_public_key(LINKS["public_keys"][vector["public_key"]].encode())
    code.verify(key, vector["signature_encoding"])


@pytest.mark.parametrize("vector", LINKS["signed_texts"], ids=lambda vector: vector["source"])
def test_the_recipe_gives_every_text_that_code_two_signs(vector):
    segments = [vector["host"], "certificate", *vector["context"].split(":", 1), vector["seller"], vector["serial"], vector["hash"]]
    assert "/".join(segments) == vector["signed_text"]


@pytest.mark.parametrize("vector", LINKS["refused"], ids=lambda vector: vector["why"])
def test_verify_code_refuses_every_link_that_must_be_refused(vector, tmp_path):
    document = Desk(tmp_path / "home", tmp_path).run("verify", "code", vector["url"], expect=1).document
    # By its form alone: a missing certificate is not what makes it invalid.
    assert {check["name"] for check in document["checks"] if not check["passed"]} - {"signature"}


def test_a_failure_that_ends_on_saturday_12_july_2025_gives_tuesday_22_july(tmp_path):
    outages = tmp_path / "messages.json"
    outages.write_text(
        json.dumps(messages([{"category": "FAILURE", "start": "2025-07-10T08:00:00+02:00", "end": "2025-07-12T16:00:00+02:00"}]))
    )
    answer = Desk(tmp_path / "home", tmp_path).run("deadline", "--mode", "emergency", "--issued", "2025-07-11", "--outages", outages)
    assert_shape("deadline", answer.document)
    assert answer.document["due"] == "2025-07-22"
    assert answer.document["state"] == "due"
    assert answer.document["basis"] == "art. 106nf"
    assert nth_business_day_after(date(2025, 7, 12), 7) == date(2025, 7, 22)


# The command counts from the real clock, so cases with a clock of their own stay with the unit tests.
@pytest.mark.parametrize("case", [c for c in VECTORS if "now" not in c], ids=lambda case: case["name"])
def test_the_command_answers_each_deadline_vector(case, tmp_path):
    outages = tmp_path / "messages.json"
    outages.write_text(json.dumps(messages(case.get("outages", []))))
    policy = ("--policy", case["policy"]) if "policy" in case else ()
    answer = (
        Desk(tmp_path / "home", tmp_path)
        .run("deadline", "--mode", case["mode"], "--issued", case["issued"], "--outages", outages, *policy)
        .document
    )
    assert (answer["state"], answer["due"]) == (case["state"], case["due"]), case["why"]


@pytest.mark.parametrize("issued", ["2025-12-23", "2026-04-02", "2026-06-03", "2027-05-01", "2028-11-10", "2030-12-31"])
def test_an_offline24_deadline_agrees_with_the_package_holidays(issued, tmp_path):
    outages = tmp_path / "messages.json"
    outages.write_text("[]")
    answer = Desk(tmp_path / "home", tmp_path).run("deadline", "--mode", "offline24", "--issued", issued, "--outages", outages).document
    assert answer["due"] == nth_business_day_after(date.fromisoformat(issued), 1).isoformat()
