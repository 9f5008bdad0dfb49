"""Photographs to measure with: scikit-image's, side by side, so that nothing is scaled; and of cameras."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import skimage
from cv2.typing import MatLike

CAMERA: Final = (4032, 3024)
"""What telephones take: 12 MP."""

SIZES: Final = {"2 MP": (1632, 1224), "12 MP": CAMERA, "49 MP": (8064, 6048)}

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
    return _jpeg(canvas, quality)


def camera_photographs(paths: Iterable[Path]) -> dict[str, list[bytes]]:
    """By their size, JPEGs of four photographs: the middle of those that have 12 MP, reduced to 2 MP, and
    two by two, so that a large one has as much detail in each pixel as the others."""
    found = (middle for path in paths if (middle := _middle(path)) is not None)
    whole = [picture for picture, _ in zip(found, range(4), strict=False)]
    small = [cv2.resize(each, SIZES["2 MP"], interpolation=cv2.INTER_AREA) for each in whole]
    large = [_two_by_two(whole[at:] + whole[:at]) for at in range(len(whole))]
    named = zip(SIZES, (small, whole, large), strict=True)
    return {name: [_jpeg(each, 90) for each in pictures] for name, pictures in named}


def _middle(path: Path) -> MatLike | None:
    """None of a photograph that is too small."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        return None
    width, height = CAMERA
    top, left = (picture.shape[0] - height) // 2, (picture.shape[1] - width) // 2
    return picture[top : top + height, left : left + width].copy() if min(top, left) >= 0 else None


def _two_by_two(pictures: list[MatLike]) -> MatLike:
    return cv2.vconcat([cv2.hconcat(pictures[:2]), cv2.hconcat(pictures[2:4])])


def _jpeg(pixels: MatLike, quality: int) -> bytes:
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def distinct(jpeg: bytes, number: int) -> bytes:
    """A picture like it, whose renditions are others too: the bits of the number are added to what its
    first frequencies count for (the quantization table, ITU-T T.81 B.2.4.1)."""
    table = jpeg.index(b"\xff\xdb") + 5
    changed = bytearray(jpeg)
    for bit in range(number.bit_length()):
        changed[table + 1 + bit] += number >> bit & 1
    return bytes(changed)
