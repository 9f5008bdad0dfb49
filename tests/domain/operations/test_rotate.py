"""Rotate turns counter-clockwise: by quarters exactly, by other angles with every colour and no fringe."""

from __future__ import annotations

import numpy as np
import pytest

from domain.operations.catalogue import Pixels, announced_size
from domain.operations.parameters import Color
from domain.operations.rotate import Rotate, rotate
from domain.recipe import Recipe, Step


def noise(*shape: int) -> Pixels:
    return np.random.default_rng(3).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("channels", [(), (2,), (3,), (4,)])
@pytest.mark.parametrize("degrees", [-360, -270, -180, -90, 0, 90, 180, 270, 360])
def test_quarters_move_pixels_and_change_none(degrees: int, channels: tuple[int, ...]) -> None:
    """As numpy turns them."""
    pixels = noise(5, 8, *channels)
    np.testing.assert_array_equal(rotate(pixels, Rotate(degrees=degrees)), np.rot90(pixels, degrees // 90))


def test_a_quarter_in_the_same_size_shows_the_middle() -> None:
    """Cut off above and below, filled up on both sides."""
    pixels = noise(4, 10, 3)
    result = rotate(pixels, Rotate(degrees=90, expand=False, fill=Color("#010203")))
    assert result.shape == pixels.shape
    np.testing.assert_array_equal(result[:, 3:7], np.rot90(pixels)[3:7])
    assert (result[:, :3] == (3, 2, 1)).all()
    assert (result[:, 7:] == (3, 2, 1)).all()


def test_every_colour_is_kept() -> None:
    """In the middle of a flat picture nothing changes, whatever the angle."""
    pixels = np.full((40, 60, 3), (200, 150, 50), np.uint8)
    result = rotate(pixels, Rotate(degrees=30))
    middle = result[result.shape[0] // 2, result.shape[1] // 2]
    np.testing.assert_array_equal(middle, (200, 150, 50))
    assert (result[0, 0] == 0).all()


def test_the_direction_is_counter_clockwise() -> None:
    """What is at the right comes to the top."""
    pixels = np.zeros((41, 41), np.uint8)
    pixels[18:23, 36:] = 255
    result = rotate(pixels, Rotate(degrees=80, expand=False))
    rows, columns = np.nonzero(result > 128)
    assert rows.mean() < 5
    assert abs(columns.mean() - 20) < 5


def test_there_and_back_is_what_it_was() -> None:
    """The centre stays where it is: a slope comes back as the same slope."""
    slope = np.add.outer(np.arange(60), 2 * np.arange(80)).astype(np.uint8)
    turned = rotate(slope, Rotate(degrees=33))
    back = rotate(turned, Rotate(degrees=-33))
    top, left = (back.shape[0] - 60) // 2, (back.shape[1] - 80) // 2
    inner = np.s_[15:45, 20:60]
    difference = back[top : top + 60, left : left + 80][inner].astype(int) - slope[inner]
    assert abs(difference.mean()) < 1.6  # where sides are rounded, half a pixel of a slope of 2 and 1
    assert difference.std() < 1


def test_the_edge_to_a_transparent_fill_has_no_fringe() -> None:
    """Red stays red as far as it is seen."""
    pixels = np.full((30, 30, 4), (0, 0, 255, 255), np.uint8)
    result = rotate(pixels, Rotate(degrees=45, fill=Color("#00ff0000")))
    seen = result[..., 3] > 0
    assert (~seen).any()
    assert (result[seen][:, :3] == (0, 0, 255)).all()


@pytest.mark.parametrize(("degrees", "size"), [(90, (30, 40)), (-180, (40, 30)), (45, (50, 50))])
def test_the_size_is_that_of_the_box_around_it(degrees: int, size: tuple[int, int]) -> None:
    """Rounded up to whole pixels."""
    assert announced_size(Recipe((Step("rotate", {"degrees": degrees}),)), (40, 30)) == size


def test_fills_are_what_the_picture_can_show() -> None:
    """Luma in a gray one, all of the depth in 16 bits, opaque without alpha."""
    for pixels, corner in (
        (np.zeros((9, 9), np.uint8), 76),
        (np.zeros((9, 9, 3), np.uint16), (0, 0, 65_535)),
        (np.zeros((9, 9, 4), np.uint16), (0, 0, 65_535, 128 * 257)),
        (np.zeros((9, 9, 2), np.uint8), (76, 128)),
    ):
        result = rotate(pixels, Rotate(degrees=45, fill=Color("#ff000080")))
        np.testing.assert_array_equal(result[0, 0], corner)


def test_long_thin_pictures_are_turned() -> None:
    """Sides up to the limit."""
    line = np.full((1, 32_768), 9, np.uint8)
    assert rotate(line, Rotate(degrees=0.01)).shape == (7, 32_768)
