"""Crops keep what they name, and refuse what is not there."""

from __future__ import annotations

import numpy as np
import pytest

from domain.errors import InvalidInput
from domain.operations.anchor import Anchor
from domain.operations.catalogue import Pixels, announced_size, apply
from domain.operations.square_crop import SquareCrop, square_crop
from domain.recipe import JsonValue, Recipe, Step

NOISE: Pixels = np.random.default_rng(4).integers(0, 256, (30, 50, 3), np.uint8)


def test_a_rectangle_is_kept() -> None:
    """From its top left corner, to the last pixel of the picture."""
    recipe = Recipe((Step("crop", {"x": 40, "y": 5, "width": 10, "height": 25}),))
    np.testing.assert_array_equal(apply(recipe, NOISE), NOISE[5:30, 40:50])


@pytest.mark.parametrize("outside", [{"x": 41}, {"y": 6}, {"width": 11}, {"height": 26}])
def test_a_rectangle_outside_is_refused_with_the_bounds(outside: dict[str, JsonValue]) -> None:
    """Before a pixel is decoded, by a single one."""
    fits: dict[str, JsonValue] = {"x": 40, "y": 5, "width": 10, "height": 25}
    with pytest.raises(InvalidInput, match="50 x 30 pixels") as refused:
        announced_size(Recipe((Step("crop", fits | outside),)), (50, 30))
    assert refused.value.field == "crop"


@pytest.mark.parametrize(
    ("anchor", "left", "top"),
    [
        ("CENTER", 15, 5),
        ("TOP", 15, 0),
        ("BOTTOM", 15, 10),
        ("LEFT", 0, 5),
        ("RIGHT", 30, 5),
        ("TOP_LEFT", 0, 0),
        ("TOP_RIGHT", 30, 0),
        ("BOTTOM_LEFT", 0, 10),
        ("BOTTOM_RIGHT", 30, 10),
    ],
)
def test_a_square_lies_where_its_anchor_says(anchor: str, left: int, top: int) -> None:
    """In the middle of what is not said."""
    result = square_crop(NOISE, SquareCrop(side=20, anchor=Anchor(anchor)))
    np.testing.assert_array_equal(result, NOISE[top : top + 20, left : left + 20])


def test_the_largest_square_is_the_default() -> None:
    """Of a landscape its middle, and of a portrait."""
    np.testing.assert_array_equal(square_crop(NOISE, SquareCrop()), NOISE[:, 10:40])
    portrait = NOISE.transpose(1, 0, 2)
    np.testing.assert_array_equal(square_crop(portrait, SquareCrop()), portrait[10:40])


def test_a_square_larger_than_the_picture_is_refused() -> None:
    """With the largest that there is."""
    with pytest.raises(InvalidInput, match="from 1 to 30 px") as refused:
        announced_size(Recipe((Step("square_crop", {"side": 31}),)), (50, 30))
    assert refused.value.field == "square_crop.side"
