"""Reading and writing an invoice changes nothing but comments and the way characters are written down.

The canonical form of what is written equals that of what was read, white space between elements included where it
follows a rule; judged by libxml2. Quick by default; `KSEF_CONFORMANCE=full` takes thousands of random documents.
"""

from __future__ import annotations

import json
import os
import random
import re
import time

import pytest
from lxml import etree

import generate
import mutate
import schema
from harness.bridge import Refusal, exchange, program, written
from harness.reference import EXAMPLES, official_invoices
from spellings import SPELLINGS

FULL = os.environ.get("KSEF_CONFORMANCE") == "full"
# An example with a bit of everything a spelling can change.
BASE = next(path for path in EXAMPLES if path.name.startswith("10-"))


@pytest.fixture(scope="module", autouse=True)
def example_program():
    """Built before the first test."""
    return program()


@pytest.fixture(scope="module")
def covering() -> list[bytes]:
    return list(generate.Generator(random.Random(5)).covering())


@pytest.fixture(scope="module")
def with_children() -> set[str]:
    """Names of elements that hold elements, though some may be empty."""
    nodes = [node for node in generate.Unfolding().nodes() if isinstance(node, generate.Element)]
    names = {node.name for node in nodes if node.groups}
    assert not names & {node.name for node in nodes if not node.groups}
    return names


def canonical(document: bytes | etree._Element) -> bytes:
    if isinstance(document, bytes):
        document = etree.fromstring(document)
    return etree.tostring(document, method="c14n", with_comments=False)


def has_canonical_form(document: bytes) -> bool:
    try:
        canonical(document)
    except etree.C14NError:
        return False
    return True


def parsed(document: bytes) -> etree._Element:
    return etree.fromstring(document, etree.XMLParser(remove_comments=True))


