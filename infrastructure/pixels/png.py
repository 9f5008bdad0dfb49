"""What OpenCV leaves undone when it reads PNG."""

import cv2
import numpy as np

from domain.operations.catalogue import Pixels

_DEPTH, _COLOR_TYPE = 24, 25
"""Where IHDR has the bits of a sample and the colour type."""

_GRAY = 0


def corrected(pixels: Pixels, content: bytes) -> Pixels:
    """Gray with the one transparent shade that a tRNS chunk names; OpenCV heeds it in colours only."""
    shade = _transparent(content) if content[_COLOR_TYPE] == _GRAY and pixels.ndim == 2 else None
    if shade is None:
        return pixels
    alpha = (pixels != shade).astype(pixels.dtype)
    alpha *= np.iinfo(pixels.dtype).max
    return cv2.merge((pixels, alpha))


def _transparent(content: bytes) -> int | None:
    """The shade, scaled to 8 or 16 bits as the pixels are (PNG 11.3.1.1); None without a tRNS chunk."""
    at = 8
    while at + 8 <= len(content):
        length, kind = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        if kind == b"tRNS":
            shade = int.from_bytes(content[at + 8 : at + 10])
            depth = content[_DEPTH]
            return shade if depth == 16 else (shade & ((1 << depth) - 1)) * 255 // ((1 << depth) - 1)
        if kind == b"IDAT":
            return None
        at += 12 + length
    return None
