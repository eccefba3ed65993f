"""The published JSON Schema of an invoice, held by another validator against what the library writes and reads as JSON.

Whoever writes invoices as JSON checks them with this schema and any validator of draft 2020-12. So everything the library
writes has to satisfy it, and damaged documents must be refused by both, or by the one of which it is known. Quick by
default; `KSEF_CONFORMANCE=full` damages ten times as many documents.
"""

from __future__ import annotations

import copy
import json
import os
import random
from collections import Counter

import pytest
from jsonschema import Draft202012Validator

import generate
import mutate
import schema
from harness.bridge import Refusal, exchange, program, written
from harness.reference import EXAMPLES, official_invoices

MUTANTS = 20_000 if os.environ.get("KSEF_CONFORMANCE") == "full" else 2_000
PUBLISHED = schema.REPOSITORY / "docs" / "invoice.schema.json"


@pytest.fixture(scope="module", autouse=True)
def example_program():
    """Built before the first test."""
    return program()


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    published = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(published)
    return Draft202012Validator(published)


def as_json(documents: list[bytes]) -> list[dict]:
    return [json.loads(text) for text in written(documents, "--json")]


def faults(validator: Draft202012Validator, document) -> list[str]:
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(document)]


def test_every_example_satisfies_the_published_schema(validator):
    documents = as_json([path.read_bytes() for path in EXAMPLES])
    found = {path.name: faults(validator, document) for path, document in zip(EXAMPLES, documents, strict=True)}
    assert {name: what for name, what in found.items() if what} == {}


def test_every_official_example_satisfies_the_published_schema(validator):
    if not official_invoices():
        pytest.skip("the Ministry's example files (KSEF_DATA/fa3-samples) are absent")
    documents = as_json([path.read_bytes() for path in official_invoices()])
    assert [what for document in documents for what in faults(validator, document)] == []


def test_documents_with_everything_in_the_schema_satisfy_the_published_one(validator):
    documents = as_json(list(generate.Generator(random.Random(5)).covering()))
    assert [what for document in documents for what in faults(validator, document)] == []


# What both make of damaged documents.

WRONG = [
    None, True, False, 0, 1, -1, 1.5, 256, 2**70, "", "x", "1", "-0.5", "1e3", "+1", " 1", "1,5", "2026-02-29", "2026-12-31",
    "2026-12-31T00:00:00Z", "PL", "pl", "ZZ", "XXX", "PLN", "VAT", "5265877635", "5265877631", "absent", "none", [], [[]], {},
    {"x": 1}, "ż" * 300,
]  # fmt: skip


def places(value, path=()):
    """Paths of everything in a document."""
    yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


def damaged(document: dict, chance: random.Random) -> tuple[str, dict]:
    """The document with one thing changed, and the kind of change."""
    document = copy.deepcopy(document)
    *way, last = chance.choice([path for path in places(document) if path])
    holder = document
    for key in way:
        holder = holder[key]
    action = chance.choice(["replace", "replace", "delete", "rename", "add", "wrap", "digit"])
    if action == "delete":
        del holder[last]
    elif action == "rename" and isinstance(holder, dict):
        holder[chance.choice([last + "s", last.upper(), last[:-1]])] = holder.pop(last)
    elif action == "add" and isinstance(holder, dict):
        holder[chance.choice(["remark", "P_1", "number", "other", "note"])] = chance.choice(WRONG)
    elif action == "wrap":
        holder[last] = [holder[last]]
    elif action == "digit" and isinstance(holder[last], str) and holder[last]:
        at = chance.randrange(len(holder[last]))
        holder[last] = holder[last][:at] + chance.choice("019aŻ-. ") + holder[last][at + 1 :]
    else:
        action = "replace"
        holder[last] = copy.deepcopy(chance.choice(WRONG))
    return action, document


def difference(accepted: bool, document, validator: Draft202012Validator) -> str:
    """Which of the known differences it is; what is not known fails."""
    if accepted:
        return "; ".join(f"accepted: {error.json_path}: {error.message[:200]}" for error in validator.iter_errors(document))
    return "refused by the library alone"


def objects(document: dict) -> list[tuple]:
    """Paths of all objects in a document."""
    return [path for path in places(document) if isinstance(at(document, path), dict)]


def at(document, path):
    for key in path:
        document = document[key]
    return document


def test_an_array_in_the_place_of_any_object_is_refused_by_both(validator):
    documents = as_json([path.read_bytes() for path in EXAMPLES])
    cases = []
    for original in documents:
        for path in objects(original):
            document = copy.deepcopy(original)
            row = list(at(original, path).values())
            if path:
                at(document, path[:-1])[path[-1]] = row
            else:
                document = row
            cases.append(document)
    assert len(cases) > 100
    answers = exchange([json.dumps(case).encode() for case in cases], "--from-json")
    assert [case for case, answer in zip(cases, answers, strict=True) if not isinstance(answer, Refusal)] == []
    assert [case for case in cases if validator.is_valid(case)] == []


