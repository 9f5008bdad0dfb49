"""The levels of a picture: how often each occurs, and tables from levels to levels."""

from typing import Final

import cv2
import numpy as np

from domain.operations.catalogue import Mask, Pixels

_BAND: Final = 1_000_000
"""Pixels that are counted at a time where they have weights, for the sake of memory."""


def top(pixels: Pixels) -> int:
    """The highest level that a picture's depth has."""
    return int(np.iinfo(pixels.dtype).max)


def of_depth(pixels: Pixels, levels: float) -> float:
    """Levels of 8 bits as levels of a picture's depth."""
    return levels * top(pixels) / 255


def histogram(pixels: Pixels, channel: int, weight: Mask) -> Pixels:
    """How often each level occurs in a channel, float64: pixels, or with a weight 255ths of them."""
    levels = top(pixels) + 1
    if weight is None:
        return cv2.calcHist([pixels], [channel], None, [levels], [0, levels]).ravel().astype(np.float64)
    values = pixels if pixels.ndim == 2 else pixels[..., channel]
    rows = max(1, _BAND // pixels.shape[1])
    counts = np.zeros(levels)
    for row in range(0, pixels.shape[0], rows):
        band = np.s_[row : row + rows]
        counts += np.bincount(values[band].ravel(), weight[band].ravel(), levels)
    return counts


def rounded(table: Pixels, pixels: Pixels) -> Pixels:
    """A table of floats as levels of a picture's depth, as far as it reaches."""
    whole: Pixels = np.rint(table).clip(0, top(pixels))
    return whole.astype(pixels.dtype)


def mapped(pixels: Pixels, table: Pixels) -> Pixels:
    """Every level replaced by what a table has in its place: (levels,), or (levels, channels)."""
    if pixels.dtype == np.uint8:
        return cv2.LUT(pixels, table if table.ndim == 1 else table[None])
    if table.ndim == 1:
        replaced: Pixels = table[pixels]
        return replaced
    planes: list[Pixels] = [table[plane, channel] for channel, plane in enumerate(cv2.split(pixels))]
    return cv2.merge(planes)
