"""Previews: what an invoice says is on its pages, the pages are valid, and their codes scan."""

from __future__ import annotations


import os
import random
import re
import subprocess
from pathlib import Path

import cv2
import pypdf
import pytest
import zxingcpp
from lxml import etree

import generate
import schema
from harness import pages
from harness.command import Desk
from harness.invoices import example, sha256_base64, variant
from harness.reference import EXAMPLES, official_invoices
from harness.shapes import assert_shape

FULL = os.environ.get("KSEF_CONFORMANCE") == "full"
LANGUAGES = ["pl", "en"]
XS = "{http://www.w3.org/2001/XMLSchema}"
FA = "{http://crd.gov.pl/wzor/2025/06/25/13775/}"
KSEF_NUMBER = "5265877635-20250826-0100001AF629-AF"


@pytest.fixture(scope="session")
def drawn(tmp_path_factory) -> tuple[Path, list[Path]]:
    """All examples, the Ministry's, and documents that between them hold everything the schema knows."""
    folder = tmp_path_factory.mktemp("pages")
    generator = generate.Generator(random.Random(2026))
    made = []
    for number, document in enumerate(generator.covering()):
        file = folder / f"generated-{number:03}.xml"
        file.write_bytes(document)
        made.append(file)
    files = [*EXAMPLES, *official_invoices(), *made]
    pages.draw(folder / "out", files)
    return folder / "out", files


def pick(drawn: tuple[Path, list[Path]], part: str) -> tuple[Path, Path]:
    (source,) = [file for file in drawn[1] if part in file.name]
    return drawn[0], source


def spelt_out(text: str) -> str:
    """Characters nobody sees are written by their numbers."""
    hidden = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ue000-\uf8ff\U000e0000-\U000e007f]"
    return re.sub(hidden, lambda found: f"[U+{ord(found[0]):04X}]", text)


def readings(text: str, language: str) -> set[str]:
    """The forms in which a reader may find a value: itself, a number or a date of the language."""
    forms = {spelt_out(text)}
    if language == "pl" and re.fullmatch(r"-?\d+\.\d+", text):
        forms.add(text.replace(".", ","))
    moment = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)(?:T([\d:.]+)(Z|[+-]\d\d:\d\d)?)?", text)
    if moment:
        year, month, day, clock, offset = moment.groups()
        date = f"{day}.{month}.{year}" if language == "pl" else f"{year}-{month}-{day}"
        zone = "" if not offset else "UTC" if offset == "Z" else f"UTC{offset}"
        forms.add(date if clock is None else f"{date}{clock}{zone}")
    return {pages.bare(form) for form in forms}


def coded() -> set[str]:
    """Elements whose values are codes of a closed list that the pages give in words."""
    return {
        "FormaPlatnosci", "Rola", "RolaPU", "TypKorekty", "RodzajTransportu", "OpisLadunku", "StatusInfoPodatnika",
        "RachunekWlasnyBanku", "ZnacznikZaplatyCzesciowej", "P_16", "P_17", "P_18", "P_18A", "P_19", "P_19N", "P_22",
        "P_22N", "P_23", "P_42_5", "P_PMarzy", "P_PMarzyN", "P_PMarzy_2", "P_PMarzy_3_1", "P_PMarzy_3_2", "P_PMarzy_3_3",
        "P_12_Zal_15", "P_12Z_Zal_15", "JST", "GV", "FP", "TP", "BrakID", "RolaInna", "NrKSeF", "NrKSeFN", "NrKSeFZN",
        "StanPrzed", "StanPrzedZ", "Zaplacono", "PlatnoscInna", "TransportInny", "LadunekInny", "PodmiotPosredniczacy",
        "ZwrotAkcyzy",
    }


def missing(source: Path, told: str, language: str) -> list[tuple[str, str]]:
    """Texts of the document that are not told."""
    lost = []
    for element in etree.parse(str(source)).iter(f"{FA}*"):
        if len(element) or not (element.text or "").strip():
            continue
        name = etree.QName(element).localname
        if name not in coded() and not any(form in told for form in readings(element.text.strip(), language)):
            lost.append((name, element.text))
    return lost


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_every_invoice_is_in_its_html(drawn, language):
    out, files = drawn
    for source in files:
        told = pages.html_text(pages.parsed(out / f"{source.stem}.{language}.html"))
        assert missing(source, told, language) == [], source