def test_damaged_documents_are_refused_by_both_or_by_the_library(validator):
    chance = random.Random(2026)
    originals = as_json([path.read_bytes() for path in EXAMPLES])
    cases = [damaged(chance.choice(originals), chance) for _ in range(MUTANTS)]
    answers = exchange([json.dumps(document).encode() for _, document in cases], "--from-json")
    oracle = mutate.Oracle()
    both, unexplained, library_alone = Counter(), [], []
    for (action, document), answer in zip(cases, answers, strict=True):
        accepted = not isinstance(answer, Refusal) and oracle.is_valid(answer)
        satisfies = validator.is_valid(document)
        if accepted == satisfies:
            both["accepted" if accepted else "refused"] += 1
            continue
        kind = difference(accepted, document, validator)
        if kind == "refused by the library alone":
            library_alone.append((action, document, answer))
        else:
            unexplained.append((action, kind))
    # Both outcomes must be common, else agreement says little.
    assert min(both["accepted"], both["refused"]) > MUTANTS / 10, both
    # What satisfies the schema and is refused: codes and calendar days that a pattern does not list.
    assert len(library_alone) < MUTANTS / 50, [(action, str(answer)) for action, _, answer in library_alone[:20]]
    assert unexplained == []


# Single values, by the verdict of libxml2 on the FA(3) made of them.

TEXTS = [
    "", " ", "x", "0", "-1", "1", "100", "100.1", "0.12", "0.123", "0.123456", "0.1234567", "0.12345678", "0.123456789", "00.1",
    "1" * 14, "1" * 15, "1" * 16, "1" * 17, "1989-12-31", "1990-01-01", "2005-12-31", "2006-01-01", "2016-06-30", "2016-07-01",
    "2050-01-01", "2050-01-02", "2024-02-29", "2021-09-29T00:00:00Z", "2026-03-02T24:00:00Z", "2026-03-02T09:15:00+14:00",
    "2051-01-01T00:00:00Z", "5265877635-00001", "5265877635-0001", "a@b", "@b", "a@", "ABCDPLPW", "ABCDPLPWXXX", "ABCDPLP",
    "123456789", "12345678901234", "5265877635-20260302-0123456789AB-CD", "5265877635-20260302-012345-6789AB-CD",
    "https://pay.example/a?IPKSeF=123abcdefghij", "https://pay.example/a?IPKSeF=123", "123abcdefghij",
] + ["ż" * length for length in (9, 10, 13, 14, 16, 17, 20, 21, 32, 33, 34, 35, 50, 51, 255, 256, 257, 512, 513, 3500, 3501)]  # fmt: skip
NUMBERS = [0, 1, 10**14 - 1, 10**14]
# The schema limits lists up to this length in the test; longer ones make documents KSeF would not take.
LONGEST_LIST = 1001


def put(document: dict, path: tuple, value) -> dict:
    """The document with another value there."""
    document = copy.deepcopy(document)
    at(document, path[:-1])[path[-1]] = value
    return document


def kind_of_place(path: tuple) -> tuple:
    """The path without the numbers of list items: one of each kind of place is enough."""
    return tuple(step for step in path if not isinstance(step, int))


def one_of_each_place(documents: list[dict]) -> dict[tuple, tuple[dict, tuple]]:
    """For each kind of place the smallest document that has it."""
    found: dict[tuple, tuple[dict, tuple]] = {}
    for document in sorted(documents, key=lambda document: len(json.dumps(document))):
        for path in places(document):
            if path:
                found.setdefault(kind_of_place(path), (document, path))
    return found


def test_single_values_are_taken_and_refused_as_libxml2_takes_and_refuses_them(validator):
    documents = as_json([path.read_bytes() for path in EXAMPLES] + list(generate.Generator(random.Random(5)).covering()))
    cases = []
    for document, path in one_of_each_place(documents).values():
        value = at(document, path)
        if isinstance(value, str):
            cases += [(path, put(document, path, text)) for text in TEXTS if text != value]
        elif isinstance(value, int) and not isinstance(value, bool):
            cases += [(path, put(document, path, number)) for number in NUMBERS if number != value]
    if MUTANTS < 20_000:
        cases = random.Random(7).sample(cases, min(len(cases), 2 * MUTANTS))
    met = compare_with_libxml2(validator, cases)
    assert min(met["valid"], met["invalid"]) > 100, met


def test_lists_are_as_long_as_libxml2_takes_them(validator):
    documents = as_json(list(generate.Generator(random.Random(5)).covering()))
    cases = []
    for document, path in one_of_each_place(documents).values():
        value = at(document, path)
        if isinstance(value, list) and value:
            lengths = (0, 1, 10, 11, 20, 21, 31, 32, 100, 101, 102, 1000, LONGEST_LIST)
            small = len(json.dumps(value[0])) < 400
            cases += [
                (path, put(document, path, [value[0]] * length))
                for length in lengths
                if length <= 102 or small
            ]
    met = compare_with_libxml2(validator, cases)
    assert min(met["valid"], met["invalid"]) > 20, met


def compare_with_libxml2(validator: Draft202012Validator, cases: list[tuple[tuple, dict]]) -> Counter:
    """What the library does not even read is left to the tests above; all else must be judged alike."""
    oracle, met, wrong = mutate.Oracle(), Counter(), []
    answers = exchange([json.dumps(document).encode() for _, document in cases], "--from-json")
    for (path, document), answer in zip(cases, answers, strict=True):
        if isinstance(answer, Refusal):
            met["unread"] += 1
            continue
        theirs = oracle.is_valid(answer)
        met["valid" if theirs else "invalid"] += 1
        value = at(document, path)
        if isinstance(value, str) and "T" in value and f">{value[:10]}<".encode() in answer and f">{value}<".encode() not in answer:
            # Of an instant in the place of a date the library takes the day; the schema asks for a date.
            assert not validator.is_valid(document), path
        elif validator.is_valid(document) != theirs:
            wrong.append((path, str(at(document, path))[:60], "valid" if theirs else "invalid for libxml2"))
    assert not wrong, wrong[:20]
    return met
