"""The FA(3) schema as the Ministry publishes it: where it lies, compiled by libxml2, and as a source of random documents.

The schema is not part of this repository. It is read from `../shared/data/xsd` (or `$KSEF_DATA/xsd`) when that folder is
there, else from the Python package `ksef-client`, which ships it.
"""

from __future__ import annotations

import importlib.util
import os
import random
from decimal import Decimal
from pathlib import Path

from lxml import etree

XSD = "{http://www.w3.org/2001/XMLSchema}"
NAMESPACE = "http://crd.gov.pl/wzor/2025/06/25/13775/"
REPOSITORY = Path(__file__).resolve().parents[2]


def data_folder() -> Path:
    """The folder of reference data, which need not exist."""
    return Path(os.environ.get("KSEF_DATA", REPOSITORY.parent / "shared" / "data"))


def schema_file() -> Path:
    """The schema's file; the types it imports lie beside it."""
    shared = data_folder() / "xsd" / "FA3.xsd"
    if shared.is_file():
        return shared
    package = importlib.util.find_spec("ksef_client")
    if package is None or not package.submodule_search_locations:
        raise FileNotFoundError("no FA(3) schema: set KSEF_DATA or install the package ksef-client")
    folder = Path(package.submodule_search_locations[0]) / "documents" / "fa3" / "schemas"
    return next(folder.glob("schemat_FA*.xsd"))


