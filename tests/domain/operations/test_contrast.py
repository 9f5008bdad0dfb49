"""The mean that contrast turns about."""

from __future__ import annotations

import numpy as np
import pytest

from domain.operations.catalogue import Pixels, apply
from domain.recipe import Recipe, Step
from domain.region import Rectangle, Region

FLAT = Step("contrast", {"factor": 0})


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_mean_is_that_of_the_region(dtype: type) -> None:
    """Without any contrast a region is its own mean, and the rest is as it was."""
    pixels: Pixels = np.full((4, 10), 200, dtype)
    pixels[:, :4] = 100
    pixels[0, :4] = 20
    result = apply(Recipe((Step("contrast", {"factor": 0}, Region(Rectangle(0, 0, 4, 4))),)), pixels)
    assert (result[:, :4] == 80).all()
    assert (result[:, 4:] == 200).all()


@pytest.mark.parametrize("top", [255, 65_535])
def test_a_pixel_counts_as_far_as_it_is_opaque(top: int) -> None:
    """Hidden colours have no part in it; what is half transparent counts half."""
    pixels = np.array([[[200, top], [50, top // 2], [250, 0]]], np.uint8 if top == 255 else np.uint16)
    result = apply(Recipe((FLAT,)), pixels)
    assert (result[..., 0] == 150).all()
    np.testing.assert_array_equal(result[..., 1], pixels[..., 1])


def test_what_is_transparent_throughout_has_no_mean() -> None:
    """There is nothing to see, and nothing to divide by."""
    assert apply(Recipe((FLAT,)), np.zeros((3, 3, 4), np.uint8)).shape == (3, 3, 4)


def test_alpha_and_a_region_count_together() -> None:
    """Only what is within and seen."""
    pixels = np.array([[[40, 255], [90, 0], [100, 255], [7, 255]]], np.uint8)
    result = apply(Recipe((Step("contrast", {"factor": 0}, Region(Rectangle(0, 0, 3, 1))),)), pixels)
    np.testing.assert_array_equal(result[0, [0, 2, 3], 0], [70, 70, 7])
