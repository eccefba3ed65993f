"""`convert` and `schema`, as a newcomer uses and misuses them: a clear answer in both languages, and nothing written in vain."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from lxml import etree

import mutate
from harness.command import Desk
from harness.invoices import example
from harness.reference import REPOSITORY


@pytest.fixture
def bare_desk(tmp_path) -> Desk:
    """A home nobody has set up: converting needs none."""
    return Desk(tmp_path / "home", tmp_path)


@pytest.fixture
def as_json(bare_desk, tmp_path) -> Path:
    path = tmp_path / "invoice.json"
    bare_desk.run("convert", example("01-"), "--out", path)
    return path


def test_an_example_becomes_json_and_fa3_again(bare_desk, as_json, tmp_path):
    schema = bare_desk.run("schema").document
    assert schema == json.loads((REPOSITORY / "docs" / "invoice.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(json.loads(as_json.read_text(encoding="utf-8")))
    back = tmp_path / "invoice.xml"
    outcome = bare_desk.run("convert", as_json, "--out", back)
    assert outcome.document == {"file": str(back)}
    assert mutate.Oracle().is_valid(back.read_bytes())
    assert canonical(back) == canonical(example("01-"))


def canonical(path: Path) -> bytes:
    root = etree.parse(str(path), etree.XMLParser(remove_blank_text=True, remove_comments=True)).getroot()
    return etree.tostring(root, method="c14n")


def test_a_byte_order_mark_and_endings_in_capitals_are_taken(bare_desk, as_json, tmp_path):
    as_json.write_bytes(b"\xef\xbb\xbf" + as_json.read_bytes())
    back = tmp_path / "invoice.XML"
    bare_desk.run("convert", as_json, "--out", back)
    assert canonical(back) == canonical(example("01-"))
    refused = bare_desk.run("convert", as_json, "--out", tmp_path / "again.JSON", expect=2)
    assert refused.error == "usage"


CHANGES = {
    "unknown field": (lambda body: body.update(gros=1), "json-not-an-invoice", "nieznane pole gros"),
    "missing field": (lambda body: body.pop("number"), "json-not-an-invoice", "brakuje pola number"),
    "no date": (lambda body: body.update(issue_date="tajne"), "json-not-an-invoice", "data RRRR-MM-DD"),
    "no amount": (lambda body: body.update(gross="tajne"), "json-not-an-invoice", "liczba dziesiętna"),
    "an amount as a number": (lambda body: body.update(gross=1173.90), "json-not-an-invoice", "liczba dziesiętna jako tekst"),
    "an array for an object": (lambda body: body.update(totals=list(body["totals"].values())), "json-not-an-invoice", "obiekt"),
    "no currency": (lambda body: body.update(currency="tajne"), "json-not-an-invoice", "kod waluty"),
    "no rate": (lambda body: body["lines"][0].update(rate="tajne"), "json-not-an-invoice", "dozwolone"),
    "too many digits": (lambda body: body.update(gross="12.345"), "invoice-illegal", "KSeF odrzuciłby"),
    "tomorrow": (lambda body: body.update(issue_date="2049-12-31"), "invoice-illegal", "KSeF odrzuciłby"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_json_that_is_no_invoice_is_refused_in_both_languages(bare_desk, as_json, tmp_path, name):
    change, code, polish = CHANGES[name]
    document = json.loads(as_json.read_text(encoding="utf-8"))
    change(document["body"])
    as_json.write_text(json.dumps(document), encoding="utf-8")
    out = tmp_path / "out.xml"
    said = {}
    for language in ("pl", "en"):
        outcome = bare_desk.run("--lang", language, "convert", as_json, "--out", out, expect=1)
        assert outcome.error == code
        said[language] = outcome.document["error"]["message"]
    assert polish in said["pl"]
    assert said["pl"] != said["en"]
    assert "tajne" not in str(said)
    assert not out.exists()


def test_what_ksef_would_refuse_is_told_by_its_place_in_the_json(bare_desk, as_json, tmp_path):
    document = json.loads(as_json.read_text(encoding="utf-8"))
    document["body"]["gross"] = "12.345"
    document["body"]["lines"][1]["name"] = "x" * 513
    as_json.write_text(json.dumps(document), encoding="utf-8")
    details = bare_desk.run("convert", as_json, "--out", tmp_path / "out.xml", expect=1).document["error"]["details"]
    assert any("/body/gross (/Faktura/Fa/P_15)" in detail for detail in details), details
    assert any("/body/lines/1/name (/Faktura/Fa/FaWiersz[2]/P_7)" in detail for detail in details), details


def test_the_example_of_the_documentation_is_an_invoice(bare_desk, tmp_path):
    text = (REPOSITORY / "docs" / "json.md").read_text(encoding="utf-8")
    (example_json,) = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    Draft202012Validator(bare_desk.run("schema").document).validate(json.loads(example_json))
    source, out = tmp_path / "invoice.json", tmp_path / "invoice.xml"
    source.write_text(example_json, encoding="utf-8")
    bare_desk.run("convert", source, "--out", out)
    assert mutate.Oracle().is_valid(out.read_bytes())
    assert bare_desk.run("validate", out).document["files"][0]["warnings"] == []


@pytest.mark.parametrize(
    ("source", "out", "code", "exit_code"),
    [
        ("missing.json", "out.xml", "file-not-found", 1),
        (".", "out.xml", "file-error", 1),
        ("invoice.json", "out.pdf", "usage", 2),
        ("invoice.json", "out.json", "usage", 2),
        ("invoice.xml", "out.xml", "usage", 2),
        ("empty", "out.xml", "json-not-an-invoice", 1),
        ("empty", "out.json", "file-empty", 1),
        ("number.json", "out.xml", "json-not-an-invoice", 1),
        ("cut.json", "out.xml", "json-not-an-invoice", 1),
        ("binary", "out.json", "file-not-utf8", 1),
        ("utf16.xml", "out.json", "file-byte-order-mark", 1),
        ("deep.xml", "out.json", "file-too-deep", 1),
        ("laughs.xml", "out.json", "file-dtd", 1),
        ("fa2.xml", "out.json", "form-not-accepted", 1),
        ("huge", "out.json", "usage", 2),
    ],
)
def test_the_wrong_file_is_told_by_name(bare_desk, as_json, tmp_path, source, out, code, exit_code):
    xml = example("01-").read_text(encoding="utf-8")
    for name, content in {
        "invoice.xml": xml.encode(),
        "empty": b"",
        "number.json": b"12",
        "cut.json": as_json.read_bytes()[:200],
        "binary": bytes(range(128, 256)) * 10,
        "utf16.xml": xml.encode("utf-16"),
        "deep.xml": b"<a>" * 100_000,
        "laughs.xml": b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]><Faktura>&c;</Faktura>',
        "fa2.xml": xml.replace("2025/06/25/13775", "2023/06/29/12648").encode(),
        "huge": b"x" * 20_000_000,
    }.items():
        (tmp_path / name).write_bytes(content)
    outcome = bare_desk.run("convert", tmp_path / source, "--out", tmp_path / out, expect=exit_code)
    assert outcome.error == code
    assert not (tmp_path / out).exists()
