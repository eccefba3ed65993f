"""The ways an invoice is damaged: its elements, values, attributes, namespaces, and the text and bytes of its file."""

from __future__ import annotations

import copy
import random
import re

from lxml import etree

import schema

XSI = "http://www.w3.org/2001/XMLSchema-instance"
LENGTHS = [9, 10, 13, 14, 16, 17, 20, 21, 32, 33, 34, 35, 50, 51, 255, 256, 257, 512, 513, 3500, 3501]
DATES = (
    "1989-12-31 1990-01-01 2005-12-31 2006-01-01 2016-06-30 2016-07-01 2050-01-01 2050-01-02 2050-12-31 2026-02-29 "
    "2024-02-29 2026-04-31 2026-13-01 2026-00-01 2026-01-00 0000-01-01 20260101 2026-1-1 26-01-01 2026-01-01Z "
    "2026-01-01+02:00 2026/01/01 01-01-2026 12026-01-01 -2026-01-01 2026-01-011"
).split()
INSTANTS = (
    "2025-08-31T23:59:59Z 2025-09-01T00:00:00Z 2025-09-01T00:00:00+02:00 2025-09-01T02:00:00+02:00 2021-09-30T23:59:59Z "
    "2021-10-01T00:00:00Z 2050-01-01T23:59:59Z 2050-01-02T00:00:00Z 2050-01-01T23:59:59.5Z 2026-01-01T24:00:00Z "
    "2026-01-01T24:00:01Z 2026-01-01T23:60:00Z 2026-01-01T23:59:60Z 2026-01-01T10:00:00 2026-01-01T10:00 "
    "2026-01-01 2026-01-01T10:00:00.Z 2026-01-01T10:00:00.123456789Z 2026-01-01T10:00:00+14:00 "
    "2026-01-01T10:00:00+14:01 2026-01-01T10:00:00-00:00 2026-01-01T10:00:00z 2026-02-30T10:00:00Z "
    "2026-01-01t10:00:00Z 2026-01-01T1:00:00Z 2025-09-02T00:00:00 2050-01-01T00:00:00"
).split()
NUMBERS = (
    "0 -0 00 +1 -1 1. .5 1.0 1.00 1.000 1.5 1,5 1e3 1E3 INF NaN 0x1 01 001 1.2345678 1.123456789 1.1234567 "
    "9999999999999999 99999999999999999 99999999999999.12345678 999999999999999.1 9999999999999999.99 1_000 "
    "99999999999999 100000000000000 100 100.0 100.01 101 0.000001 0.0000001 127 128 255 256 3 4 5 6 7 8 9 10 11 12 20 21"
).split()
WORDS = ["", "x", "PL", "pl", "XX", "EUR", "VAT", "KOR", "KOR_ZAL", "zw", "np I", "0 KR", "GTU_01", "FA", "true", "żółw"]
# What XML itself has an opinion about: pieces that stand well in some places and badly in others.
MARKUP = [
    "<!---->", "<!-- a -->", "<!-- - -->", "<!-->-->", "<!--->-->", "<!-- a -- b -->", "<!-- a --->", "<!--", "-->", "<!-- ż & < > ]]> -->",
    "<![CDATA[]]>", "<![CDATA[ ]]>", "<![CDATA[1]]>", "<![CDATA[<a>&b;]]>", "<![CDATA[]]]]>", "<![CDATA[", "<![cdata[]]>", "]]>", "]]", "]]&gt;",
    "<?a?>", "<?a b='c'?>", "<?xml?>", "<?xml version='1.0'?>", "<?XML?>", "<? a?>", "<?a", "<?a:b?>", "<?ą?>",
    "<!DOCTYPE Faktura>", "<!DOCTYPE a [<!ENTITY b 'c'>]>", "<!ELEMENT a ANY>", "<!a>",
    "&amp;", "&lt;", "&gt;", "&apos;", "&quot;", "&b;", "&", "& ", "&amp", "&#38;", "&#60;", "&#x41;", "&#X41;", "&#x;", "&#;", "&#0;", "&#1;",
    "&#9;", "&#10;", "&#13;", "&#32;", "&#x85;", "&#xA0;", "&#x2028;", "&#xD800;", "&#xFFFD;", "&#xFFFE;", "&#x7F;", "&#x10FFFF;", "&#x110000;",
    "&#0000000000065;", "&#+65;", "&#-65;", "&#6 5;", "&#x1F600;",
    "<a/>", "<a>", "</a>", "<a ></a >", "<a\n/>", "<a / >", "< a/>", "</ a>", "<1/>", "<-a/>", "<ą/>", "<a·/>", "<·a/>", "<a×/>", "<𐀀/>",
    "<a:b/>", "<:a/>", "<a:/>", "<a:b:c/>", "<xml:a/>", "<xmlns:a/>", "<xsi:a/>", "<a b='c' b='d'/>", "<a b='c'd='e'/>", "<a b=c/>", "<a b/>",
    "<a b='<'/>", "<a b='>'/>", "<a b='&lt;'/>", "<a b='&c;'/>", "<a b='&#0;'/>", "<a b=\"'\" c='\"'/>", "<a b='' '/>",
    "<a xmlns:p='u' xmlns:q='u' p:b='' q:b=''/>", "<a xmlns:p='u' xmlns:q='v' p:b='' q:b='' b=''/>", "<a xmlns='' xmlns=''/>",
    "<a xmlns:p=''/>", "<a xmlns:xml='u'/>", "<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>", "<a xmlns:xmlns='u'/>",
    "<a xmlns:p='http://www.w3.org/2000/xmlns/'/>", "<a xmlns='http://www.w3.org/XML/1998/namespace'/>", "<a xml:lang='pl' xml:lang='en'/>",
    " ", "\t", "\n", "\r", "\r\n", "\u0085", "\u00a0", "\u2028", "\ufeff", "<", ">", "\"", "'", "=", "/", "\x01", "\x7f", "\ufffe", "\ufdd0", "😀",
]  # fmt: skip
# What an attribute may look like in a start tag.
IN_TAG = [
    " ", "\n", " a='1'", "\ta = \"1\"", " a='1' a='2'", " a=1", " a", " a='&amp;'", " a='&b;'", " a='<'", " ą='1'", " xml:lang='pl'", " xml:space='preserve'",
    " p:a='1'", " xmlns:p='u' p:a='1'", " xmlns:p='u' xmlns:q='u' p:a='1' q:a='1'", " xmlns:p='&#117;'", f" xmlns:x='{XSI}' x:nil='false'",
    f" xmlns:x='{XSI}' x:type='TZnakowy'", f" xmlns:x='{XSI}' x:type=' TKwotowy '", f" xmlns:x='{XSI}' x:schemaLocation='a\n b'",
    f" xmlns:x='{XSI.replace('XMLS', '&#88;MLS')}' x:nil='false'", f" xmlns:x='{XSI}' xmlns:y='{XSI}' x:nil='false' y:nil='false'",
    f" xmlns:x='{XSI}' xmlns:y='{XSI}' x:nil='false' y:type='a'", " xmlns:p='u'  ", " / ",
]  # fmt: skip


