"""Reads QR pictures the way scanners do."""

from __future__ import annotations

import re
import struct
from pathlib import Path

import cv2
import numpy
import resvg_py
import zxingcpp
from lxml import etree


def pixels(picture: Path, zoom: int = 4) -> numpy.ndarray:
    """A picture in grey; SVG is drawn at `zoom` times its size first, on white."""
    data = picture.read_bytes()
    if picture.suffix == ".svg":
        data = bytes(resvg_py.svg_to_bytes(svg_string=data.decode(), zoom=zoom, background="white"))
    image = cv2.imdecode(numpy.frombuffer(data, numpy.uint8), cv2.IMREAD_GRAYSCALE)
    assert image is not None, f"{picture.name} is no picture"
    return image


def read_with_zxing(image: numpy.ndarray) -> str:
    """The one QR code in a picture, by ZXing."""
    (found,) = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
    return found.text


def read_with_opencv(image: numpy.ndarray) -> str:
    """The one QR code in a picture, by OpenCV. Like a scanner it looks from several distances."""
    for factor in (1.0, 0.5, 2.0, 0.75, 1.5, 3.0):
        seen = cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        text, _corners, _straight = cv2.QRCodeDetectorAruco().detectAndDecode(seen)
        if text:
            return text
    return ""


def resolution(png: Path) -> float | None:
    """Dots per inch by the pHYs chunk."""
    data = png.read_bytes()
    place = data.find(b"pHYs")
    if place < 0:
        return None
    across, down, unit = struct.unpack(">IIB", data[place + 4 : place + 13])
    assert across == down and unit == 1, "square pixels, in metres"
    return across * 0.0254


def physical_size(svg: Path) -> tuple[float, float]:
    """Width and height in millimetres by the style of the root element."""
    style = etree.fromstring(svg.read_bytes()).get("style")
    width, height = re.fullmatch(r"width:([\d.]+)mm;height:([\d.]+)mm", style).groups()
    return float(width), float(height)


def caption_rows(image: numpy.ndarray) -> int:
    """How many rows below the symbol carry ink: the height of the caption."""
    (found,) = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
    bottom = max(found.position.bottom_left.y, found.position.bottom_right.y)
    # A row of tolerance: the position is where the decoder saw the edge.
    return int((image[bottom + 3 :] < 128).any(axis=1).sum())


def print_and_scan(image: numpy.ndarray, seed: int) -> numpy.ndarray:
    """What a cheap printer and a hurried scan make of a picture of 300 dpi, the same for the same seed.

    Ink that runs, a page laid down a little askew, a lens a little out of focus, a lamp on one side, grain, JPEG.
    """
    random = numpy.random.default_rng(seed)
    margin = 40
    page = cv2.copyMakeBorder(image, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=255)
    height, width = page.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), random.uniform(-4, 4), random.uniform(0.97, 1.03))
    page = cv2.warpAffine(page, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=255)
    page = cv2.GaussianBlur(page, (0, 0), random.uniform(0.9, 1.3))
    # Black prints as dark grey, paper scans as light grey, and one side of the page gets less light.
    across, down = numpy.meshgrid(numpy.linspace(-1, 1, width), numpy.linspace(-1, 1, height))
    angle = random.uniform(0, 2 * numpy.pi)
    light = 1 - 0.2 * (1 + across * numpy.cos(angle) + down * numpy.sin(angle)) / 2
    grey = (40 + page.astype(numpy.float64) / 255 * 195) * light + random.normal(0, 8, page.shape)
    encoded, jpeg = cv2.imencode(".jpg", numpy.clip(grey, 0, 255).astype(numpy.uint8), [cv2.IMWRITE_JPEG_QUALITY, 60])
    assert encoded
    return cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE)
