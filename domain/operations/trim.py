"""Trim."""

from dataclasses import dataclass
from typing import Annotated

import cv2
import numpy as np

from domain.operations.catalogue import Pixels, operation
from domain.operations.parameters import Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Trim:
    tolerance: Annotated[
        int,
        Parameter("How far a channel may be from the colour, of 255 levels.", minimum=0, maximum=255),
    ] = 10


@operation("trim", Trim, announce=lambda width, height, _: (width, height), announces_most=True)
def trim(pixels: Pixels, parameters: Trim) -> Pixels:
    """Cut off borders of one colour.

    The colour is that of the top left pixel; where that is transparent, the border is what is transparent,
    whatever its colour. A picture that is nothing but border stays as it is. How large the result is shows
    only when it is made: a later step that does not fit it, such as a crop, then fails.
    """
    left, top, width, height = cv2.boundingRect(cv2.bitwise_not(_border(pixels, parameters.tolerance)))
    return pixels[top : top + height, left : left + width] if width else pixels


def _border(pixels: Pixels, tolerance: int) -> Pixels:
    """255 where a pixel is like the first one."""
    most = int(np.iinfo(pixels.dtype).max)
    allowed = tolerance * (most // 255)
    first = np.atleast_1d(pixels[0, 0]).astype(int)
    if first.size in {2, 4} and first[-1] <= allowed:
        pixels, first = cv2.extractChannel(pixels, first.size - 1), np.zeros(1, int)
    least, greatest = np.clip(first - allowed, 0, most), np.clip(first + allowed, 0, most)
    return cv2.inRange(pixels, tuple(map(float, least)), tuple(map(float, greatest)))
