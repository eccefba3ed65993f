"""The generator meets everything in the schema, and what it writes is valid for libxml2 and for us.

Quick by default; `KSEF_CONFORMANCE=full` adds other seeds and thousands of random documents.
"""

from __future__ import annotations

import os
import random

import pytest
from lxml import etree

import generate
import mutate
import schema
from harness.reference import EXAMPLES

FULL = os.environ.get("KSEF_CONFORMANCE") == "full"
SEEDS = range(2026, 2031) if FULL else [2026]


@pytest.fixture(scope="module", params=SEEDS)
def covering(request) -> tuple[generate.Generator, list[bytes]]:
    generator = generate.Generator(random.Random(request.param))
    return generator, list(generator.covering())


def assert_valid_for_both(documents: list[bytes]) -> None:
    compiled = schema.compiled()
    for document in documents:
        compiled.assertValid(etree.fromstring(document))
    verdicts = mutate.our_verdicts(mutate.verdict_program(), documents)
    refused = [(number, verdict["errors"]) for number, verdict in enumerate(verdicts) if not verdict["valid"]]
    assert refused == []
    assert len(verdicts) == len(documents)


def test_every_element_branch_occurrence_and_enumerated_value_is_met(covering):
    generator, _ = covering
    print(generate.report(generator))
    assert generator.unreached() == []
    assert generator.schema.unused_types() == []
    assert all(met == of for met, of in generator.coverage().values())


def test_every_document_that_covers_the_schema_is_valid_for_both(covering):
    assert_valid_for_both(covering[1])


def test_random_documents_are_valid_for_both():
    assert_valid_for_both(list(generate.Generator(random.Random(7)).random(5_000 if FULL else 200)))


def test_the_same_seed_writes_the_same_documents():
    one, other = (generate.Generator(random.Random(11)) for _ in range(2))
    assert list(one.random(20)) == list(other.random(20))


def test_the_example_invoices_meet_every_element_the_schema_declares():
    generator = generate.Generator(random.Random(0))
    elements = [node for node in generator.schema.nodes() if isinstance(node, generate.Element)]
    declared = {element.path: (element.line, element.name) for element in elements}
    met = set()
    for example in EXAMPLES:
        for element in etree.parse(str(example)).getroot().iter(etree.Element):
            names = [etree.QName(node).localname for node in (element, *element.iterancestors())]
            met.add(declared["/" + "/".join(reversed(names))])
    missing = sorted(set(declared.values()) - met)
    assert [f"{name} (line {line} of the schema)" for line, name in missing] == []
