"""Other ways to write the same invoice: legal, seldom seen, and nothing a reader may stumble over.

Each takes the text of a document without white space between elements and gives another legal text of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import schema

XSI = "http://www.w3.org/2001/XMLSchema-instance"
Spelling = Callable[[str], str]


def _root(text: str, attributes: str) -> str:
    return re.sub(r"<Faktura\b", f"<Faktura {attributes}", text, count=1)


def _value(text: str, name: str, change: Callable[[str], str]) -> str:
    """The first value of an element, spelled otherwise; the element must be there."""
    changed, times = re.subn(
        rf"(<{name}>)([^<]*)(</{name}>)", lambda m: m[1] + change(m[2]) + m[3], text, count=1
    )
    assert times == 1, name
    return changed


def _values(change: Callable[[str], str], *names: str) -> Spelling:
    def spelled(text: str) -> str:
        for name in names:
            text = _value(text, name, change)
        return text

    return spelled


def _set(name: str, value: str) -> Spelling:
    return _values(lambda _: value, name)


def _prefixed(text: str) -> str:
    text = re.sub(r"<(/?)([A-Za-z])", r"<\1fa:\2", text)
    return text.replace("xmlns=", "xmlns:fa=", 1)


def _prefix_inside(text: str) -> str:
    """A part of the document under a prefix of its own, declared where it begins."""
    start, end = text.index("<Naglowek>"), text.index("</Naglowek>") + len("</Naglowek>")
    part = re.sub(r"<(/?)([A-Za-z])", r"<\1n:\2", text[start:end])
    return text[:start] + part.replace("<n:Naglowek", f'<n:Naglowek xmlns:n="{schema.NAMESPACE}"', 1) + text[end:]


def _after_declaration(text: str) -> str:
    return re.sub(r"^<\?xml[^>]*\?>\s*", "", text)


def _declared(declaration: str) -> Spelling:
    return lambda text: declaration + _after_declaration(text)


def _references(value: str) -> str:
    return "".join(f"&#{ord(letter)};" if index % 2 else f"&#x{ord(letter):x};" for index, letter in enumerate(value))


# What the canonical form shows as it was read.
SPELLINGS: dict[str, Spelling] = {
    "prefixed names": _prefixed,
    "a prefix for one part": _prefix_inside,
    "a schema location": lambda t: _root(t, f'xmlns:xsi="{XSI}" xsi:schemaLocation="{schema.NAMESPACE} schemat.xsd"'),
    "a schema location without namespace": lambda t: _root(t, f'xmlns:i="{XSI}" i:noNamespaceSchemaLocation="a.xsd"'),
    "declarations of unused namespaces": lambda t: _root(t, 'xmlns:etd="urn:x" xmlns:b="urn:y" xmlns:a="urn:z"'),
    "an unused namespace further in": lambda t: t.replace("<Fa>", '<Fa xmlns:x="urn:x">', 1),
    "the default namespace declared twice": lambda t: t.replace("<Fa>", f'<Fa xmlns="{schema.NAMESPACE}">', 1),
    "no XML declaration": _after_declaration,
    "a declaration in single quotes": _declared("<?xml version='1.0' encoding='utf-8'?>\n"),
    "a declaration without encoding": _declared('<?xml version="1.0"?>'),
    "a standalone declaration": _declared('<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>\r\n\r\n'),
    "comments around the root": lambda t: _declared("<!-- a -->\n<!---->")(t) + "\n<!-- b -->\n",
    "comments between elements": lambda t: re.sub(r"><([A-Z])", r"><!-- & <x> - --><\1", t),
    "comments inside values": _values(lambda v: f"<!-- a -->{v[:1]}<!-- b -->{v[1:]}<!---->", "P_2", "P_1", "P_15", "JST"),
    "attributes in another order and quotes": lambda t: re.sub(
        r'kodSystemowy="([^"]*)" wersjaSchemy="([^"]*)"', r"wersjaSchemy = '\2'\n  kodSystemowy='\1'", t
    ),
    "references in attributes": lambda t: t.replace('"FA (3)"', '"&#70;A&#x20;(3)"').replace('"1-0E"', '"1&#45;0E"'),
    "white space inside tags": lambda t: re.sub(r"<(/?[A-Z]\w*)>", "<\\1 \n>", t),
    "CDATA": _values(lambda v: f"{v[:1]}<![CDATA[{v[1:]}]]>", "P_2", "P_1", "P_15", "JST", "Nazwa", "RodzajFaktury"),
    "CDATA with markup": _set("P_2", "<![CDATA[a<b>&amp;]]]]><![CDATA[>]]>"),
    "empty CDATA": _values(lambda v: f"<![CDATA[]]>{v}<![CDATA[]]>", "P_2", "P_15"),
    "character references": _values(_references, "P_2", "P_1", "P_15", "JST", "Nazwa", "KodWaluty"),
    "predefined references": _set("P_2", "&lt;&gt;&amp;&apos;&quot;"),
    "Windows line ends": lambda t: re.sub(r"><([A-Z])", ">\r\n<\\1", t),
    "old Macintosh line ends": lambda t: re.sub(r"><([A-Z])", ">\r<\\1", t),
    "irregular indentation": lambda t: re.sub(r"><([A-Z])(?=.)", r">   <\1", re.sub(r"><(/[A-Z])", ">\n\t<\\1", t)),
    "one element out of line": lambda t: t.replace("<P_1>", " <P_1>", 1),
    "amounts with white space": _values(lambda v: f" {v}\n", "P_15", "P_8B", "P_9A", "P_11"),
    "amounts with references to white space": _values(lambda v: f"&#9;{v}&#13;&#10;", "P_15"),
    "flags with sign and zeros": _values(lambda v: f"+0{v}", "P_16", "JST", "FormaPlatnosci", "WariantFormularza"),
    "flags with white space": _values(lambda v: f"\t{v} ", "P_16", "JST", "FormaPlatnosci"),
    "line numbers with sign and zeros": _values(lambda v: f" +00{v} ", "NrWierszaFa"),
    "dates with white space": _values(lambda v: f"\n  {v} ", "P_1", "Termin"),
    "codes with white space": _values(lambda v: f" {v}\n", "RodzajFaktury", "P_12"),
    "texts with white space": _values(lambda v: f"  {v[:1]} \n\t {v[1:]}  ", "P_2", "P_7"),
    "signs of direction": _set("P_2", "\u200f12\u202e34\u2066"),
    "letters composed and decomposed": _set("P_2", "é e\u0301 ﬁ ｆ Å \u212b"),
    "other separators of lines": _set("P_2", "a\u0085b\u2028c\u2029d\u00a0e\ufefff"),
    "beyond the first plane": _set("P_2", "😀\U0001f468\u200d\U0001f469\u200d\U0001f467𐍈"),
    "private use and the last of the plane before": _set("P_2", "\ue000\uf8ff\ufffd\ud7ff"),
    "white space kept in a footer": _set("StopkaFaktury", "  a\n\n\tb  \n"),
    "returns kept in a footer": _set("StopkaFaktury", "a&#13;b&#13;&#10;c\r\nd&#xD;"),
    "tabs and spaces alone in a footer": _set("StopkaFaktury", " \t&#10;"),
    "an end of CDATA in a text": _set("StopkaFaktury", "a]]&gt;b ]] > ]"),
    "an offset instead of Z": _set("DataWytworzeniaFa", "2026-10-20T09:09:09.120-00:00"),
    "the end of a day": _set("DataWytworzeniaFa", "2026-10-20T24:00:00Z"),
    "a type named": lambda t: _root(t, f'xmlns:xsi="{XSI}"').replace(
        "<SystemInfo>", '<SystemInfo xsi:type="TZnakowy">', 1
    ),
}