class _Beside(etree.Resolver):
    """Finds imported schemas beside the importing one instead of on the internet."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def resolve(self, url, public_id, context):
        local = self.folder / url.rsplit("/", 1)[-1]
        return self.resolve_filename(str(local), context) if local.is_file() else None


def compiled() -> etree.XMLSchema:
    """The schema, ready to validate with libxml2."""
    file = schema_file()
    parser = etree.XMLParser()
    parser.resolvers.add(_Beside(file.parent))
    return etree.XMLSchema(etree.parse(str(file), parser))


class Writer:
    """Writes random documents that follow the schema, so that every element and branch is met sooner or later."""

    # A text for every pattern of the schema; a new pattern is a KeyError here.
    _EXAMPLES = {
        r"(.)+@(.)+": ["biuro@example.pl", "a@b"],
        r"[1-9]((\d[1-9])|([1-9]\d))\d{7}": ["5265877635", "1111111111"],
        r"[1-9]((\d[1-9])|([1-9]\d))\d{7}-\d{5}": ["5265877635-00001"],
        r"(\d|[A-Z]|\+|\*){1,12}": ["123456789", "ATU1234567+*"],
        r"\d{10}": ["0000417325"],
        r"\d{9}": ["101482996"],
        r"\d{14}": ["10148299600000"],
        r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3}){0,1}": ["BPKOPLPW", "BPKOPLPWXXX"],
        r"[0-9]{3}[a-zA-Z0-9]{10}": ["123abcDEF4567"],
    }
    _PREFIXES = {
        "([1-9]((": ["5265877635-20250826-0100001AF629-AF", "M123456789-20300131-010000-1AF629-0F"],
        "(https?)://": [
            "https://pay.example.pl/x?IPKSeF=123abcDEF4567",
            "http://a.bc:80?a=1&IPKSeF=123abcDEF4567&b#c d",
        ],
    }

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.types: dict[str, etree._Element] = {}
        folder = schema_file().parent
        for file in [schema_file(), *folder.glob("*v10-0E.xsd")]:
            prefix = "etd:" if "v10-0E" in file.name else "tns:"
            root = etree.parse(str(file)).getroot()
            for element in root:
                if element.tag in (XSD + "simpleType", XSD + "complexType"):
                    self.types[prefix + element.get("name")] = element
                elif element.tag == XSD + "element":
                    self.root = element

    def document(self) -> bytes:
        """One document."""
        parent = etree.Element("parent")
        self._element(self.root, parent)
        root = parent[0]
        etree.cleanup_namespaces(root)
        return etree.tostring(root, encoding="utf-8", xml_declaration=True)

    def _element(self, declaration, parent) -> None:
        element = etree.SubElement(
            parent, f"{{{NAMESPACE}}}{declaration.get('name')}", nsmap={None: NAMESPACE}
        )
        name = declaration.get("type")
        kind = self.types.get(name) if name else declaration.find(XSD + "complexType")
        if kind is None and not name:
            kind = declaration.find(XSD + "simpleType")
        if kind is not None and kind.tag == XSD + "complexType":
            self._fill(kind, element)
        elif declaration.get("fixed"):
            element.text = declaration.get("fixed")
        else:
            element.text = self._value(kind if kind is not None else name, {})

    def _fill(self, kind, element) -> None:
        extension = kind.find(f".//{XSD}extension")
        if extension is not None and extension.getparent().getparent() is kind:
            base = self.types[extension.get("base")]
            if base.tag == XSD + "complexType":
                self._fill(base, element)
            else:
                element.text = self._value(base, {})
            kind = extension
        for attribute in kind.findall(XSD + "attribute"):
            values = [e.get("value") for e in attribute.iter(XSD + "enumeration")]
            element.set(attribute.get("name"), attribute.get("fixed") or self.chance.choice(values))
        for group in kind:
            if group.tag in (XSD + "sequence", XSD + "choice"):
                self._particle(group, element)

    def _particle(self, particle, parent) -> None:
        least = int(particle.get("minOccurs", "1"))
        most = min(int(particle.get("maxOccurs", "1")), self.chance.choice([1, 1, 1, 2, 3]))
        # Fewer optional parts the deeper they lie: documents stay small and still meet everything.
        times = most if least or self.chance.random() < 0.45 else 0
        for _ in range(times):
            if particle.tag == XSD + "element":
                self._element(particle, parent)
                continue
            terms = [t for t in particle if t.tag in (XSD + "element", XSD + "sequence", XSD + "choice")]
            if particle.tag == XSD + "choice":
                terms = [self.chance.choice(terms)]
            for term in terms:
                self._particle(term, parent)

    def _value(self, kind, facets: dict) -> str:
        """A legal value; `facets` gathers what the derived types say, the outermost first."""
        if isinstance(kind, str):
            return self._primitive(kind, facets) if kind.startswith("xsd:") else self._value(self.types[kind], facets)
        union = kind.find(XSD + "union")
        if union is not None:
            return self._value(self.chance.choice(union.findall(XSD + "simpleType")), facets)
        restriction = kind.find(XSD + "restriction")
        own: dict[str, list[str]] = {}
        for facet in restriction:
            if isinstance(facet.tag, str):
                own.setdefault(facet.tag.removeprefix(XSD), []).append(facet.get("value"))
        return self._value(restriction.get("base"), {**own, **facets})

    def _primitive(self, name: str, facets: dict) -> str:
        chance = self.chance
        if "enumeration" in facets:
            return chance.choice(facets["enumeration"])
        if name == "xsd:date":
            return chance.choice(["2026-11-20", "2016-07-01", "2050-01-01", "2024-02-29"])
        if name == "xsd:dateTime":
            return chance.choice(["2026-11-20T08:15:30Z", "2026-11-20T08:15:30.123+01:00", "2030-01-01T00:00:00"])
        if name == "xsd:decimal":
            digits = int(facets.get("fractionDigits", ["2"])[0])
            top = Decimal(facets.get("maxInclusive", ["999999"])[0])
            number = Decimal(chance.randrange(int(top))) + Decimal(chance.randrange(10**digits)).scaleb(-digits)
            return str(chance.choice([number, number.to_integral_value()]))
        if name in ("xsd:integer", "xsd:nonNegativeInteger", "xsd:byte"):
            return str(chance.randrange(1, 100))
        for pattern in facets.get("pattern", []):
            for prefix, texts in self._PREFIXES.items():
                if pattern.startswith(prefix) and pattern not in self._EXAMPLES:
                    return chance.choice(texts)
            return chance.choice(self._EXAMPLES[pattern])
        least = int(facets.get("minLength", ["1"])[0])
        most = int(facets.get("maxLength", ["40"])[0])
        length = chance.choice([least, min(most, max(least, 12)), min(most, 40), most])
        text = "".join(chance.choice("abcdefgh żółwŁ01234-/&<") for _ in range(length))
        return text.replace("  ", "x ").strip().ljust(least, "x")
