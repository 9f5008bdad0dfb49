"""Equalize."""

from dataclasses import dataclass

import cv2
import numpy as np

from domain.operations.catalogue import Mask, Pixels, operation
from domain.operations.levels import histogram, mapped, rounded, top
from domain.operations.luma import with_luma
from domain.operations.transparency import parted, visibility, with_colors


@dataclass(frozen=True, slots=True, kw_only=True)
class Equalize:
    pass


def _histogram(pixels: Pixels, _: Equalize, mask: Mask) -> Pixels:
    if pixels.ndim == 2 or pixels.shape[2] == 2:
        return histogram(pixels, 0, visibility(pixels, mask))
    colors = pixels if pixels.shape[2] == 3 else parted(pixels)[0]
    return histogram(cv2.cvtColor(colors, cv2.COLOR_BGR2YCrCb), 0, visibility(pixels, mask))


@operation("equalize", Equalize, measure=_histogram, scales=True)
def equalize(pixels: Pixels, _: Equalize, counts: Pixels) -> Pixels:
    """Spread the tones, so that each part of the range from black to white is used as much.

    Histogram equalization as OpenCV's `equalizeHist` does it, of luma (Y of Y'CrCb, BT.601): hues stay.
    Each pixel counts as much as it is visible. A picture of one tone stays as it is.
    """
    table = rounded(_equalized(counts, top(pixels)), pixels)
    return with_colors(pixels, lambda colors: with_luma(colors, lambda luma: mapped(luma, table)))


def _equalized(counts: Pixels, highest: int) -> Pixels:
    """The new level of each level: the lowest that occurs becomes 0."""
    occurring = np.flatnonzero(counts)
    if len(occurring) <= 1:
        return np.arange(highest + 1)
    first = counts[occurring[0]]
    spread: Pixels = (counts.cumsum() - first) * (highest / (counts.sum() - first))
    return spread
