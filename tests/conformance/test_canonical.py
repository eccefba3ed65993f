"""Canonical XML against libxml2, byte for byte: whole documents by lxml, elements in their place by xmlsec."""

from __future__ import annotations

import base64
import hashlib
import random

import pytest
import xmlsec
from lxml import etree

from harness.signatures import NAMES
from harness.xades import DIGESTS, ENVELOPED, FORMS, canonical

SEED = 20260201
PREFIXES = ["a", "b", "c", "Ω"]
# No ampersand: libxml2 writes it bare in a declaration, which is no XML.
URIS = ["urn:1", "urn:2", "https://example.pl/?a=1", "urn:&#x33;"]
TEXTS = [
    "", "t", " ", "\r", "\r\n", "\n\t", "\r&#13;", "\r\n&#xD;\r", "&#13;\r\n", "\r&amp;\r", "<![CDATA[\r]]>&#13;", "<!--\r-->\r", "&#13;", "&#xD;&#xA;", "&amp;&lt;&gt;", "]]&gt;", "&quot;&apos;", "ż", "&#x1F600;",
    "<![CDATA[]]>", "<![CDATA[<a>&amp;\r\n]]>", "<![CDATA[]]]]><![CDATA[>]]>", "<!-- c -->", "<!--\r\n-->",
    "<?p?>", "<?p  q='1' ?>", "<?p \r\n x?>", "<?p x\r?>", "\r&#65;", "\u2028", "\u00a0", "\u0085",
]  # fmt: skip
VALUES = ["", "1", " 1  2 ", "\t\r\n", "\r&#13;\r", "&#9;&#10;&#13;", "&lt;&amp;>", "&quot;'", "ą", "&#x20;", "]]>"]


class Documents:
    """Documents at random, always well-formed: prefixes are declared, no attribute is there twice."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def maybe(self, chance: float) -> bool:
        return self.random.random() < chance

    def declarations(self, scope: dict[str, str]) -> tuple[list[str], dict[str, str]]:
        scope, written = dict(scope), []
        for prefix in ["", *PREFIXES]:
            if self.maybe(0.2):
                uri = self.random.choice(URIS)
                if prefix == "" and self.maybe(0.3):
                    uri = ""
                scope[prefix] = uri
                written.append(f"xmlns{':' if prefix else ''}{prefix}={self.quoted(uri)}")
        return written, scope

    def quoted(self, value: str) -> str:
        if '"' in value or ("'" not in value and self.maybe(0.3)):
            return f"'{value}'"
        return f'"{value}"'

    def attributes(self, scope: dict[str, str], xml: dict[str, list[str]]) -> list[str]:
        written, seen = [], set()
        for _ in range(self.random.randrange(4)):
            prefix = self.random.choice(["", "", *(prefix for prefix in PREFIXES if prefix in scope)])
            name = self.random.choice(["k", "z", "A", "é"])
            if (scope[prefix] if prefix else "", name) not in seen:
                seen.add((scope[prefix] if prefix else "", name))
                value = self.random.choice(VALUES)
                value = value.replace("'", "&apos;") if '"' in value else value
                written.append(f"{prefix}{':' if prefix else ''}{name}{self.random.choice(['=', ' = '])}{self.quoted(value)}")
        for name, values in xml.items():
            if self.maybe(0.15):
                written.append(f"xml:{name}={self.quoted(self.random.choice(values))}")
        return written

    def element(self, scope: dict[str, str], depth: int, mark: str = "") -> str:
        declared, scope = self.declarations(scope)
        # Version 1.1 would have to join several bases: refused, and tested elsewhere.
        words = declared + self.attributes(scope, {"lang": ["pl", ""], "space": ["preserve"], "other": ["1"]})
        if mark:
            words.append(f'Id="{mark}"')
        self.random.shuffle(words)
        name = ":".join(filter(None, [self.random.choice(["", *(prefix for prefix in PREFIXES if prefix in scope)]), "e"]))
        space = self.random.choice([" ", "\n", " \r\n\t"])
        inside = ""
        for _ in range(self.random.randrange(1, 4) if depth else 0):
            inside += self.random.choice(TEXTS) + self.element(scope, depth - 1) + self.random.choice(TEXTS)
        return f"<{name}{''.join(space + word for word in words)}{self.random.choice(['', ' '])}>{inside}</{name}>"

    def document(self) -> bytes:
        """One element has the Id `x`; the root may have a base."""
        declared, scope = self.declarations({})
        words = declared + self.attributes(scope, {"lang": ["pl"], "space": ["default"], "base": ["https://a.pl/b/"], "id": ["r"]})
        marked = self.element(scope, 3, "x")
        before, after = (self.random.choice(["", "<!-- c -->", "<?p  q?>\n", "\r\n<?p?>"]) for _ in range(2))
        head = self.random.choice(["", '<?xml version="1.0"?>', '<?xml version="1.0" encoding="UTF-8"?>\r\n'])
        middle = f"{self.element(scope, 1)}{self.random.choice(TEXTS)}{marked}{self.element(scope, 1)}"
        return f"{head}{before}<r{''.join(' ' + word for word in words)}>{middle}</r>{after}".encode()


@pytest.fixture(scope="module")
def documents() -> list[bytes]:
    source = Documents(SEED)
    return [source.document() for _ in range(1_500)]


@pytest.mark.parametrize("form", ["exclusive", "inclusive-1.0"])
def test_whole_documents_are_written_as_lxml_writes_them(documents, form):
    ours = canonical(form, documents)
    for document, written in zip(documents, ours, strict=True):
        tree = etree.ElementTree(etree.fromstring(document))
        theirs = etree.tostring(tree, method="c14n", exclusive=form == "exclusive", with_comments=False)
        assert written == theirs, document


def test_elements_and_documents_have_the_digests_that_xmlsec_finds(documents):
    """One signature by HMAC over the marked element and the whole document, in every form."""
    method = xmlsec.constants.TransformHmacSha256.href
    reference = lambda uri, *transforms: (  # noqa: E731
        f'<ds:Reference URI="{uri}"><ds:Transforms>'
        + "".join(f'<ds:Transform Algorithm="{algorithm}"/>' for algorithm in transforms)
        + f'</ds:Transforms><ds:DigestMethod Algorithm="{DIGESTS["sha256"]}"/><ds:DigestValue/></ds:Reference>'
    )
    references = [reference("#x", algorithm) for algorithm in FORMS.values()]
    references += [reference("", ENVELOPED, algorithm) for algorithm in FORMS.values()]
    template = (
        f'<ds:Signature xmlns:ds="{NAMES["ds"]}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{FORMS["exclusive"]}"/>'
        f'<ds:SignatureMethod Algorithm="{method}"/>{"".join(references)}</ds:SignedInfo><ds:SignatureValue/></ds:Signature>'
    )
    elements = [canonical(form, documents, "x") for form in FORMS]
    wholes = [canonical(form, documents) for form in FORMS]
    for number, document in enumerate(documents):
        root = etree.fromstring(document)
        signature = etree.fromstring(template)
        root.append(signature)
        xmlsec.tree.add_ids(root, ["Id"])
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_binary_data(xmlsec.constants.KeyDataHmac, b"key")
        context.sign(signature)
        theirs = [value.text for value in signature.iterfind(".//ds:DigestValue", NAMES)]
        written = [forms[number] for forms in (*elements, *wholes)]
        ours = [base64.b64encode(hashlib.sha256(text).digest()).decode() for text in written]
        assert ours == theirs, (document, written)
