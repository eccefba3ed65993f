"""Writes documents that follow the FA(3) schema and between them meet everything in it.

    python generate.py [--seed S] [--more N] [--out FOLDER]

The schema is unfolded into a tree, one node for every place an element can stand in. Each node has goals: to stand there
as often as its limits allow (bounded), to take each branch of a choice, to hold each enumerated value, the shortest and
longest text, the first and last day, numbers of every length. Documents are written until no goal is open, or until
writing more closes none. Coverage is printed; so is what no document can reach. `--more` adds random documents.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

import schema
import texts
from schema import XSD

# Occurrence limits above this are not tried: the document would outgrow what KSeF takes.
MANY = 101
# How a document can be laid out: without white space, or indented by this.
LAYOUTS = ["", "  ", "\t"]


@dataclass(eq=False)
class Node:
    """A place in the unfolded schema, and what has to happen there."""

    path: str
    parent: Node | None
    least: int = 1
    most: int = 1
    # Goals by kind: the options, and those met so far.
    options: dict[str, list] = field(default_factory=dict)
    met: dict[str, set] = field(default_factory=dict)
    # Goals not met here and below.
    open: int = 0

    def set_goals(self, kind: str, options: list) -> None:
        self.options[kind] = options
        self.met[kind] = set()
        self._count(len(options))

    def meet(self, kind: str, option) -> None:
        if option not in self.met[kind]:
            self.met[kind].add(option)
            self._count(-1)

    def unmet(self, kind: str) -> list:
        return [option for option in self.options[kind] if option not in self.met[kind]]

    def _count(self, difference: int) -> None:
        node = self
        while node is not None:
            node.open += difference
            node = node.parent


@dataclass(eq=False)
class Group(Node):
    """A sequence or a choice."""

    is_choice: bool = False
    terms: list[Node] = field(default_factory=list)


@dataclass(eq=False)
class Element(Node):
    """An element: with children, or with a text."""

    name: str = ""
    # The line of its declaration in the schema: the same type is unfolded in many places.
    line: int = 0
    groups: list[Group] = field(default_factory=list)
    enumerated: bool = False


class Unfolding:
    """The schema as a tree of places."""

    def __init__(self) -> None:
        self.types: dict[str, etree._Element] = {}
        self.used: set[str] = set()
        folder = schema.schema_file().parent
        for file in [schema.schema_file(), *sorted(folder.glob("*v10-0E.xsd"))]:
            prefix = "etd:" if "v10-0E" in file.name else "tns:"
            for declaration in etree.parse(str(file)).getroot():
                if declaration.tag in (XSD + "simpleType", XSD + "complexType"):
                    self.types[prefix + declaration.get("name")] = declaration
                elif declaration.tag == XSD + "element":
                    root = declaration
        self.root = self._element(root, None, "")

    def unused_types(self) -> list[str]:
        """Types the invoice's own schema declares and no element has."""
        return sorted(name for name in self.types if name.startswith("tns:") and name not in self.used)

    def nodes(self, node: Node | None = None) -> Iterator[Node]:
        node = node or self.root
        yield node
        for child in node.groups if isinstance(node, Element) else node.terms:
            yield from self.nodes(child)

    def _type(self, name: str):
        self.used.add(name)
        return self.types[name]

    def _element(self, declaration, parent: Node | None, path: str) -> Element:
        element = Element(f"{path}/{declaration.get('name')}", parent, name=declaration.get("name"), line=declaration.sourceline)
        self._occurs(element, declaration)
        name = declaration.get("type")
        kind = self.types.get(name) if name else declaration.find(XSD + "complexType")
        if kind is not None and kind.tag == XSD + "complexType":
            self.used.add(name or "")
            self._complex(element, kind)
        elif declaration.get("fixed"):
            # An empty element takes the value that is fixed.
            element.set_goals("text", [declaration.get("fixed"), ""])
        else:
            self._text(element, name or declaration.find(XSD + "simpleType"))
        return element

    def _complex(self, element: Element, kind) -> None:
        content = kind.find(XSD + "simpleContent")
        content = kind.find(XSD + "complexContent") if content is None else content
        if content is not None:
            kind = content.find(XSD + "extension")
            base = self._type(kind.get("base"))
            if base.tag == XSD + "complexType":
                self._complex(element, base)
            else:
                self._text(element, kind.get("base"))
        for attribute in kind.findall(XSD + "attribute"):
            values = [attribute.get("fixed")] if attribute.get("fixed") else _values_in(attribute)
            element.set_goals("@" + attribute.get("name"), values)
        for group in kind:
            if group.tag in (XSD + "sequence", XSD + "choice"):
                element.groups.append(self._group(group, element, element.path))

    def _group(self, declaration, parent: Node, path: str) -> Group:
        group = Group(path, parent, is_choice=declaration.tag == XSD + "choice")
        self._occurs(group, declaration)
        for term in declaration:
            if term.tag == XSD + "element":
                group.terms.append(self._element(term, group, path))
            elif term.tag in (XSD + "sequence", XSD + "choice"):
                group.terms.append(self._group(term, group, path))
        if group.is_choice:
            group.set_goals("branch", list(range(len(group.terms))))
        return group

    def _text(self, element: Element, kind) -> None:
        legal, element.enumerated = self._legal_texts(kind, {})
        element.set_goals("text", legal)

    def _legal_texts(self, kind, facets: dict) -> tuple[list[str], bool]:
        """`facets` gathers what the derived types say, the outermost first."""
        if isinstance(kind, str):
            if kind.startswith("xsd:"):
                return texts.of(kind.removeprefix("xsd:"), facets), "enumeration" in facets
            kind = self._type(kind)
        union = kind.find(XSD + "union")
        if union is not None:
            members = [self._legal_texts(member, facets)[0] for member in union.findall(XSD + "simpleType")]
            return [text for member in members for text in member], False
        restriction = kind.find(XSD + "restriction")
        own: dict[str, list[str]] = {}
        for facet in restriction:
            if isinstance(facet.tag, str) and facet.tag != XSD + "annotation":
                own.setdefault(facet.tag.removeprefix(XSD), []).append(facet.get("value"))
        return self._legal_texts(restriction.get("base"), {**own, **facets})

    @staticmethod
    def _occurs(node: Node, declaration) -> None:
        node.least = int(declaration.get("minOccurs", "1"))
        node.most = int(declaration.get("maxOccurs", "1"))
        times = {node.least, min(node.most, 1), min(node.most, 2), min(node.most, 3)}
        if node.most <= MANY:
            times.add(node.most)
        times = sorted(n for n in times if n >= node.least)
        node.set_goals("times", times)


