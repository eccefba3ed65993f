"""The invoices everything is measured on: the examples of this repository, numbered anew. Nothing of anybody else."""

from __future__ import annotations

import datetime
import random
import re
import zoneinfo
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Attachments have to be granted by KSeF first; what needs none is the ordinary case.
EXAMPLES = [path for path in sorted((ROOT / "examples" / "invoices").glob("*.xml")) if "-attachment" not in path.name and "-vat-" in path.name]
LARGE = 2_900_000


def invoices(folder: Path, count: int) -> list[Path]:
    """`count` ordinary invoices of today in a new folder, each with a number of its own."""
    folder.mkdir()
    today = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Warsaw")).date().isoformat()
    texts = [re.sub(r"<P_1>[^<]*", f"<P_1>{today}", path.read_text(encoding="utf-8"), count=1) for path in EXAMPLES]
    made = []
    for place in range(count):
        path = folder / f"{place:06}.xml"
        path.write_text(numbered(texts[place % len(texts)], place), encoding="utf-8")
        made.append(path)
    return made


def large_invoices(folder: Path, size: int) -> list[Path]:
    """Invoices of nearly the largest size, most of it tables of an attachment with contents at random (always the same), until
    there are `size` bytes."""
    folder.mkdir()
    text = (ROOT / "examples" / "invoices" / "10-vat-attachment.xml").read_text(encoding="utf-8")
    row = re.search(r"\s*<Wiersz>.*?</Wiersz>", text, re.DOTALL).group()
    head, tail = re.split(r"(?:\s*<Wiersz>.*?</Wiersz>)+", text, maxsplit=1, flags=re.DOTALL)
    source = random.Random(1)
    # A few thousand rows, dealt out anew for each file: enough that deflate finds no file in another.
    rows = [re.sub(r"\d", lambda _: str(source.randrange(10)), row) for _ in range(5_000)]
    made, written = [], 0
    while written < size:
        body, length = [], len(text)
        while length < LARGE:
            body.append(source.choice(rows))
            length += len(body[-1])
        path = folder / f"{len(made):06}.xml"
        path.write_text(numbered(head + "".join(body) + tail, len(made)), encoding="utf-8")
        written += path.stat().st_size
        made.append(path)
    return made


def numbered(text: str, place: int) -> str:
    return re.sub(r"<P_2>[^<]*", f"<P_2>BENCH/{place}", text, count=1)
