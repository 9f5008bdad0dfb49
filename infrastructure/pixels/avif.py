"""What OpenCV leaves undone when it reads AVIF."""

import numpy as np

from domain.operations.catalogue import Pixels


def corrected(pixels: Pixels, content: bytes) -> Pixels:
    """Samples of 10 or 12 bits, which come in the low bits of uint16, spread over all of it."""
    if pixels.dtype == np.uint8:
        return pixels
    depth = _depth(content)
    low = pixels >> (2 * depth - 16)
    pixels <<= 16 - depth
    pixels |= low
    return pixels


def _depth(content: bytes) -> int:
    """Bits of a sample, from the AV1 codec configuration (AV1-ISOBMFF 2.3.3): its third byte says
    high_bitdepth (0x40) and twelve_bit (0x20)."""
    at = content.find(b"av1C")
    return 12 if content[at + 6] & 0x20 else 10