def is_regular(root: etree._Element, with_children: set[str]) -> bool:
    """No white space between elements, or one indentation throughout."""
    places = []
    for element in root.iter():
        if etree.QName(element).localname not in with_children:
            continue
        depth = sum(1 for _ in element.iterancestors())
        if not len(element):
            if element.text:
                return False
            continue
        places += [(element.text, depth + 1)] + [(child.tail, depth + 1) for child in element[:-1]] + [(element[-1].tail, depth)]
    if all(not space for space, _ in places):
        return True
    units = {space[1:][: len(space[1:]) // depth] for space, depth in places if space and depth and space[:1] == "\n"}
    if len(units) != 1:
        return False
    (unit,) = units
    return all(space == "\n" + unit * depth for space, depth in places)


def without_space(root: etree._Element, with_children: set[str]) -> etree._Element:
    for element in root.iter():
        if etree.QName(element).localname in with_children:
            element.text = None
            for child in element:
                child.tail = None
    return root


def assert_the_same(source: bytes, result: bytes, with_children: set[str]) -> None:
    if is_regular(parsed(source), with_children):
        assert canonical(result) == canonical(parsed(source))
    else:
        assert canonical(without_space(parsed(result), with_children)) == canonical(
            without_space(parsed(source), with_children)
        )


def assert_round_trips(documents: list[bytes], with_children: set[str]) -> None:
    results = written(documents)
    compiled = schema.compiled()
    for source, result in zip(documents, results, strict=True):
        assert_the_same(source, result, with_children)
        assert not result.startswith(b"\xef\xbb\xbf")
        result.decode("utf-8", errors="strict")
        compiled.assertValid(etree.fromstring(result))
    # Written again from itself it is the same to the byte, and so is every other run.
    assert written(results) == results
    assert written(documents) == results


def test_every_example_round_trips(with_children):
    assert_round_trips([path.read_bytes() for path in EXAMPLES], with_children)


def test_every_official_example_round_trips(with_children):
    if not official_invoices():
        pytest.skip("the Ministry's example files (KSEF_DATA/fa3-samples) are absent")
    assert_round_trips([path.read_bytes() for path in official_invoices()], with_children)


def test_documents_with_everything_in_the_schema_round_trip(covering, with_children):
    assert_round_trips(covering, with_children)


def test_random_documents_round_trip(with_children):
    assert_round_trips(list(generate.Generator(random.Random(3)).random(5_000 if FULL else 200)), with_children)


def base() -> str:
    """The base example without white space between elements."""
    root = etree.fromstring(BASE.read_bytes(), etree.XMLParser(remove_blank_text=True))
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(root, encoding="unicode")


@pytest.mark.parametrize("name", SPELLINGS)
def test_another_spelling_of_the_same_round_trips(name, with_children):
    document = SPELLINGS[name](base()).encode()
    schema.compiled().assertValid(etree.fromstring(document))
    assert_round_trips([document], with_children)


def test_mutants_that_are_valid_round_trip(with_children):
    chance = random.Random(9)
    mutator = mutate.Mutator(mutate.sources(chance, written=40), chance)
    documents = [document for _, document in (mutator.mutant() for _ in range(20_000 if FULL else 1_500))]
    verdicts = mutate.our_verdicts(mutate.verdict_program(), documents)
    oracle = mutate.Oracle()
    valid = [d for d, verdict in zip(documents, verdicts, strict=True) if verdict["valid"] and oracle.is_valid(d)]
    # A document that declares a relative namespace has no canonical form: the recommendation says so.
    valid = [document for document in valid if has_canonical_form(document)]
    assert len(valid) > 200
    assert_round_trips(valid, with_children)


def test_the_layout_of_the_library_itself_says_the_same(covering, with_children):
    documents = [path.read_bytes() for path in EXAMPLES] + covering
    for source, result in zip(documents, written(documents, "--plain"), strict=True):
        assert is_regular(parsed(result), with_children)
        assert without_layout(result, with_children) == without_layout(source, with_children)


# JSON.


def without_layout(document: bytes, with_children: set[str]) -> bytes:
    """The canonical form of what the invoice says: white space and declarations that say nothing are gone."""
    root = without_space(parsed(document), with_children)
    for element in root.iterfind("{*}Podmiot1/{*}PrefiksPodatnika"):
        # Left empty it has the value the schema fixes.
        element.text = element.text or "PL"
    etree.cleanup_namespaces(root)
    return canonical(root)


def assert_json_keeps(documents: list[bytes], with_children: set[str]) -> None:
    as_json = written(documents, "--json")
    assert written(documents, "--json") == as_json
    for text in as_json:
        # Amounts keep their digits: a number of JSON would not.
        assert isinstance(json.loads(text, parse_float=pytest.fail), dict)
    back = written(as_json, "--from-json")
    for source, result in zip(documents, back, strict=True):
        assert without_layout(result, with_children) == without_layout(source, with_children)


def test_every_example_is_the_same_after_json(with_children):
    assert_json_keeps([path.read_bytes() for path in EXAMPLES], with_children)


def test_every_official_example_is_the_same_after_json(with_children):
    if not official_invoices():
        pytest.skip("the Ministry's example files (KSEF_DATA/fa3-samples) are absent")
    assert_json_keeps([path.read_bytes() for path in official_invoices()], with_children)


def test_documents_with_everything_in_the_schema_are_the_same_after_json(covering, with_children):
    assert_json_keeps(covering, with_children)


def test_json_that_is_none_or_says_something_unknown_is_refused():
    (good,) = written([BASE.read_bytes()], "--json")
    document = json.loads(good)
    unknown = {**document, "unknown_field": 1}
    emptied = {key: None for key in document}
    cases = [b"", b"{", b"[]", b"null", b"{}", good[:-2], good + good, b"\xff\xfe", b"[" * 100_000]
    cases += [json.dumps(case).encode() for case in (unknown, emptied)]
    answers = exchange(cases, "--from-json")
    accepted = [case[:40] for case, answer in zip(cases, answers, strict=True) if not isinstance(answer, Refusal)]
    assert accepted == []


# What is refused, and where.


def refusal(document: str) -> Refusal:
    assert not mutate.Oracle().is_valid(document.encode())
    (answer,) = exchange([document.encode()])
    assert isinstance(answer, Refusal), document[:200]
    return answer


def place_of(text: str, what: str) -> tuple[int, int]:
    """Line and column, both from 1, columns in characters."""
    before = text[: text.index(what)]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


PLAIN = BASE.read_text(encoding="utf-8")
DAMAGE = {
    "an unknown element": (PLAIN.replace("<P_1M>", "<Nieznany>1</Nieznany><P_1M>"), "<Nieznany>", "/Faktura/Fa/"),
    "an unknown element after letters": (
        PLAIN.replace("<P_1M>Łódź</P_1M>", "<P_1M>Łódź 😀</P_1M><Nieznany/>"), "<Nieznany/>", "/Faktura/Fa/"
    ),
    "an element of another place": (PLAIN.replace("<P_1M>", "<NIP>5265877635</NIP><P_1M>"), "<NIP>5265877635</NIP><P_1M>", "/Faktura/Fa/"),
    "an element before its turn": (
        re.sub(r"(<P_1>.*</P_1>)(\s*)(<P_1M>.*</P_1M>)", r"\3\2\1", PLAIN), "<P_1M>", "/Faktura/Fa"
    ),
    "an element twice": (PLAIN.replace("<P_2>", "<P_2>x</P_2><P_2>"), "<P_2>FV", "/Faktura/Fa/P_2"),
    "an element of no namespace": (PLAIN.replace("<P_1M>", '<P_1M xmlns="">'), '<P_1M xmlns="">', "/Faktura/Fa/"),
    "an element in a value": (PLAIN.replace("<P_2>", "<P_2><b/>"), "<b/>", "/Faktura/Fa/P_2"),
    "both branches of a choice": (
        PLAIN.replace("<P_19N>", "<P_19>1</P_19><P_19A>art. 43</P_19A><P_19N>"), "<P_19N>", "/Faktura/Fa/Adnotacje/Zwolnienie"
    ),
    "an element of a line": (
        PLAIN.replace("<P_7>Croissant", "<P_99>x</P_99><P_7>Croissant"), "<P_99>", "/Faktura/Fa/FaWiersz[2]/"
    ),
    "something after the last part": (PLAIN.replace("</Faktura>", "<Fa/></Faktura>"), "<Fa/>", "/Faktura/Fa"),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGE)
def test_an_element_that_may_not_stand_there_is_refused_with_its_place(name):
    document, culprit, path = DAMAGE[name]
    assert document != PLAIN
    answer = refusal(document)
    assert (answer.line, answer.column) == place_of(document, culprit), answer
    # Where others had to come first, the parent is named.
    assert answer.path.startswith(path) or (answer.code == "element-missing" and answer.path == path.rpartition("/")[0]), answer
    assert answer.code.startswith("element-"), answer


MISSING = ["P_2", "P_15", "KodWaluty", "Adnotacje", "Naglowek", "Podmiot2", "Fa", "NIP", "JST", "P_18A", "NrWierszaFa", "NrRB"]


@pytest.mark.parametrize("name", MISSING)
def test_a_missing_element_is_refused_with_the_place_where_it_should_stand(name):
    root = etree.fromstring(PLAIN.encode())
    element = root.find(f".//{{{schema.NAMESPACE}}}{name}")
    parent = etree.QName(element.getparent()).localname
    element.getparent().remove(element)
    document = etree.tostring(root, encoding="unicode")
    answer = refusal(document)
    assert answer.code in ("element-missing", "element-unexpected"), answer
    assert re.search(rf"/{parent}(\[\d+\])?(/\w+(\[\d+\])?)?$", answer.path), answer
    assert 0 < answer.line <= document.count("\n") + 1, answer


@pytest.mark.parametrize("stray", ["x", "\u00a0", "&#65;", "<![CDATA[x]]>", "&amp;"])
def test_text_between_elements_is_refused(stray):
    answer = refusal(PLAIN.replace("<P_1M>", f"{stray}<P_1M>"))
    assert answer.code == "text-unexpected"
    assert answer.path == "/Faktura/Fa"
    assert answer.line == place_of(PLAIN, "<P_1M>")[0]


@pytest.mark.parametrize(
    "attributes", ['obcy="1"', 'xmlns:q="urn:x" q:obcy="1"', 'xml:lang="pl"', 'Typ="txt"', 'nil="true"']
)
def test_an_attribute_the_schema_does_not_know_is_refused(attributes):
    document = PLAIN.replace("<P_1M>", f"<P_1M {attributes}>")
    answer = refusal(document)
    assert answer.path == "/Faktura/Fa/P_1M"
    assert answer.line == place_of(document, "<P_1M ")[0]


def test_structural_damage_is_never_read_as_an_invoice():
    chance = random.Random(13)
    mutator = mutate.Mutator(mutate.sources(chance, written=60), chance)
    structural = [
        mutator.delete, mutator.duplicate, mutator.swap, mutator.swap_far, mutator.rename, mutator.move, mutator.graft,
        mutator.nest, mutator.namespace, mutator.stray_text,
    ]  # fmt: skip
    documents, names = [], []
    for _ in range(20_000 if FULL else 2_000):
        action = chance.choice(structural)
        root = etree.fromstring(chance.choice(mutator.sources))
        documents.append(etree.tostring(action(root), encoding="utf-8"))
        names.append(action.__name__)
    verdicts = mutate.our_verdicts(mutate.verdict_program(), documents)
    answers = exchange(documents)
    oracle = mutate.Oracle()
    read = []
    for name, document, verdict, answer in zip(names, documents, verdicts, answers, strict=True):
        # How often an element may be repeated is the verdict's business.
        if oracle.is_valid(document) or set(verdict["errors"]) <= {"element-too-many"}:
            continue
        if not isinstance(answer, Refusal):
            read.append((name, verdict["errors"]))
        elif not verdict["errors"][0].startswith("file-") and verdict["errors"][0] not in ("wrong-namespace", "form-not-accepted"):
            assert answer.path.startswith("/") and answer.line > 0 and answer.column > 0, (name, answer)
    assert read == []


def test_what_would_exhaust_memory_or_time_is_refused_at_once():
    bomb = "<!DOCTYPE x [" + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12)) + "]>"
    cases = [
        PLAIN.replace("<Faktura", bomb + "<Faktura", 1).replace("<P_2>", "<P_2>&e11;"),
        PLAIN.replace("<P_1M>", "<a>" * 100_000 + "</a>" * 100_000 + "<P_1M>"),
        PLAIN.replace("<Faktura", "<Faktura " + " ".join(f'a{n}="1"' for n in range(100_000)), 1),
        PLAIN.replace("<Fa>", "<Fa " + " ".join(f'xmlns:a{n}="u"' for n in range(100_000)) + ">", 1),
        PLAIN.replace("<P_2>", "<P_2>" + "<!---->" * 300_000 + "<b/>"),
        PLAIN.replace("<P_2>", "<P_2>" + "<![CDATA[]]>" * 200_000 + "<b/>"),
        PLAIN.replace("<P_1M>", "<WZ>" * 500_000 + "<P_1M>"),
    ]
    before = time.monotonic()
    answers = exchange([case.encode() for case in cases])
    assert time.monotonic() - before < 20
    assert all(isinstance(answer, Refusal) for answer in answers), answers