def running_lines_removed(sheets: list[pages.Sheet]) -> str:
    """The text of all sheets without their last lines and without the heads that come again, which would part a text."""
    kept = []
    for sheet in sheets:
        lines = sheet.text.splitlines()
        assert re.search(r"(Strona|Page) \d+ (z|of) \d+$", lines[-1]), lines[-2:]
        kept.append("\n".join(lines[:-1]))
    return pages.bare("\n".join(kept))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_every_invoice_is_in_its_pdf(drawn, language):
    out, files = drawn
    for source in files:
        told = running_lines_removed(pages.sheets(out / f"{source.stem}.{language}.pdf"))
        assert missing(source, told, language) == [], source


def test_codes_of_closed_lists_are_told_in_the_words_of_the_schema(drawn):
    """Where the schema documents a short word for a code, the Polish page says that word."""
    out, files = drawn
    words = {}
    for kind in etree.parse(str(schema.schema_file())).iter(f"{XS}simpleType"):
        for item in kind.iter(f"{XS}enumeration"):
            text = " ".join((item.findtext(f"{XS}annotation/{XS}documentation") or "").split())
            words[kind.get("name"), item.get("value")] = text.split(" - ")[0].lower()
    kinds = {
        "FormaPlatnosci": "TFormaPlatnosci", "Rola": "TRolaPodmiotu3", "RolaPU": "TRolaPodmiotuUpowaznionego",
        "OpisLadunku": "TLadunek", "RodzajTransportu": "TRodzajTransportu",
    }
    told_of = 0
    for source in files:
        told = pages.html_text(pages.parsed(out / f"{source.stem}.pl.html")).lower()
        for element in etree.parse(str(source)).iter(*(FA + name for name in kinds)):
            name = etree.QName(element).localname
            word = words[kinds[name], str(int(element.text))]
            assert pages.bare(word) in told, (source, name, element.text, word)
            told_of += 1
    assert told_of >= 40


def test_no_page_of_one_language_has_words_of_the_other(drawn):
    """The words of the labels, apart from those both languages share and those that the document itself has."""
    out, files = drawn
    labels = {language: set() for language in LANGUAGES}
    for source in files:
        for language in LANGUAGES:
            root = pages.parsed(out / f"{source.stem}.{language}.html")
            tags = {f"{pages.XHTML}{tag}" for tag in ("dt", "th", "h2", "caption")}
            found = {" ".join(element.itertext()).strip() for element in root.iter(*tags)}
            labels[language] |= found
    polish = re.compile("[ąćęłńóśźżĄĆĘŁŃÓŚŹŻ]")
    own = pages.bare(" ".join(text for source in files for text in etree.parse(str(source)).getroot().itertext()))
    strange = {label for label in labels["en"] if polish.search(label) and pages.bare(label) not in own}
    assert strange == set()
    assert len(labels["pl"]) > 150 and len(labels["en"]) > 150


def test_pages_of_html_load_nothing_and_have_headings_in_order(drawn):
    out, _ = drawn
    for file in sorted(out.glob("*.html")):
        root = pages.parsed(file)
        language = ".".join(file.name.split(".")[-2:-1])
        assert root.get("lang") == {"codes": "pl"}.get(language, language)
        policy = [meta.get("content") for meta in root.iter(f"{pages.XHTML}meta") if meta.get("http-equiv")]
        assert len(policy) == 1 and policy[0].startswith("default-src 'none'")
        levels = [int(element.tag[-1]) for element in root.iter() if re.fullmatch(rf"{pages.XHTML}h[1-6]", str(element.tag))]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(after - before <= 1 for before, after in zip(levels, levels[1:]))
        for head in root.iter(f"{pages.XHTML}th"):
            assert head.get("scope") == "col"
        for element in root.iter():
            assert not {"src", "onclick", "onload", "style"} & set(element.attrib)
            assert etree.QName(element).localname not in {"script", "link", "img", "iframe", "object", "form"}


def test_the_w3c_validator_has_nothing_to_say(drawn):
    out, files = drawn
    chosen = [out / f"{source.stem}.{language}.html" for source in files for language in LANGUAGES]
    chosen += [out / f"{EXAMPLES[0].stem}.codes.html"]
    answer = subprocess.run([*pages.vnu(), "--format", "gnu", *chosen], capture_output=True, text=True, timeout=900)
    # It guesses languages, and would have the texts of invoices normalised; those are not ours to change.
    asides = ("appears to be written in", "not in Unicode Normalization Form C")
    said = [line for line in answer.stderr.splitlines() if not any(aside in line for aside in asides)]
    assert said == [] and answer.returncode == 0


