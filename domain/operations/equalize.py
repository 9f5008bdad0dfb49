"""Equalize."""

from dataclasses import dataclass

import numpy as np

from domain.operations.catalogue import Mask, Pixels, operation
from domain.operations.levels import histogram, mapped, rounded, top
from domain.operations.luma import Luma
from domain.operations.transparency import weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Equalize:
    pass


def _luma(pixels: Pixels, _: Equalize) -> Luma:
    return Luma.of(pixels)


def _histogram(luma: Luma, _: Equalize, mask: Mask) -> Pixels:
    return histogram(luma.plane, 0, weight(luma.alpha, mask))


@operation("equalize", Equalize, convert=_luma, measure=_histogram, scales=True)
def equalize(luma: Luma, _: Equalize, counts: Pixels) -> Pixels:
    """Spread the tones, so that each part of the range from black to white is used as much.

    Histogram equalization as OpenCV's `equalizeHist` does it, of luma (Y of Y'CrCb, BT.601): hues stay.
    Each pixel counts as much as it is visible. A picture of one tone stays as it is.
    """
    table = rounded(_equalized(counts, top(luma.plane)), luma.plane)
    return luma.replaced(mapped(luma.plane, table))


def _equalized(counts: Pixels, highest: int) -> Pixels:
    """The new level of each level: the lowest that occurs becomes 0."""
    occurring = np.flatnonzero(counts)
    if len(occurring) <= 1:
        return np.arange(highest + 1)
    first = counts[occurring[0]]
    spread: Pixels = (counts.cumsum() - first) * (highest / (counts.sum() - first))
    return spread
