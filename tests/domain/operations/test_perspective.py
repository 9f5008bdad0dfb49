"""Perspective makes a rectangle of four corners."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from domain.errors import InvalidInput
from domain.operations.catalogue import Pixels, announced_size, apply
from domain.recipe import Recipe, Step

Corners = list[tuple[float, float]]


def recipe(corners: Corners, **size: float) -> Recipe:
    names = [
        f"{name}_{axis}" for name in ("top_left", "top_right", "bottom_right", "bottom_left") for axis in "xy"
    ]
    places = [place for corner in corners for place in corner]
    return Recipe((Step("perspective", dict(zip(names, places, strict=True)) | size),))


WHOLE: Corners = [(0, 0), (60, 0), (60, 40), (0, 40)]


def test_the_corners_of_the_picture_give_the_picture() -> None:
    """To the pixel."""
    pixels: Pixels = np.random.default_rng(1).integers(0, 256, (40, 60, 3), np.uint8)
    np.testing.assert_array_equal(apply(recipe(WHOLE), pixels), pixels)


def test_a_page_seen_from_the_side_becomes_upright() -> None:
    """Every part of it in its place."""
    page = np.zeros((80, 60), np.uint8)
    page[:40, :30] = 80
    page[:40, 30:] = 160
    page[40:, :30] = 240
    corners: Corners = [(30, 20), (110, 35), (100, 130), (15, 110)]
    edges = np.array([(0, 0), (60, 0), (60, 80), (0, 80)], np.float32)
    matrix = cv2.getPerspectiveTransform(edges, np.array(corners, np.float32))
    photo = cv2.warpPerspective(page, matrix, (150, 150))
    result = apply(recipe(corners, width=60, height=80), photo)
    for part in (np.s_[5:35, 5:25], np.s_[5:35, 35:55], np.s_[45:75, 5:25], np.s_[45:75, 35:55]):
        assert (result[part] == page[part]).all()


def test_the_size_is_that_of_the_longer_sides() -> None:
    """Where none is said."""
    assert announced_size(recipe([(10, 0), (40, 0), (50, 40), (0, 40)]), (60, 40)) == (50, 41)
    assert announced_size(recipe(WHOLE, width=7), (60, 40)) == (7, 40)


@pytest.mark.parametrize(
    "corners",
    [
        [(0, 0), (60, 40), (60, 0), (0, 40)],
        [(0, 0), (0, 40), (60, 40), (60, 0)],
        [(0, 0), (60, 0), (10, 10), (0, 40)],
        [(0, 0), (30, 0), (60, 0), (0, 40)],
        [(5, 5), (5, 5), (5, 5), (5, 5)],
    ],
    ids=["crossed", "mirrored", "hollow", "three on a line", "a point"],
)
def test_what_is_no_convex_quadrilateral_is_refused(corners: Corners) -> None:
    """With what would be right."""
    with pytest.raises(InvalidInput, match="clockwise around a convex quadrilateral"):
        announced_size(recipe(corners), (60, 40))


def test_corners_outside_are_refused_with_the_bounds() -> None:
    """There are no pixels."""
    with pytest.raises(InvalidInput, match="60 x 39 pixels"):
        announced_size(recipe(WHOLE), (60, 39))
