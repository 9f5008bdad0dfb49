"""Photographs to measure with: scikit-image's, side by side, so that nothing is scaled."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import skimage

PHOTOGRAPHS = ("astronaut.png", "coffee.png", "motorcycle_left.png", "chelsea.png", "motorcycle_right.png")


def photograph(width: int = 1536, height: int = 1040, quality: int = 90) -> bytes:
    """A JPEG of this size, 1.6 MP if nothing else is asked: rows of photographs without gaps."""
    folder = Path(skimage.__file__).parent / "data"
    pictures = [np.asarray(cv2.imread(str(folder / name), cv2.IMREAD_COLOR)) for name in PHOTOGRAPHS]
    canvas = np.zeros((height, width, 3), np.uint8)
    top = place = 0
    while top < height:
        left, row_height = 0, 280
        while left < width:
            picture = pictures[place % len(pictures)][:row_height]
            part = picture[: height - top, : width - left]
            canvas[top : top + part.shape[0], left : left + part.shape[1]] = part
            left += part.shape[1]
            place += 1
        top += row_height
    return cv2.imencode(".jpg", canvas, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def distinct(jpeg: bytes, number: int) -> bytes:
    """A picture like it, whose renditions are others too: the bits of the number are added to what its
    first frequencies count for (the quantization table, ITU-T T.81 B.2.4.1)."""
    table = jpeg.index(b"\xff\xdb") + 5
    changed = bytearray(jpeg)
    for bit in range(number.bit_length()):
        changed[table + 1 + bit] += number >> bit & 1
    return bytes(changed)
