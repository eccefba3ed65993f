"""QR pictures, read back by two decoders."""

from __future__ import annotations

from pathlib import Path

import pytest
import zxingcpp

from harness.command import Desk
from harness.invoices import example, variant
from harness.pictures import caption_rows, physical_size, pixels, print_and_scan, read_with_opencv, read_with_zxing, resolution
from harness.shapes import assert_shape

DOTS_PER_INCH = 300
# At 300 dpi a module of four dots is a third of a millimetre, the smallest that is said to scan from paper.
SMALLEST_ON_PAPER = 4
DEFAULT = 6


@pytest.fixture(scope="module", params=["p256", "rsa"])
def offline_invoice(request, tmp_path_factory, shared_simulator) -> tuple[Desk, dict]:
    folder = tmp_path_factory.mktemp(f"codes-{request.param}")
    desk = Desk(folder / "home", folder)
    desk.login(shared_simulator)
    desk.enroll(request.param)
    (invoice,) = desk.run("issue", variant(example("01-"), folder), "--mode", "offline24").document["issued"]
    return desk, invoice


def read_back(picture: Path) -> str:
    """The text of a picture, on which both decoders agree."""
    image = pixels(picture)
    text = read_with_zxing(image)
    assert read_with_opencv(image) == text
    return text


@pytest.mark.parametrize("form", ["png", "svg"])
def test_both_codes_of_an_offline_invoice_scan_back_to_their_links(offline_invoice, form, tmp_path):
    desk, invoice = offline_invoice
    answer = desk.run("qr", invoice["id"], "--out", tmp_path / "qr", "--format", form).document
    assert_shape("qr", answer)
    assert (answer["code_one"], answer["code_two"]) == (invoice["code_one"], invoice["code_two"])
    names = [Path(file).name for file in answer["files"]]
    assert names == [f"{invoice['id']}-code-1.{form}", f"{invoice['id']}-code-2.{form}"]
    assert [read_back(Path(file)) for file in answer["files"]] == [invoice["code_one"], invoice["code_two"]]


@pytest.mark.parametrize("form", ["png", "svg"])
def test_a_caption_stands_beneath_each_code(offline_invoice, form, tmp_path):
    desk, invoice = offline_invoice
    for file in desk.run("qr", invoice["id"], "--out", tmp_path, "--format", form).document["files"]:
        image = pixels(Path(file))
        height, width = image.shape
        assert height > width
        assert caption_rows(image) >= 5


def test_png_codes_say_that_they_are_meant_for_300_dpi(offline_invoice, tmp_path):
    desk, invoice = offline_invoice
    for file in desk.run("qr", invoice["id"], "--out", tmp_path).document["files"]:
        assert resolution(Path(file)) == pytest.approx(DOTS_PER_INCH, abs=0.1)


def test_an_svg_has_the_size_on_paper_that_the_png_has(offline_invoice, tmp_path):
    desk, invoice = offline_invoice
    png = desk.run("qr", invoice["id"], "--out", tmp_path).document["files"]
    svg = desk.run("qr", invoice["id"], "--out", tmp_path, "--format", "svg").document["files"]
    for drawn, written in zip(png, svg, strict=True):
        wanted = pixels(Path(drawn)).shape[1] / DOTS_PER_INCH * 25.4
        assert physical_size(Path(written))[0] == pytest.approx(wanted, abs=0.01)


@pytest.mark.parametrize("scale", [2, 8])
def test_a_code_scans_at_other_scales_too(offline_invoice, scale, tmp_path):
    desk, invoice = offline_invoice
    files = desk.run("qr", invoice["id"], "--out", tmp_path, "--scale", scale).document["files"]
    assert [read_with_zxing(pixels(Path(file))) for file in files] == [invoice["code_one"], invoice["code_two"]]


@pytest.mark.parametrize("level", ["l", "m", "q", "H"])
def test_a_code_scans_at_every_error_correction_level_and_says_which(offline_invoice, level, tmp_path):
    desk, invoice = offline_invoice
    files = desk.run("qr", invoice["id"], "--out", tmp_path, "--correction", level).document["files"]
    for file, link in zip(files, (invoice["code_one"], invoice["code_two"]), strict=True):
        image = pixels(Path(file))
        assert read_back(Path(file)) == link
        (found,) = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
        assert found.ec_level == level.upper()


