"""Reads QR pictures the way scanners do."""

from __future__ import annotations

import struct
from pathlib import Path

import cv2
import numpy
import resvg_py
import zxingcpp


def pixels(picture: Path) -> numpy.ndarray:
    """A picture in grey; SVG is drawn at four times its size first, on white."""
    data = picture.read_bytes()
    if picture.suffix == ".svg":
        data = bytes(resvg_py.svg_to_bytes(svg_string=data.decode(), zoom=4, background="white"))
    image = cv2.imdecode(numpy.frombuffer(data, numpy.uint8), cv2.IMREAD_GRAYSCALE)
    assert image is not None, f"{picture.name} is no picture"
    return image


def read_with_zxing(image: numpy.ndarray) -> str:
    """The one QR code in a picture, by ZXing."""
    (found,) = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
    return found.text


def read_with_opencv(image: numpy.ndarray) -> str:
    """The one QR code in a picture, by OpenCV. Like a scanner it looks from several distances."""
    for factor in (1.0, 0.5, 2.0):
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


def caption_rows(image: numpy.ndarray) -> int:
    """How many rows below the symbol carry ink: the height of the caption."""
    (found,) = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
    bottom = max(found.position.bottom_left.y, found.position.bottom_right.y)
    # A row of tolerance: the position is where the decoder saw the edge.
    return int((image[bottom + 3 :] < 128).any(axis=1).sum())
