"""Pages of invoices: what is written on them, read back by libraries that share no code with what drew them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import html5lib
import numpy
import pypdfium2
import pytest
from lxml import etree

import schema

VERAPDF = "1.28.2"
VNU = "26.9.27"
XHTML = "{http://www.w3.org/1999/xhtml}"


def draw(out: Path, files: list[Path], *options: str) -> None:
    """Every file in both languages as HTML and PDF, and its codes alone."""
    program = Path(os.environ["KSEF_TARGET"]) / "examples" / "pages"
    subprocess.run([program, *options, out, *files], check=True, capture_output=True, text=True)


def parsed(html: Path) -> etree._Element:
    """The page as the strict parser of the HTML standard sees it: any error is one."""
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("lxml"), strict=True, namespaceHTMLElements=True)
    return parser.parse(html.read_text(encoding="utf-8")).getroot()


def bare(text: str) -> str:
    """Without white space of any kind, which lines and groups of digits are made with."""
    return re.sub(r"[\s\u00a0\ufffe\u0002]+", "", text)


def html_text(root: etree._Element) -> str:
    body = root.find(f"{XHTML}body")
    return bare("\n".join(body.itertext()))


@dataclass
class Sheet:
    """A page of a PDF."""

    text: str
    width: float
    height: float
    # Left, bottom, right and top of each piece of text.
    pieces: list[tuple[float, float, float, float]]


def sheets(pdf: Path) -> list[Sheet]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        found = []
        for page in document:
            text = page.get_textpage()
            pieces = [text.get_rect(number) for number in range(text.count_rects())]
            found.append(Sheet(text.get_text_range(), *page.get_size(), pieces))
        return found
    finally:
        document.close()


def pictures(pdf: Path, dots_per_inch: int = 200) -> list[numpy.ndarray]:
    """The pages as gray pixels."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.render(scale=dots_per_inch / 72, grayscale=True).to_numpy().squeeze().copy() for page in document]
    finally:
        document.close()


@cache
def verapdf() -> list[str]:
    """The command of veraPDF, the industry's PDF/A validator, from Maven."""
    folder = _work() / f"verapdf-{VERAPDF}"
    if not shutil.which("java"):
        pytest.skip("no veraPDF: there is no Java")
    if not (folder / "complete").is_file():
        if not shutil.which("mvn"):
            pytest.skip("no veraPDF: there is no Maven to fetch it with")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "pom.xml").write_text(
            '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
            "<groupId>none</groupId><artifactId>none</artifactId><version>1</version><dependencies><dependency>"
            f"<groupId>org.verapdf.apps</groupId><artifactId>greenfield-apps</artifactId><version>{VERAPDF}</version>"
            "</dependency></dependencies></project>"
        )
        _fetch(["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={folder}"], folder)
    return ["java", "-cp", f"{folder}/*", "org.verapdf.apps.GreenfieldCliWrapper"]


@cache
def vnu() -> list[str]:
    """The command of the Nu HTML checker, the W3C's validator, from npm."""
    folder = _work() / f"vnu-{VNU}"
    if not shutil.which("java"):
        pytest.skip("no Nu HTML checker: there is no Java")
    jar = folder / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
    if not (folder / "complete").is_file():
        if not shutil.which("npm"):
            pytest.skip("no Nu HTML checker: there is no npm to fetch it with")
        folder.mkdir(parents=True, exist_ok=True)
        _fetch(["npm", "install", "--silent", "--no-save", "--ignore-scripts", f"vnu-jar@{VNU}"], folder)
    return ["java", "-Xss4m", "-jar", str(jar)]


def _fetch(command: list[str], folder: Path) -> None:
    fetched = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)
    if fetched.returncode != 0:
        pytest.skip(f"{command[0]} could not fetch it: {fetched.stderr.strip()[-200:]}")
    (folder / "complete").touch()


def _work() -> Path:
    return schema.REPOSITORY / "target" / "conformance"