@pytest.mark.parametrize("flavour", ["3a", "ua1"])
def test_verapdf_passes_every_pdf(drawn, flavour):
    out, files = drawn
    chosen = sorted(out.glob("*.pdf")) if FULL else [out / f"{source.stem}.pl.pdf" for source in files]
    chosen += [out / f"{EXAMPLES[0].stem}.codes.pdf"]
    command = [*pages.verapdf(), "--flavour", flavour, "--format", "text", *dict.fromkeys(chosen)]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=1500)
    lines = answer.stdout.splitlines()
    assert [line for line in lines if not line.startswith("PASS")] == []
    assert len(lines) == len(set(chosen))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pdf_names_its_title_and_language_and_carries_the_exact_document(drawn, language):
    out, files = drawn
    for source in [*EXAMPLES, *official_invoices()]:
        reader = pypdf.PdfReader(out / f"{source.stem}.{language}.pdf")
        root = reader.trailer["/Root"]
        assert root["/Lang"] == language and root["/MarkInfo"]["/Marked"]
        number = etree.parse(str(source)).findtext(f".//{FA}P_2")
        assert number in reader.metadata.title
        (attached,) = reader.attachments["invoice.xml"]
        assert attached == source.read_bytes()
        assert pages.bare(sha256_base64(attached)) in running_lines_removed(pages.sheets(out / f"{source.stem}.{language}.pdf"))


def scanned(picture) -> set[str]:
    return {found.text for found in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)}


def links(html: Path) -> set[str]:
    return {anchor.get("href") for anchor in pages.parsed(html).iter(f"{pages.XHTML}a")}


@pytest.mark.parametrize("form", ["pl", "codes"])
def test_both_codes_scan_from_the_page(drawn, form):
    out, _ = drawn
    for source in EXAMPLES[:4]:
        said = links(out / f"{source.stem}.{form}.html")
        assert len(said) == 2
        found = set().union(*(scanned(picture) for picture in pages.pictures(out / f"{source.stem}.{form}.pdf")))
        assert found == said
        text = running_lines_removed(pages.sheets(out / f"{source.stem}.{form}.pdf"))
        # PDFium takes a hyphen at the end of a line for one of hyphenation.
        joined = text.replace("-", "")
        assert all(link.replace("-", "") in joined for link in said) and "OFFLINE" in text and "CERTYFIKAT" in text


def test_both_codes_scan_from_the_drawings_of_the_html(drawn):
    import resvg_py

    out, _ = drawn
    html = out / f"{EXAMPLES[0].stem}.pl.html"
    found = set()
    for drawing in re.findall(r"<svg.*?</svg>", html.read_text(encoding="utf-8")):
        # Two things a browser knows and the judge does not: the namespace, and millimetres.
        svg = re.sub(r'="([\d.]+)mm"', r'="\1"', drawing.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))
        png = bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=3, background="white"))
        picture = cv2.imdecode(__import__("numpy").frombuffer(png, "uint8"), cv2.IMREAD_GRAYSCALE)
        found |= scanned(picture)
    assert found == links(html)


def test_an_accepted_invoice_has_its_number_in_place_of_offline_and_one_code(tmp_path):
    pages.draw(tmp_path, [EXAMPLES[0]], "--accepted", KSEF_NUMBER)
    for form in ["pl", "codes"]:
        pdf = tmp_path / f"{EXAMPLES[0].stem}.{form}.pdf"
        text = running_lines_removed(pages.sheets(pdf))
        assert KSEF_NUMBER in text and "OFFLINE" not in text and "CERTYFIKAT" not in text
        assert len(set().union(*(scanned(picture) for picture in pages.pictures(pdf)))) == 1
        assert len(links(tmp_path / f"{EXAMPLES[0].stem}.{form}.html")) == 1


def test_nothing_on_a_sheet_is_cut_off_or_overlaps(drawn):
    out, files = drawn
    for source in files:
        for number, sheet in enumerate(pages.sheets(out / f"{source.stem}.pl.pdf")):
            boxes = []
            for left, bottom, right, top in sheet.pieces:
                assert left >= 40 and right <= sheet.width - 40 and bottom >= 20 and top <= sheet.height - 40, (source, number)
                # Lines of a paragraph may touch where one has a tail and the next an accent.
                trim = (top - bottom) * 0.3
                if right - left > 1 and top - bottom > 1:
                    boxes.append((left + 0.5, bottom + trim, right - 0.5, top - trim))
            boxes.sort(key=lambda box: box[1])
            for place, one in enumerate(boxes):
                for other in boxes[place + 1:]:
                    if other[1] >= one[3]:
                        break
                    assert other[0] >= one[2] or one[0] >= other[2], (source, number, one, other)


