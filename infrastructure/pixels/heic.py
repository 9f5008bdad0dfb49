"""HEIC to pixels, by libheif, where the extra darkroom[heic] is installed."""

from __future__ import annotations

from dataclasses import replace

import cv2

from domain.header import ImageHeader
from domain.operations.catalogue import Pixels
from infrastructure.pixels import libheif
from infrastructure.pixels.channels import straight

_TO_BGR = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}


def as_decoded(header: ImageHeader) -> ImageHeader:
    """libheif has turned the picture already."""
    width, height = header.shown_size
    return replace(header, width=width, height=height, orientation=1)


def decoded(content: bytes) -> Pixels | None:
    """The main image, upright: gray, BGR or BGRA, uint8 or uint16 (10 and 12 bits spread over all of it).

    None where it cannot be decoded. Raises MemoryError.
    """
    try:
        image = libheif.decode(content)
    except libheif.HeifError:
        return None
    pixels = image.pixels
    if pixels.ndim > 2:
        cv2.cvtColor(pixels, _TO_BGR[pixels.shape[2]], dst=pixels)
    if pixels.itemsize > 1:
        pixels <<= 16 - image.depth
        pixels |= pixels >> image.depth
    return straight(pixels) if image.premultiplied_alpha else pixels
