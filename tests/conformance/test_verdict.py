"""Our verdict on FA(3) documents agrees with libxml2's.

Quick by default; `KSEF_CONFORMANCE=full` compares 20 000 mutants. What is judged differently, and why, stands in
`verdict-disagreements.md`.
"""

from __future__ import annotations

import copy
import os
import random

import pytest
from lxml import etree

import mutate
import schema

FULL = os.environ.get("KSEF_CONFORMANCE") == "full"


@pytest.fixture(scope="session")
def program():
    return mutate.verdict_program()


def test_every_example_invoice_is_valid_for_both(program):
    documents = mutate.sources(random.Random(0), written=0)
    oracle = mutate.Oracle()
    assert all(oracle.is_valid(document) for document in documents)
    verdicts = mutate.our_verdicts(program, documents)
    assert [verdict["errors"] for verdict in verdicts] == [[]] * len(documents)


def test_the_examples_are_without_warnings(program):
    own = sorted((schema.REPOSITORY / "examples" / "invoices").glob("*.xml"))
    verdicts = mutate.our_verdicts(program, [file.read_bytes() for file in own])
    assert {file.name: verdict["warnings"] for file, verdict in zip(own, verdicts, strict=True) if verdict["warnings"]} == {}


def test_the_random_documents_meet_every_element_of_the_schema():
    documents = [etree.fromstring(document) for document in mutate.sources(random.Random(1), written=400)]
    met = {etree.QName(element).localname for document in documents for element in document.iter(etree.Element)}
    declared = {
        element.get("name") for element in etree.parse(str(schema.schema_file())).iter(schema.XSD + "element")
    }
    assert declared - met == set()


def test_the_verdict_on_mutants_agrees_with_libxml2(program):
    report = mutate.compare(program, count=20_000 if FULL else 1_000, seed=2026)
    differing = [(kind, theirs, codes) for kind, _, theirs, codes in report.disagreements]
    # Both outcomes must be common, else agreement says little.
    assert 0.1 < report.valid / report.compared < 0.9
    assert report.agreement >= 0.999, differing


def test_every_occurrence_limit_is_that_of_the_schema(program):
    limits = {
        (element.get("name"), int(element.get("maxOccurs")))
        for element in etree.parse(str(schema.schema_file())).iter(schema.XSD + "element")
        if element.get("maxOccurs")
    }
    shortest_first = sorted(mutate.sources(random.Random(3), written=400), key=len)
    trees = [etree.fromstring(document) for document in shortest_first]
    oracle = mutate.Oracle()
    # Larger numbers need documents that KSeF refuses for their size.
    for name, limit in sorted(limits):
        if limit > 1_000:
            continue
        tree = next(tree for tree in trees if tree.find(f".//{{{schema.NAMESPACE}}}{name}") is not None)
        documents = [repeated(tree, name, times) for times in (limit, limit + 1)]
        expected = [oracle.is_valid(document) for document in documents]
        verdicts = mutate.our_verdicts(program, documents)
        assert [verdict["valid"] for verdict in verdicts] == expected == [True, False], name


def repeated(tree, name: str, times: int) -> bytes:
    """The document with the first element of this name standing so often."""
    tree = copy.deepcopy(tree)
    element = tree.find(f".//{{{schema.NAMESPACE}}}{name}")
    parent = element.getparent()
    for sibling in parent.findall(element.tag)[1:]:
        parent.remove(sibling)
    place = parent.index(element)
    for _ in range(times - 1):
        parent.insert(place, copy.deepcopy(element))
    return etree.tostring(tree)