class Mutator:
    """Damages documents; all chance comes from one seeded source."""

    def __init__(self, sources: list[bytes], chance: random.Random) -> None:
        self.sources = sources
        self.chance = chance
        self.trees = [etree.fromstring(source) for source in sources]
        self.names = sorted({element.tag for tree in self.trees for element in tree.iter(etree.Element)})
        self.on_tree = [
            self.delete, self.duplicate, self.swap, self.swap_far, self.rename, self.move, self.graft, self.empty, self.nest,
            self.digit, self.value, self.value, self.value, self.length, self.one_off, self.code, self.day, self.spaces,
            self.borrow, self.case, self.add_attribute, self.damage_attribute, self.namespace, self.stray_text, self.repeat,
        ]  # fmt: skip
        self.on_text = [
            self.comment, self.cdata, self.character_reference, self.prefix, self.malform, self.line_ends,
            self.declaration, self.form, self.redeclare, self.markup, self.markup, self.in_tag,
        ]  # fmt: skip

    def mutant(self) -> tuple[str, bytes]:
        """A damaged document and the names of what was done to it."""
        chance = self.chance
        root = copy.deepcopy(chance.choice(self.trees))
        done = []
        for _ in range(chance.choice([1, 1, 1, 1, 2])):
            if chance.random() < 0.85:
                action = chance.choice(self.on_tree)
                done.append(action.__name__)
                root = action(root)
        text = etree.tostring(root, encoding="unicode")
        if not done or chance.random() < 0.1:
            action = chance.choice(self.on_text)
            done.append(action.__name__)
            text = action(text)
        document = text.encode()
        if chance.random() < 0.02:
            done.append("encoding")
            document = self.encoding(text)
        return "+".join(done), document

    # Elements.

    def _any(self, root, leaf: bool | None = None):
        elements = [e for e in root.iter(etree.Element) if leaf is None or (len(e) == 0) == leaf]
        return self.chance.choice(elements or [root])

    def _child(self, root):
        return self.chance.choice([e for e in root.iter(etree.Element) if e is not root] or [root])

    def delete(self, root):
        element = self._child(root)
        if element is not root:
            element.getparent().remove(element)
        return root

    def duplicate(self, root):
        element = self._child(root)
        if element is not root:
            element.addnext(copy.deepcopy(element))
        return root

    def repeat(self, root):
        """Around the occurrence limits 1, 3, 20, 31 and 100."""
        element = self._child(root)
        if element is not root:
            for _ in range(self.chance.choice([2, 3, 18, 19, 20, 29, 30, 31, 98, 99, 100])):
                element.addnext(copy.deepcopy(element))
        return root

    def swap(self, root):
        element = self._child(root)
        following = element.getnext()
        if element is not root and following is not None:
            following.addnext(element)
        return root

    def swap_far(self, root):
        """Two siblings change places."""
        parents = [e for e in root.iter(etree.Element) if len(e) > 1]
        if parents:
            parent = self.chance.choice(parents)
            one, other = sorted(self.chance.sample(range(len(parent)), 2))
            first, second = parent[one], parent[other]
            parent.insert(other, first)
            parent.insert(one, second)
        return root

    def rename(self, root):
        element = self._any(root)
        name = self.chance.choice([*self.names, element.tag + "X", element.tag[:-1] or "X", element.tag.lower()])
        element.tag = name if name.startswith("{") else f"{{{schema.NAMESPACE}}}{name}"
        return root

    def move(self, root):
        element, target = self._child(root), self._any(root, leaf=False)
        if element is not root and element not in target.iterancestors() and element is not target:
            target.insert(self.chance.randrange(len(target) + 1), element)
        return root

    def graft(self, root):
        """An element of another document, before or after its namesake's place."""
        foreign = copy.deepcopy(self._child(self.chance.choice(self.trees)))
        element = self._child(root)
        if element is not root:
            self.chance.choice([element.addnext, element.addprevious])(foreign)
        return root

    def empty(self, root):
        element = self._any(root)
        for child in list(element):
            element.remove(child)
        element.text = self.chance.choice([None, "", " "])
        return root

    def nest(self, root):
        element = self._any(root)
        element.append(copy.deepcopy(self._child(root)))
        return root

    # Values.

    def digit(self, root):
        leaves = [e for e in root.iter(etree.Element) if e.text and re.search(r"\d", e.text) and not len(e)]
        element = self.chance.choice(leaves or [root])
        places = [i for i, c in enumerate(element.text or "") if c in "0123456789"]
        if places:
            place = self.chance.choice(places)
            digit = (int(element.text[place]) + self.chance.choice([1, -1])) % 10
            element.text = f"{element.text[:place]}{digit}{element.text[place + 1:]}"
        return root

    def value(self, root):
        """Another value of the kind the element seems to have, legal or not."""
        element = self._any(root, leaf=True)
        text = element.text or ""
        if re.match(r"\s*\d{4}-\d\d-\d\dT", text):
            pool = INSTANTS
        elif re.match(r"\s*\d{4}-\d\d-\d\d\s*$", text):
            pool = DATES
        elif re.match(r"\s*[-+]?[\d.]+\s*$", text):
            pool = NUMBERS
        else:
            pool = WORDS
        element.text = self.chance.choice(self.chance.choice([pool, pool, pool, DATES + INSTANTS + NUMBERS + WORDS]))
        return root

    def length(self, root):
        element = self._any(root, leaf=True)
        length = self.chance.choice(LENGTHS)
        element.text = self.chance.choice(["x" * length, "ż" * length, "7" * length, "😀" * length, " x" * (length // 2)])
        return root

    def one_off(self, root):
        """One character or digit more or less, at an end, as it matters to texts at the edge of their length."""
        element = self._any(root, leaf=True)
        text = element.text or ""
        more = self.chance.choice(["0", "9", "x", "ż", "A", "-", "."])
        element.text = self.chance.choice([text + more, more + text, text[1:], text[:-1], text.replace(".", "", 1), text + text])
        return root

    def code(self, root):
        """A neighbour of an enumerated value, mostly one that is not listed."""
        leaves = [e for e in root.iter(etree.Element) if not len(e) and re.fullmatch(r"\d{1,2}|[A-Z]{2,3}|[A-Z_\d]{4,}", e.text or "")]
        element = self.chance.choice(leaves or [root])
        text = element.text or ""
        if text.isdigit():
            number = int(text)
            element.text = str(self.chance.choice([number + 1, number - 1, -number, 6, 0, 3, 4, 12, 21, 128, 256 + number]))
        else:
            element.text = self.chance.choice([text[::-1], text + "X", text[:-1], text.lower(), "XX", "XXX", "ZZ", "GB", "GR", "EL"])
        return root

    def day(self, root):
        """A day or a second beyond an edge, a day no calendar has."""
        leaves = [e for e in root.iter(etree.Element) if not len(e) and re.match(r"\d{4}-\d\d-\d\d", e.text or "")]
        if leaves:
            element = self.chance.choice(leaves)
            element.text = self.chance.choice(INSTANTS if "T" in element.text else DATES)
        return root

    def spaces(self, root):
        element = self._any(root, leaf=True)
        text = element.text or ""
        space = self.chance.choice([" ", "  ", "\n", "\t", "\r", "\u00a0", "\u2003"])
        place = self.chance.choice([0, len(text), len(text) // 2])
        element.text = text[:place] + space + text[place:]
        return root

    def borrow(self, root):
        """The value of another element."""
        self._any(root, leaf=True).text = self._any(self.chance.choice(self.trees), leaf=True).text
        return root

    def case(self, root):
        element = self._any(root, leaf=True)
        element.text = (element.text or "").swapcase()
        return root

    # Attributes, namespaces, text.

    def add_attribute(self, root):
        name, value = self.chance.choice([
            ("obcy", "1"), ("kodSystemowy", "FA (3)"), ("Typ", "txt"), ("{urn:x}obcy", "1"),
            ("{http://www.w3.org/XML/1998/namespace}lang", "pl"),
            (f"{{{XSI}}}nil", "true"), (f"{{{XSI}}}nil", "false"), (f"{{{XSI}}}inny", "1"),
            (f"{{{XSI}}}schemaLocation", f"{schema.NAMESPACE} schemat.xsd"),
            (f"{{{XSI}}}noNamespaceSchemaLocation", "a.xsd"),
            (f"{{{XSI}}}type", "TZnakowy"), (f"{{{XSI}}}type", "TKwotowy"), (f"{{{XSI}}}type", "TAdres"),
        ])  # fmt: skip
        self._any(root).set(name, value)
        return root

    def damage_attribute(self, root):
        bearers = [e for e in root.iter(etree.Element) if e.attrib]
        if bearers:
            element = self.chance.choice(bearers)
            name = self.chance.choice(list(element.attrib))
            value = element.attrib.pop(name)
            changed = self.chance.choice(
                [None, value + " ", " " + value, value.lower(), "", "FA (2)", "1-0e", "dec", "int", "data"]
            )
            if changed is not None:
                element.set(self.chance.choice([name, name, name, name.lower()]), changed)
        return root

    def namespace(self, root):
        element = self._any(root)
        local = etree.QName(element).localname
        uri = self.chance.choice([None, "urn:x", schema.NAMESPACE[:-1], schema.NAMESPACE + "x", schema.NAMESPACE])
        element.tag = f"{{{uri}}}{local}" if uri else local
        return root

    def stray_text(self, root):
        element = self._any(root, leaf=False)
        word = self.chance.choice(["x", " x ", ".", "\u00a0", " ", "\n"])
        if len(element) and self.chance.random() < 0.5:
            self.chance.choice(list(element)).tail = word
        else:
            element.text = word
        return root

    # The text of the file.

    def _value_in(self, text: str):
        return self.chance.choice(list(re.finditer(r">([^<>&]+)</", text)) or [None])

    def _replace_value(self, text: str, change) -> str:
        match = self._value_in(text)
        return text if match is None else text[: match.start(1)] + change(match[1]) + text[match.end(1) :]

    def comment(self, text: str) -> str:
        inside = self.chance.choice(["<!-- a & <b> -->", "<!---->"])
        if self.chance.random() < 0.5:
            return self._replace_value(text, lambda v: v[: len(v) // 2] + inside + v[len(v) // 2 :])
        return text.replace("><", f">{inside}<", 1)

    def cdata(self, text: str) -> str:
        return self._replace_value(text, lambda v: f"{v[:1]}<![CDATA[{v[1:]}]]>")

    def character_reference(self, text: str) -> str:
        extra = self.chance.choice(["", "&#32;", "&#10;", "&#13;", "&#9;", "&amp;", "&lt;", "&#x105;", "&quot;"])
        return self._replace_value(text, lambda v: "".join(f"&#x{ord(c):X};" for c in v) + extra)

    def prefix(self, text: str) -> str:
        """The same document with a prefix on every name, declared or not."""
        declared = self.chance.choice([f'xmlns:q="{schema.NAMESPACE}"', 'xmlns:q="urn:x"', ""])
        prefixed = re.sub(r"<(/?)([A-Za-z])", r"<\1q:\2", text)
        return re.sub(r"<q:Faktura", f"<q:Faktura {declared}", prefixed, count=1)

    def malform(self, text: str) -> str:
        cut = self.chance.randrange(1, len(text))
        return self.chance.choice([
            lambda: text[:cut],
            lambda: text + "<x/>",
            lambda: text + "x",
            lambda: text + " <!-- x --> \n",
            lambda: text.replace("</", "</x", 1),
            lambda: text.replace("=\"", "=", 1),
            lambda: re.sub(r"<Faktura", "<Faktura a='1' a='2'", text, count=1),
            lambda: self._replace_value(text, lambda v: v + "&"),
            lambda: self._replace_value(text, lambda v: v + "&nic;"),
            lambda: self._replace_value(text, lambda v: v + "&#0;"),
            lambda: self._replace_value(text, lambda v: v + "]]>"),
            lambda: self._replace_value(text, lambda v: v + "<"),
            lambda: self._replace_value(text, lambda v: v + ">"),
            lambda: self._replace_value(text, lambda v: v + "<!-- a -- b -->"),
            lambda: text[:cut] + text[cut + 1 :],
        ])()  # fmt: skip

    def declaration(self, text: str) -> str:
        """An XML declaration, good or bad."""
        return self.chance.choice([
            '<?xml version="1.0"?>', "<?xml version='1.0' encoding='utf-8'?>", '<?xml version="1.0" encoding="UTF-8" ?>\n\n',
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>', '<?xml version="1.0" standalone="no"?><!-- a -->',
            '<?xml encoding="UTF-8"?>', '<?xml version="2.0"?>', '<?xml version="1.0" standalone="maybe"?>', "\n", "\n\n<!-- a -->",
            ' <?xml version="1.0"?>', '<?xml version="1.0"?><?xml version="1.0"?>', '<?XML version="1.0"?>', "x", "<!-- -- -->",
            '<?xml version="1.0" encoding="UTF-8" encoding="UTF-8"?>', '<?xml standalone="yes" version="1.0"?>',
        ]) + text  # fmt: skip

    def form(self, text: str) -> str:
        """Another form's namespace, or one that only looks like this form's."""
        other = self.chance.choice([
            "http://crd.gov.pl/wzor/2023/06/29/12648/", "http://crd.gov.pl/wzor/2021/11/29/11089/", "", "x",
            schema.NAMESPACE.rstrip("/"), schema.NAMESPACE.upper(), schema.NAMESPACE.replace("http:", "https:"),
            schema.NAMESPACE + " ", " " + schema.NAMESPACE, schema.NAMESPACE.replace("/13775", "&#47;13775"),
        ])  # fmt: skip
        return text.replace(f'"{schema.NAMESPACE}"', f'"{other}"', 1)

    def redeclare(self, text: str) -> str:
        """A namespace declaration on an element inside, with and without effect."""
        starts = list(re.finditer(r"<[A-Za-z]\w*(?=[ />])", text))
        if not starts:
            return text
        at = self.chance.choice(starts).end()
        extra = self.chance.choice([
            ' xmlns=""', ' xmlns="urn:x"', f' xmlns="{schema.NAMESPACE}"', f' xmlns:q="{schema.NAMESPACE}"', ' xmlns:q="urn:x"',
            ' xmlns:q=""', ' xmlns:xml="http://www.w3.org/XML/1998/namespace"', ' xmlns:xmlns="urn:x"', ' q:a="1"',
            f' xmlns:xsi="{XSI}" xsi:nil="false"', f' xmlns:i="{XSI}" i:schemaLocation="a b"', ' xmlns:q="urn:x" q:a="1"',
        ])  # fmt: skip
        return text[:at] + extra + text[at:]

    def line_ends(self, text: str) -> str:
        broken = re.sub(r">\s*<", ">\n<", text)
        if self.chance.random() < 0.5:
            match = re.search(r"<StopkaFaktury>([^<]*)", broken)
            if match:
                broken = broken[: match.end()] + "\n" * self.chance.choice([1, 3490, 3600]) + broken[match.end() :]
        return broken.replace("\n", "\r\n")

    def markup(self, text: str) -> str:
        """A piece of markup between two tags, in a value, in a tag, or around the root element."""
        piece = self.chance.choice(MARKUP)
        places = [match.end() for match in re.finditer(self.chance.choice([">", ">", "<", r">[^<]", r"<\w+"]), text)]
        at = self.chance.choice([*places, 0, len(text)])
        return text[:at] + piece + text[at:]

    def in_tag(self, text: str) -> str:
        """An attribute, good or bad, in a start tag; or white space where it may stand or not."""
        at = self.chance.choice([match.end() for match in re.finditer(r"</?[\w:.-]+", text)] or [0])
        return text[:at] + self.chance.choice(IN_TAG) + text[at:]

    # The bytes of the file.

    def encoding(self, text: str) -> bytes:
        """Another encoding than UTF-8, declared or not, and bytes that no encoding has."""
        other = self.chance.choice(["iso-8859-2", "windows-1250", "utf-16", "utf-16-le", "utf-32", "utf-8-sig", "ascii"])
        declared = self.chance.choice(["", f'<?xml version="1.0" encoding="{other}"?>', '<?xml version="1.0" encoding="UTF-8"?>'])
        if self.chance.random() < 0.5:
            return (declared + text).encode(other, "xmlcharrefreplace")
        document = (declared + text).encode()
        at = self.chance.randrange(len(document))
        bad = self.chance.choice([b"\xff", b"\xfe\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x80", b"\xc5", b"\x00"])
        return document[:at] + bad + document[at:]