def long_invoice(folder: Path, count: int) -> Path:
    text = example("01-").read_text(encoding="utf-8")
    lines = "".join(
        f"<FaWiersz><NrWierszaFa>{number}</NrWierszaFa><P_7>Bułka {number}</P_7></FaWiersz>" for number in range(1, count + 1)
    )
    first, last = text.index("<FaWiersz>"), text.rindex("</FaWiersz>") + len("</FaWiersz>")
    file = folder / "long.xml"
    file.write_text(text[:first] + lines + text[last:], encoding="utf-8")
    return file


def test_ten_thousand_lines_stand_under_repeated_heads_on_numbered_sheets(tmp_path):
    source = long_invoice(tmp_path, 10_000)
    pages.draw(tmp_path / "out", [source])
    sheets = pages.sheets(tmp_path / "out" / "long.pl.pdf")
    count = len(sheets)
    assert count > 200
    for number, sheet in enumerate(sheets, 1):
        assert sheet.text.splitlines()[-1].endswith(f"Strona {number} z {count}")
    with_lines = [sheet for sheet in sheets if re.search(r"Bułka \d+", sheet.text)]
    assert all(sheet.text.count("Nazwa towaru lub usługi") == 1 for sheet in with_lines)
    names = re.findall(r"Bułka (\d+)", "\n".join(sheet.text for sheet in sheets))
    assert names == [str(number) for number in range(1, 10_001)]
    root = pages.parsed(tmp_path / "out" / "long.en.html")
    assert len(list(root.iter(f"{pages.XHTML}tr"))) > 10_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_preview_writes_what_the_buyer_gets_and_after_acceptance_the_number(shared_desk: Desk, tmp_path, language):
    desk = shared_desk
    source = variant(example("01-"), tmp_path, f"PREVIEW/{language}/{random.randrange(10**9)}")
    (invoice,) = desk.run("issue", source, "--mode", "offline24").document["issued"]

    def preview(name: str, *options: str) -> Path:
        answer = desk.run("--lang", language, "preview", invoice["id"], "--out", tmp_path / name, *options).document
        assert_shape("preview", answer)
        assert answer == {"file": str(tmp_path / name)}
        return tmp_path / name

    html, pdf = preview("before.html"), preview("before.pdf")
    assert links(html) == {invoice["code_one"], invoice["code_two"]}
    assert set().union(*map(scanned, pages.pictures(pdf))) == links(html)
    assert "OFFLINE" in pages.html_text(pages.parsed(html))
    assert missing(source, running_lines_removed(pages.sheets(pdf)), language) == []
    assert links(preview("codes.html", "--codes")) == links(html)
    assert set().union(*map(scanned, pages.pictures(preview("codes.pdf", "--codes")))) == links(html)

    desk.run("send")
    number = desk.run("show", invoice["id"]).document["ksef_number"]
    for text in [
        pages.html_text(pages.parsed(preview("after.html"))),
        running_lines_removed(pages.sheets(preview("after.pdf"))),
    ]:
        assert number in text and "OFFLINE" not in text and "CERTYFIKAT" not in text


def test_preview_of_another_kind_of_file_is_wrong_usage(shared_desk: Desk, tmp_path):
    assert shared_desk.fails("preview", "none", "--out", tmp_path / "page.png", code=2).error == "usage"
    assert not (tmp_path / "page.png").exists()


def test_pages_are_kept_to_be_looked_at(drawn):
    """PNGs of an invoice of every kind in `target/screens`, for eyes."""
    out, _ = drawn
    screens = schema.REPOSITORY / "target" / "screens"
    screens.mkdir(parents=True, exist_ok=True)
    for source in EXAMPLES:
        for language in LANGUAGES:
            for number, picture in enumerate(pages.pictures(out / f"{source.stem}.{language}.pdf", 110), 1):
                ok, png = cv2.imencode(".png", picture)
                assert ok and picture.min() < 100
                (screens / f"{source.stem}.{language}-{number}.png").write_bytes(png.tobytes())
