"""Trim cuts off what is of one colour; later steps are looked at with what is left."""

from __future__ import annotations

import numpy as np
import pytest

from domain.errors import InvalidInput
from domain.operations.catalogue import Pixels, announced_size, apply
from domain.operations.trim import Trim, trim
from domain.recipe import Recipe, Step
from domain.region import Rectangle, Region


def framed(dtype: type = np.uint8) -> Pixels:
    """10 x 6 of noise between white borders that are not quite even."""
    random = np.random.default_rng(6)
    levels = random.integers(245, 256, (20, 30, 3))
    levels[0, 0] = 250
    levels[5:11, 12:22] = random.integers(0, 200, (6, 10, 3))
    return levels.astype(dtype) * (np.iinfo(dtype).max // 255)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_borders_are_cut_off(dtype: type) -> None:
    """Within the tolerance, in both depths."""
    pixels = framed(dtype)
    np.testing.assert_array_equal(trim(pixels, Trim()), pixels[5:11, 12:22])
    assert trim(pixels, Trim(tolerance=0)).shape[0] > 6


def test_transparent_borders_are_cut_off_whatever_their_colour() -> None:
    """What is hidden does not count."""
    pixels = np.random.default_rng(6).integers(0, 256, (20, 30, 4), np.uint8)
    pixels[..., 3] = 0
    pixels[4:9, 3:5, 3] = 255
    np.testing.assert_array_equal(trim(pixels, Trim()), pixels[4:9, 3:5])


def test_a_picture_of_one_colour_stays() -> None:
    """Nothing would be left of it."""
    pixels = np.full((4, 5, 3), 77, np.uint8)
    assert trim(pixels, Trim()) is pixels


@pytest.mark.parametrize(
    "step",
    [
        Step("crop", {"width": 11, "height": 6}),
        Step("grayscale", region=Region(Rectangle(0, 0, 11, 6))),
        Step("square_crop", {"side": 7}),
    ],
)
def test_what_does_not_fit_the_trimmed_picture_is_refused_when_it_is_made(step: Step) -> None:
    """Before, its size is known as the most that it may be."""
    recipe = Recipe((Step("trim"), step))
    announced_size(recipe, (30, 20))
    with pytest.raises(InvalidInput, match="10 x 6"):
        apply(recipe, framed())