def _values_in(declaration) -> list[str]:
    return [value.get("value") for value in declaration.iter(XSD + "enumeration")]


class Covering:
    """Decides so that open goals are met."""

    def times(self, node: Node) -> int:
        unmet = node.unmet("times")
        below = node.open - len(unmet)
        return unmet[0] if unmet else max(node.least, 1 if below else 0)

    def branch(self, group: Group) -> int:
        unmet = group.unmet("branch")
        return unmet[0] if unmet else max(range(len(group.terms)), key=lambda branch: group.terms[branch].open)

    def text(self, element: Element, kind: str) -> str:
        return (element.unmet(kind) or element.options[kind])[0]


class Chance:
    """Decides at random: small documents with a bit of everything."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def times(self, node: Node) -> int:
        # Every other optional part: documents stay small and still meet everything sooner or later.
        if node.least == 0 and self.chance.random() < 0.55:
            return 0
        return max(node.least, min(node.most, self.chance.choice([1, 1, 1, 2, 3])))

    def branch(self, group: Group) -> int:
        return self.chance.randrange(len(group.terms))

    def text(self, element: Element, kind: str) -> str:
        return self.chance.choice(element.options[kind])


class Generator:
    """Writes documents; the same seed writes the same ones."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.schema = Unfolding()
        for node in self.schema.nodes():
            for kind, options in node.options.items():
                if kind == "text":
                    chance.shuffle(options)

    def covering(self) -> Iterator[bytes]:
        """Documents until no goal is open or a document meets none."""
        before = None
        while self.schema.root.open and self.schema.root.open != before:
            before = self.schema.root.open
            yield self._document(Covering())

    def random(self, number: int) -> Iterator[bytes]:
        """Documents that meet what chance will."""
        for _ in range(number):
            yield self._document(Chance(self.chance))

    def unreached(self) -> list[str]:
        """The goals no document has met so far."""
        return [
            f"{node.path} {kind} {option!r}"
            for node in self.schema.nodes()
            for kind in node.options
            for option in node.unmet(kind)
        ]

    def coverage(self) -> dict[str, tuple[int, int]]:
        """How many goals of each kind are met, and how many there are."""
        met, of = Counter(), Counter()
        for node in self.schema.nodes():
            if isinstance(node, Element):
                of["elements"] += 1
                met["elements"] += any(node.met["times"] - {0})
            for kind, options in node.options.items():
                name = _kind_name(node, kind)
                of[name] += len(options)
                met[name] += len(node.met[kind])
        return {name: (met[name], of[name]) for name in of}

    def _document(self, decide: Covering | Chance) -> bytes:
        parent = etree.Element("parent")
        self._write_element(self.schema.root, parent, decide)
        root = parent[0]
        layout = self.chance.choice(LAYOUTS)
        if layout:
            etree.indent(root, layout)
        etree.cleanup_namespaces(root)
        return etree.tostring(root, encoding="utf-8", xml_declaration=True)

    def _write(self, node: Node, parent, decide) -> None:
        times = decide.times(node)
        for _ in range(times):
            if isinstance(node, Element):
                self._write_element(node, parent, decide)
            else:
                self._write_group(node, parent, decide)
        if times in node.options["times"]:
            node.meet("times", times)

    def _write_group(self, group: Group, parent, decide) -> None:
        if not group.is_choice:
            for term in group.terms:
                self._write(term, parent, decide)
            return
        branch = decide.branch(group)
        group.meet("branch", branch)
        self._write(group.terms[branch], parent, decide)

    def _write_element(self, node: Element, parent, decide) -> None:
        element = etree.SubElement(parent, f"{{{schema.NAMESPACE}}}{node.name}", nsmap={None: schema.NAMESPACE})
        if node is self.schema.root:
            node.meet("times", 1)
        for kind in node.options:
            if kind == "times":
                continue
            text = decide.text(node, kind)
            node.meet(kind, text)
            if kind == "text":
                element.text = text or None
            else:
                element.set(kind[1:], text)
        for group in node.groups:
            self._write(group, element, decide)


