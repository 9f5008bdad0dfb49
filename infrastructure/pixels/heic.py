"""HEIC to pixels, by libheif, where the extra darkroom[heic] is installed."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np

from domain.header import ImageHeader
from domain.operations.catalogue import Pixels
from infrastructure.pixels.channels import straight


def as_decoded(header: ImageHeader) -> ImageHeader:
    """libheif has turned the picture already."""
    width, height = header.shown_size
    return replace(header, width=width, height=height, orientation=1)


def decoded(content: bytes) -> Pixels | None:
    """The main image, upright: gray, BGR or BGRA, uint8 or uint16 (10 and 12 bits spread over all of it).

    None where it cannot be decoded.
    """
    import pillow_heif  # noqa: PLC0415 -- an extra

    pillow_heif.options.DECODE_THREADS = 1
    try:
        file = pillow_heif.open_heif(content, convert_hdr_to_8bit=False, bgr_mode=True)
        image = file[file.primary_index]
        pixels: Pixels = np.array(image)
    except (ValueError, RuntimeError, OSError, EOFError, SyntaxError, IndexError):
        return None
    if pixels.dtype == np.uint16:
        pixels |= pixels >> cast("int", image.info["bit_depth"])
    return straight(pixels) if image.premultiplied_alpha else pixels
