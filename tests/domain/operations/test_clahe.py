"""CLAHE is OpenCV's, of luma."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from domain.operations.catalogue import Pixels
from domain.operations.clahe import Clahe, clahe


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_of_gray_it_is_that_of_opencv(dtype: type) -> None:
    """With clip limit and tiles as given."""
    pixels: Pixels = np.random.default_rng(1).integers(0, 90, (50, 60), dtype)
    expected = cv2.createCLAHE(3, (4, 4)).apply(pixels)
    np.testing.assert_array_equal(clahe(pixels, Clahe(clip_limit=3, tiles=4)), expected)


def test_colours_keep_their_differences() -> None:
    """What is gray in a picture in colours stays gray, and luma is changed as that of a gray picture."""
    shades = np.random.default_rng(2).integers(60, 120, (64, 64), np.uint8)
    colors = clahe(cv2.merge((shades,) * 3), Clahe())
    np.testing.assert_array_equal(colors, cv2.merge((clahe(shades, Clahe()),) * 3))


def test_what_is_hidden_does_not_count() -> None:
    """Whatever its colour, and also where a whole tile is hidden."""
    pixels = np.random.default_rng(3).integers(0, 256, (40, 40, 2), np.uint8)
    pixels[:, 10:, 1] = 0
    black = pixels.copy()
    black[:, 10:, 0] = 0
    one, two = clahe(pixels, Clahe(tiles=4)), clahe(black, Clahe(tiles=4))
    np.testing.assert_array_equal(one[:, :10], two[:, :10])
    np.testing.assert_array_equal(one[..., 1], pixels[..., 1])
