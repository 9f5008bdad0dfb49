"""The median of a square, exact in both depths."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from domain.operations.catalogue import Pixels
from domain.operations.median import Median, median


@pytest.mark.parametrize("radius", [1, 2, 3, 5])
@pytest.mark.parametrize("most", [65_535, 900])
def test_wide_medians_of_16_bits_are_exact(radius: int, most: int) -> None:
    """Equal to sorting each square, whether levels are many or few, over the edges of tiles."""
    pixels: Pixels = np.random.default_rng(radius).integers(0, most, (40, 37), np.uint16, endpoint=True)
    framed = np.pad(pixels, radius, "edge")
    side = 2 * radius + 1
    squares = np.lib.stride_tricks.sliding_window_view(framed, (side, side))
    np.testing.assert_array_equal(median(pixels, Median(radius=radius)), np.median(squares, axis=(2, 3)))


@pytest.mark.parametrize("radius", [3, 25])
def test_both_depths_give_the_same(radius: int) -> None:
    """The median of a picture in colours with all levels doubled is the median doubled."""
    pixels = np.random.default_rng(3).integers(0, 256, (60, 70, 3), np.uint8)
    expected = cv2.medianBlur(pixels, 2 * radius + 1)
    np.testing.assert_array_equal(median(pixels, Median(radius=radius)), expected)
    np.testing.assert_array_equal(median(pixels * np.uint16(257), Median(radius=radius)) // 257, expected)


def test_specks_go_and_edges_stay() -> None:
    """Which is what it is for."""
    pixels: Pixels = np.zeros((9, 9), np.uint8)
    pixels[:, 5:] = 200
    specked = pixels.copy()
    specked[2, 2], specked[6, 7] = 255, 0
    np.testing.assert_array_equal(median(specked, Median()), pixels)
