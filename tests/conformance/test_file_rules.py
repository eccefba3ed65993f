"""What KSeF asks of the file itself, at its edges: size, encoding, declaration, document types, instructions, characters.

The rules are the Ministry's (integrator documentation, "weryfikacja faktury"); what they come to is worked out here anew.
"""

from __future__ import annotations

import pytest

import mutate
import schema

EXAMPLES = schema.REPOSITORY / "examples" / "invoices"
PLAIN = (EXAMPLES / "01-vat-domestic.xml").read_text(encoding="utf-8")
WITH_ATTACHMENT = (EXAMPLES / "10-vat-attachment.xml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def program():
    return mutate.verdict_program()


def errors(program, documents: list[bytes]) -> list[list[str]]:
    return [verdict["errors"] for verdict in mutate.our_verdicts(program, documents)]


def of_size(text: str, size: int, filler: str = "x") -> bytes:
    """The document with a comment that brings it to this size in bytes."""
    start = text.rstrip().encode() + b"<!--"
    room = size - len(start) - len("-->")
    filled = (filler * room).encode()[:room].decode(errors="ignore").encode()
    return start + filled + b"x" * (room - len(filled)) + b"-->"


def test_the_size_counts_in_bytes_and_depends_on_the_attachment(program):
    cases = [
        (of_size(PLAIN, 1_000_000), True),
        (of_size(PLAIN, 1_000_000, "ż"), True),
        (of_size(PLAIN, 1_000_001), False),
        (of_size(PLAIN, 1_000_001, "ż"), False),
        (of_size(WITH_ATTACHMENT, 1_000_001), True),
        (of_size(WITH_ATTACHMENT, 3_000_000), True),
        (of_size(WITH_ATTACHMENT, 3_000_001), False),
        # What only looks like an attachment.
        (of_size(PLAIN.replace("</Faktura>", "<!--<Zalacznik/>--></Faktura>"), 1_000_001), False),
        (of_size(PLAIN.replace("<P_2>", "<P_2><![CDATA[<Zalacznik/>]]>"), 1_000_001), False),
        (of_size(PLAIN.replace("</Faktura>", '<Zalacznik xmlns="urn:x"/></Faktura>'), 1_000_001), False),
    ]
    found = errors(program, [document for document, _ in cases])
    assert found == [[] if fits else ["file-too-large"] for _, fits in cases]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda text: text.split("?>", 1)[1], []),
        (lambda text: text.split("?>", 1)[1].lstrip(), []),
        (lambda text: text.replace("UTF-8", "utf-8"), []),
        (lambda text: text.replace(' encoding="UTF-8"', ""), []),
        (lambda text: text.replace('"UTF-8"', '"UTF-8" standalone="yes"'), []),
        (lambda text: text.replace("UTF-8", "UTF-16"), ["file-encoding"]),
        (lambda text: text.replace("UTF-8", "ISO-8859-2"), ["file-encoding"]),
        (lambda text: "\ufeff" + text, ["file-byte-order-mark"]),
        (lambda text: "\n" + text, ["file-not-well-formed"]),
        (lambda text: text.replace("?>", "?><?a b?>", 1), ["file-processing-instruction"]),
        (lambda text: text.replace("<P_2>", "<P_2><?a?>"), ["file-processing-instruction"]),
        (lambda text: text + "<?a?>", ["file-processing-instruction"]),
        (lambda text: text.replace("<P_2>", "<P_2><![CDATA[<?a?>]]>"), []),
        (lambda text: text.replace("<Fa>", "<Fa><!-- <?a?> -->"), []),
        (lambda text: text.replace("<Faktura", "<!DOCTYPE Faktura><Faktura", 1), ["file-dtd"]),
        (lambda text: text.replace("<Faktura", '<!DOCTYPE a [<!ENTITY b "c">]><Faktura', 1), ["file-dtd"]),
    ],
)
def test_declaration_instructions_and_document_types(program, change, expected):
    assert errors(program, [change(PLAIN).encode()]) == [expected]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "iso-8859-2", "windows-1250"])
def test_no_other_encoding_is_read(program, encoding):
    document = PLAIN.encode(encoding, "xmlcharrefreplace")
    (found,) = errors(program, [document])
    assert len(found) == 1 and found[0] in {"file-byte-order-mark", "file-not-utf8", "file-character", "file-encoding"}


def is_taken(code: int) -> bool:
    """The characters of XML 1.0 less those its note discourages, which KSeF refuses."""
    in_xml = code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
    discouraged = (
        0x7F <= code <= 0x84 or 0x86 <= code <= 0x9F or 0xFDD0 <= code <= 0xFDEF or (code > 0xFFFF and code & 0xFFFE == 0xFFFE)
    )
    return in_xml and not discouraged


def test_characters_are_taken_or_refused_wherever_they_stand(program):
    edges = [0x0, 0x8, 0x9, 0xB, 0xE, 0x1F, 0x20, 0x7E, 0x7F, 0x84, 0x85, 0x86, 0x9F, 0xA0, 0xD7FF, 0xE000]
    edges += [0xFDCF, 0xFDD0, 0xFDEF, 0xFDF0, 0xFFFD, 0xFFFE, 0xFFFF, 0x10000]
    edges += [plane << 16 | low for plane in range(1, 17) for low in (0xFFFD, 0xFFFE, 0xFFFF)]
    cases = []
    for code in edges:
        raw, reference = chr(code), f"&#x{code:X};"
        for text in (
            PLAIN.replace("<P_2>", "<P_2>" + raw),
            PLAIN.replace("<P_2>", "<P_2>" + reference),
            PLAIN.replace("<P_2>", f"<P_2><![CDATA[{raw}]]>"),
            PLAIN.replace("<Fa>", f"<Fa><!--{raw}-->"),
            PLAIN.replace("<Faktura", f'<Faktura xmlns:q="a{reference}"', 1),
            PLAIN.replace("<Faktura", f'<Faktura xmlns:q="a{raw}"', 1),
        ):
            cases.append((code, text.encode()))
    found = errors(program, [document for _, document in cases])
    expected = [[] if is_taken(code) else ["file-character"] for code, _ in cases]
    assert [(hex(code), is_) for (code, _), is_, want in zip(cases, found, expected, strict=True) if is_ != want] == []
