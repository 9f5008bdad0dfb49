"""Colours are changed apart from alpha, and what cannot be seen is made of what can."""

from __future__ import annotations

import numpy as np
import pytest

from domain.operations.catalogue import Pixels
from domain.operations.transparency import hidden, visibility, with_colors


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_hidden_colours_are_the_mean_of_the_visible_ones_near_them(dtype: type) -> None:
    """Half a square of red beside hidden blue is red all over; out of reach it is black."""
    pixels: Pixels = np.zeros((1, 6, 4), dtype)
    pixels[0, :, 0] = 200
    pixels[0, 1] = (0, 0, 100, 9)
    pixels[0, 2] = (0, 0, 60, 255)
    result = with_colors(pixels, lambda colors: colors, reach=2)
    np.testing.assert_array_equal(result[0, :, 2], [80, 100, 60, 80, 60, 0])
    assert (result[..., :2] == 0).all()
    np.testing.assert_array_equal(result[..., 3], pixels[..., 3])


def test_gray_and_colours_come_back_with_their_alpha() -> None:
    """Also where colours become gray."""
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    assert with_colors(pixels, lambda colors: colors[..., 0]).shape == (2, 3, 2)
    gray = pixels[..., 2:]
    np.testing.assert_array_equal(with_colors(gray, lambda shades: shades + 1)[..., 0], gray[..., 0] + 1)
    np.testing.assert_array_equal(with_colors(gray, lambda shades: shades)[..., 1], gray[..., 1])


def test_what_counts_is_what_is_visible_within_the_mask() -> None:
    """As much as both say; without either, nothing needs to be multiplied."""
    mask = np.array([[255, 51]], np.uint8)
    pixels: Pixels = np.array([[[1, 0], [1, 65_535]]], np.uint16)
    np.testing.assert_array_equal(visibility(pixels, mask), [[0, 51]])
    np.testing.assert_array_equal(visibility(pixels, None), [[0, 255]])
    assert visibility(pixels[..., 0], mask) is mask
    assert visibility(pixels[..., 0], None) is None
    np.testing.assert_array_equal(hidden(pixels), [[1, 0]])
    assert hidden(pixels[:, 1:]) is None
