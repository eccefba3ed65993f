"""The example invoices are what they claim to be, by libxml2 and by our own verdict."""

from __future__ import annotations

from collections import Counter

import pytest

from harness.command import SELLER, Desk
from harness.invoices import Facts
from harness.reference import EXAMPLES, complaints, invoice_schema, official_invoices
from harness.shapes import KINDS, assert_shape


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_follows_the_schema(path):
    assert complaints(invoice_schema(), path.read_bytes()) == []


def test_the_examples_cover_all_kinds_a_foreign_currency_an_attachment_and_polish_letters():
    facts = [Facts.of(path.read_bytes()) for path in EXAMPLES]
    assert len(facts) >= 12
    assert {fact.kind for fact in facts} == set(KINDS)
    assert {fact.seller for fact in facts} == {SELLER}
    assert any(fact.currency == "EUR" for fact in facts)
    assert not [number for number, times in Counter(fact.number for fact in facts).items() if times > 1]
    texts = [path.read_text(encoding="utf-8") for path in EXAMPLES]
    assert any("<Zalacznik>" in text for text in texts)
    assert all(set("ąćęłńóśźż") & set(text) for text in texts)


def test_our_verdict_on_every_example_is_valid_on_production_too(tmp_path):
    verdict = Desk(tmp_path / "home", tmp_path).run("validate", *EXAMPLES, "--environment", "production").document
    assert_shape("validate", verdict)
    assert [file["file"] for file in verdict["files"] if not file["valid"]] == []
    assert len(verdict["files"]) == len(EXAMPLES)


def test_our_verdict_on_every_official_example_is_valid(tmp_path):
    if not official_invoices():
        pytest.skip("the Ministry's example files (KSEF_DATA/fa3-samples) are absent")
    verdict = Desk(tmp_path / "home", tmp_path).run("validate", *official_invoices()).document
    assert [file for file in verdict["files"] if not file["valid"]] == []
