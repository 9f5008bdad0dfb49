"""HEIC to pixels, by libheif, where the extra darkroom[heic] is installed."""

from __future__ import annotations

import numpy as np

from domain.operations.catalogue import Pixels
from infrastructure.pixels.channels import straight

_BITS_AT_LEAST = 10
"""Of samples that come as uint16, in its high bits; the low ones are filled with the highest."""


def decoded(content: bytes) -> Pixels | None:
    """The main image, upright: gray, BGR or BGRA, uint8 or uint16. None where it cannot be decoded."""
    import pillow_heif  # noqa: PLC0415 -- an extra

    pillow_heif.options.DECODE_THREADS = 1
    try:
        file = pillow_heif.open_heif(content, convert_hdr_to_8bit=False, bgr_mode=True)
        image = file[file.primary_index]
        pixels: Pixels = np.array(image)
    except (ValueError, RuntimeError, OSError, EOFError, SyntaxError, IndexError):
        return None
    if pixels.dtype == np.uint16:
        pixels |= pixels >> _BITS_AT_LEAST
    return straight(pixels) if image.premultiplied_alpha else pixels
