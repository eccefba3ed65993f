"""What `demo` leaves in its folder, file by file."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from lxml import etree

from harness.command import Desk
from harness.invoices import Facts, sha256_base64
from harness.pictures import pixels, read_with_opencv, read_with_zxing
from harness.receipts import assert_receipt
from harness.reference import EXAMPLES
from harness.shapes import assert_shape
from harness.signatures import CodeTwo, facts_by_hand, verify_with_signxml, verify_with_xmlsec


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> dict:
    folder = tmp_path_factory.mktemp("demo")
    document = Desk(folder / "home", folder).run("demo", "--out", folder / "out", "--invoices", EXAMPLES[0].parent).document
    assert_shape("demo", document)
    return document


def files(demo: dict, folder: str) -> list[Path]:
    found = sorted((Path(demo["out"]) / folder).iterdir())
    assert found, folder
    return found


def test_the_numbers_add_up(demo):
    assert demo["issued"] == len(EXAMPLES)
    assert demo["rejected"] == 1
    assert demo["sent"] == demo["issued"] - 1


def test_every_file_it_names_is_there_and_every_file_there_is_named(demo):
    out = Path(demo["out"])
    named = {Path(entry if isinstance(entry, str) else entry["file"]) for entry in demo["files"]}
    named = {path if path.is_absolute() else out / path for path in named}
    assert named == {path for path in out.rglob("*") if path.is_file()}


def test_the_invoices_are_the_examples_byte_for_byte(demo):
    left = sorted(sha256_base64(path.read_bytes()) for path in files(demo, "invoices"))
    assert left == sorted(sha256_base64(path.read_bytes()) for path in EXAMPLES)


def test_every_signature_verifies_over_the_invoice_it_names(demo):
    signatures = files(demo, "signatures")
    assert len(signatures) == demo["issued"]
    for signature in signatures:
        root = etree.parse(str(signature)).getroot()
        (name,) = (
            reference.get("URI") for reference in root.findall("{*}SignedInfo/{*}Reference") if not reference.get("URI").startswith("#")
        )
        document = Path(demo["out"]) / "invoices" / name
        facts = facts_by_hand(signature, document)
        verify_with_xmlsec(signature, document, facts.certificate)
        verify_with_signxml(signature, document.read_bytes(), facts.certificate)


def test_every_picture_scans_to_a_link_of_an_invoice_that_is_there(demo):
    hashes = {sha256_base64(path.read_bytes()) for path in files(demo, "invoices")}
    seen = set()
    pictures = [path for path in files(demo, "codes") if path.suffix in (".png", ".svg")]
    for picture in pictures:
        image = pixels(picture)
        link = read_with_zxing(image)
        assert read_with_opencv(image) == link
        if "/certificate/" in link:
            assert base64.b64encode(CodeTwo.parse(link).digest).decode() in hashes
        seen.add(link)
    assert len(seen) == 2 * demo["issued"]


def summary(demo: dict) -> list[dict]:
    """The invoices as the summary tells of them."""
    document = json.loads((Path(demo["out"]) / "summary.json").read_text(encoding="utf-8"))
    return [entry.get("invoice", entry) for entry in document["invoices"]]


def test_every_receipt_names_an_invoice_that_was_sent(demo):
    invoices = {invoice["invoice_hash"]: invoice for invoice in summary(demo)}
    assert len(invoices) == demo["issued"]
    receipts = files(demo, "receipts")
    assert len(receipts) == demo["sent"]
    for invoice in invoices.values():
        if invoice["ksef_number"] is None:
            assert invoice["error"]["code"] == 440
            continue
        (receipt,) = (path for path in receipts if invoice["id"] in path.name)
        assert_receipt(receipt.read_bytes(), invoice["invoice_hash"], invoice["ksef_number"])


def test_the_summary_tells_of_each_invoice_what_its_file_says(demo):
    documents = {sha256_base64(path.read_bytes()): path.read_bytes() for path in files(demo, "invoices")}
    for invoice in summary(demo):
        facts = Facts.of(documents[invoice["invoice_hash"]])
        assert (invoice["number"], invoice["kind"], invoice["gross"]) == (facts.number, facts.kind, facts.gross)
        assert invoice["mode"] == "emergency"
