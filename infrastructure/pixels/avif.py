"""What OpenCV leaves undone when it reads AVIF."""

import numpy as np

from domain.operations.catalogue import Pixels
from infrastructure.gate.bmff import boxes
from infrastructure.gate.limits import DEFAULT, Tally
from infrastructure.gate.reader import Reader


def undescribed(content: bytes) -> bytes:
    """The same file, in which nothing refers to EXIF and XMP.

    OpenCV looks at the first 500 bytes to see what it has, and takes a file for none that it knows where
    these say of EXIF that it lies farther on.
    """
    for box in boxes(Reader(content), Tally(DEFAULT), 0, top=True):
        if box.kind == b"meta" and (at := content.find(b"cdsc", box.at, box.end)) >= 0:
            rest = content[at : box.end].replace(b"cdsc", b"free")
            return b"".join((content[:at], rest, content[box.end :]))
        if box.kind in {b"meta", b"mdat"}:
            break
    return content


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