@pytest.mark.parametrize("form", ["png", "svg"])
@pytest.mark.parametrize("scale", [SMALLEST_ON_PAPER, DEFAULT])
def test_codes_scan_from_a_bad_copy_on_paper(offline_invoice, form, scale, tmp_path):
    desk, invoice = offline_invoice
    files = desk.run("qr", invoice["id"], "--out", tmp_path, "--format", form, "--scale", scale).document["files"]
    for file, link in zip(files, (invoice["code_one"], invoice["code_two"]), strict=True):
        page = pixels(Path(file), zoom=1)
        scans = [print_and_scan(page, seed) for seed in range(10)]
        assert all(read_with_zxing(scan) == link for scan in scans)
        # OpenCV's finder misses a scan now and then, as a phone misses a frame.
        read = [read_with_opencv(scan) for scan in scans]
        assert set(read) <= {link, ""} and read.count(link) >= 8


def test_what_cannot_be_drawn_or_written_is_refused_and_leaves_nothing_behind(offline_invoice, tmp_path):
    desk, invoice = offline_invoice
    for option in (("--scale", 0), ("--scale", 65), ("--scale", "x"), ("--correction", "x"), ("--format", "gif")):
        desk.fails("qr", invoice["id"], "--out", tmp_path / "out", *option, code=2)
    desk.fails("qr", invoice["id"], code=2)
    assert desk.fails("qr", "unknown", "--out", tmp_path / "out", code=1).error == "id-malformed"
    unknown = invoice["id"][:-1] + ("0" if invoice["id"][-1] != "0" else "1")
    assert desk.fails("qr", unknown, "--out", tmp_path / "out", code=1).error == "not-found"
    assert not (tmp_path / "out").exists()
    occupied = tmp_path / "occupied"
    occupied.write_text("a file")
    for place in (occupied, occupied / "below"):
        assert desk.fails("qr", invoice["id"], "--out", place, code=1).error in ("file-error", "file-exists")
    assert occupied.read_text() == "a file"


def test_an_accepted_invoice_shows_code_one_alone_unless_the_original_is_asked_for(shared_desk, tmp_path):
    source = variant(example("02-"), tmp_path)
    (issued,) = shared_desk.run("issue", source, "--mode", "offline24").document["issued"]
    shared_desk.run("send")
    (sent,) = (invoice for invoice in shared_desk.archive() if invoice["id"] == issued["id"])
    assert sent["ksef_number"]
    accepted = shared_desk.run("qr", issued["id"], "--out", tmp_path / "accepted").document
    assert accepted["code_two"] is None
    assert [Path(file).name for file in accepted["files"]] == [f"{issued['id']}-code-1.png"]
    assert read_back(Path(accepted["files"][0])) == issued["code_one"]
    original = shared_desk.run("qr", issued["id"], "--out", tmp_path / "original", "--original").document
    assert [read_back(Path(file)) for file in original["files"]] == [issued["code_one"], issued["code_two"]]


def test_the_page_behind_each_code_confirms_it_and_one_with_a_changed_character_does_not(offline_invoice, shared_simulator):
    _desk, invoice = offline_invoice
    code_two = invoice["code_two"]
    assert shared_simulator.page_behind(code_two)["valid"] is True
    # The next letter of the alphabet in place of one in the middle of the signature.
    place = len(code_two) - 20
    changed = code_two[:place] + ("A" if code_two[place] != "A" else "B") + code_two[place + 1 :]
    assert shared_simulator.page_behind(changed)["valid"] is False


def test_code_one_leads_to_the_invoice_once_ksef_has_it(shared_desk, shared_simulator, tmp_path):
    (invoice,) = shared_desk.run("issue", variant(example("01-"), tmp_path), "--mode", "offline24").document["issued"]
    assert shared_simulator.page_behind(invoice["code_one"])["valid"] is False
    shared_desk.run("send")
    page = shared_simulator.page_behind(invoice["code_one"])
    assert page["valid"] is True and page["ksef_number"] == shared_desk.archive()[0]["ksef_number"]
