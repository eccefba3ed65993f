"""The example invoices, variants of them, and what independent code says their links and dates must be."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
from lxml import etree

from harness.reference import EXAMPLES

FA3 = {"f": "http://crd.gov.pl/wzor/2025/06/25/13775/"}
WARSAW = ZoneInfo("Europe/Warsaw")
_fresh = count(1)


@dataclass(frozen=True)
class Facts:
    """What a listing needs, read by lxml."""

    seller: str
    number: str
    issue_date: date
    kind: str
    gross: str
    currency: str

    @classmethod
    def of(cls, document: bytes) -> Facts:
        root = etree.fromstring(document)

        def text(path: str) -> str:
            return root.find(path, FA3).text.strip()

        return cls(
            text("f:Podmiot1/f:DaneIdentyfikacyjne/f:NIP"),
            text("f:Fa/f:P_2"),
            date.fromisoformat(text("f:Fa/f:P_1")),
            text("f:Fa/f:RodzajFaktury"),
            text("f:Fa/f:P_15"),
            text("f:Fa/f:KodWaluty"),
        )


def example(part_of_name: str) -> Path:
    """The example invoice with this in its name."""
    (found,) = (path for path in EXAMPLES if part_of_name in path.name)
    return found


def variant(source: Path, folder: Path, number: str | None = None, issued: date | None = None, seller: str | None = None) -> Path:
    """A copy with a number nobody used, and with another date or seller where asked."""
    document = source.read_text(encoding="utf-8")
    serial = next(_fresh)
    number = number or f"T/{datetime.now():%H%M%S%f}/{serial}"
    document = re.sub(r"<P_2>[^<]*</P_2>", f"<P_2>{number}</P_2>", document, count=1)
    if issued:
        document = re.sub(r"<P_1>[^<]*</P_1>", f"<P_1>{issued}</P_1>", document, count=1)
    if seller:
        head, tail = document.split("</Podmiot1>", 1)
        document = re.sub(r"<NIP>\d{10}</NIP>", f"<NIP>{seller}</NIP>", head, count=1) + "</Podmiot1>" + tail
    copy = folder / f"{source.stem}-{serial}.xml"
    copy.write_text(document, encoding="utf-8")
    return copy


def variants(folder: Path, issued: date | None = None) -> list[Path]:
    """A fresh copy of every example."""
    folder.mkdir(parents=True, exist_ok=True)
    return [variant(source, folder, issued=issued) for source in EXAMPLES]


def sha256_base64(document: bytes) -> str:
    """An invoice's hash as JSON carries it."""
    return base64.b64encode(hashlib.sha256(document).digest()).decode()


def code_one(host: str, seller: str, issued: date, digest: bytes) -> str:
    """The link of CODE I by the published recipe."""
    spelled = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return f"https://{host}/invoice/{seller}/{issued:%d-%m-%Y}/{spelled}"


def today() -> date:
    """The day in Warsaw."""
    return datetime.now(WARSAW).date()


def nth_business_day_after(day: date, number: int) -> date:
    """Counted with the Polish holidays of the package `holidays`; the day itself does not count."""
    free = holidays.country_holidays("PL", years=range(day.year, day.year + 2))
    while number:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in free:
            number -= 1
    return day
