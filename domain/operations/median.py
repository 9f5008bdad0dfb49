"""Median."""

from dataclasses import dataclass
from itertools import product
from typing import Annotated, Final

import cv2
import numpy as np

from domain.operations.catalogue import Pixels, operation
from domain.operations.parameters import Parameter
from domain.operations.transparency import with_colors


@dataclass(frozen=True, slots=True, kw_only=True)
class Median:
    radius: Annotated[
        int,
        Parameter(
            "How far the square reaches of which the middle is taken.", unit="px", minimum=1, maximum=25
        ),
    ] = 1


_NARROW: Final = 2
"""The largest radius for which OpenCV takes 16 bits."""

_TILE: Final = 32
"""The least side of the pieces in which wide medians of 16 bits are taken."""


@operation("median", Median, margin=lambda parameters: 2 * parameters.radius)
def median(pixels: Pixels, parameters: Median) -> Pixels:
    """Take away specks and thin lines, and keep edges: each pixel becomes the median of those around it.

    As OpenCV's `medianBlur` with a side of twice the radius and one; each channel by itself. 16 bits are
    exact as well. What is transparent counts as the mean of what can be seen near it.
    """
    radius = parameters.radius
    middle = _median if pixels.dtype == np.uint8 or radius <= _NARROW else _deep_median
    return with_colors(pixels, lambda colors: middle(colors, radius), reach=radius)


def _median(colors: Pixels, radius: int) -> Pixels:
    return cv2.medianBlur(colors, 2 * radius + 1)


def _deep_median(colors: Pixels, radius: int) -> Pixels:
    planes = [_deep_plane(plane, radius) for plane in cv2.split(colors)]
    return planes[0] if colors.ndim == 2 else cv2.merge(planes)


def _deep_plane(plane: Pixels, radius: int) -> Pixels:
    framed = cv2.copyMakeBorder(plane, radius, radius, radius, radius, cv2.BORDER_REPLICATE)
    result, side = np.empty_like(plane), max(_TILE, 2 * radius)
    for top, left in product(range(0, plane.shape[0], side), range(0, plane.shape[1], side)):
        around = framed[top : top + side + 2 * radius, left : left + side + 2 * radius]
        result[top : top + side, left : left + side] = _ranked_median(around, radius)
    return result


def _ranked_median(framed: Pixels, radius: int) -> Pixels:
    """The median of a small picture without its frame, by the ranks of its levels.

    Changed in a way that keeps their order, numbers have the changed median. So the median of the ranks is
    the rank of the median, and of their high bytes it is its high byte; and with all ranks moved into the
    256 that have one high byte, and cut off there, it is right wherever the median has that high byte.
    """
    inner = np.s_[radius:-radius, radius:-radius]
    levels, places = np.unique(framed, return_inverse=True)
    ranks = places.reshape(framed.shape).astype(np.uint16)
    high = _median((ranks >> 8).astype(np.uint8), radius)[inner]
    rank = np.zeros(high.shape, np.uint16)
    for byte in np.unique(high):
        first = int(byte) << 8
        low = _median((ranks.clip(first, first + 255) - first).astype(np.uint8), radius)[inner]
        np.copyto(rank, low + np.uint16(first), where=high == byte)
    middle: Pixels = levels[rank]
    return middle
