"""Median."""

from collections.abc import Iterator
from dataclasses import dataclass
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

_TILE: Final = 128
"""The side of the pieces in which wide medians of 16 bits are taken: within one, levels are few."""


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
    framed = cv2.copyMakeBorder(colors, radius, radius, radius, radius, cv2.BORDER_REPLICATE)
    result = np.empty_like(colors)
    for tile in _tiles(*colors.shape[:2]):
        rows, columns = tile
        around = np.s_[rows.start : rows.stop + 2 * radius, columns.start : columns.stop + 2 * radius]
        result[tile] = _median_of_tile(framed[around], radius)
    return result


def _tiles(height: int, width: int) -> Iterator[tuple[slice, slice]]:
    for row in range(0, height, _TILE):
        for column in range(0, width, _TILE):
            yield slice(row, min(row + _TILE, height)), slice(column, min(column + _TILE, width))


def _median_of_tile(framed: Pixels, radius: int) -> Pixels:
    """The median of numbers that were changed without changing their order is the changed median. So the
    median of the high bytes is the high byte of the median; and with all numbers moved into one high byte's
    256 levels, and cut off there, the median is right wherever it has that high byte."""
    inner = np.s_[radius:-radius, radius:-radius]
    high = _median((framed >> 8).astype(np.uint8), radius)[inner]
    result = np.empty_like(framed[inner])
    for byte in np.unique(high):
        start = int(byte) << 8
        low = _median((framed.clip(start, start + 255) - start).astype(np.uint8), radius)[inner]
        np.copyto(result, low + np.uint16(start), where=high == byte)
    return result