def _kind_name(node: Node, kind: str) -> str:
    if kind == "times":
        return "occurrences"
    if kind == "branch":
        return "branches of choices"
    if kind.startswith("@"):
        return "attribute values"
    return "enumerated values" if node.enumerated else "other texts"


def report(generator: Generator) -> str:
    """The coverage as a table, and what is not covered."""
    lines = [
        f"{name:22}{met:6} of {of:6}  {met / of:7.2%}" for name, (met, of) in generator.coverage().items()
    ]
    lines += [f"not reached: {goal}" for goal in generator.unreached()]
    lines += [f"no element is of the type {name}" for name in generator.schema.unused_types()]
    return "\n".join(lines)


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seed", type=int, default=2026)
    arguments.add_argument("--more", type=int, default=0, help="how many random documents to add")
    arguments.add_argument("--out", type=Path, help="folder to write them to")
    options = arguments.parse_args()
    generator = Generator(random.Random(options.seed))
    compiled = schema.compiled()
    number = size = invalid = 0
    for document in [*generator.covering(), *generator.random(options.more)]:
        number += 1
        size += len(document)
        if not compiled.validate(etree.fromstring(document)):
            invalid += 1
            print(f"document {number} is not valid: {compiled.error_log.last_error}", file=sys.stderr)
        if options.out:
            options.out.mkdir(parents=True, exist_ok=True)
            (options.out / f"{number:05}.xml").write_bytes(document)
    print(f"{number} documents of {size // max(1, number):,} bytes on average, {invalid} of them not valid")
    print(report(generator))
    return 1 if invalid or generator.unreached() else 0


if __name__ == "__main__":
    sys.exit(main())
