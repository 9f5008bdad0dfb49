"""Levels are counted as one would count them by hand."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.header import ImageHeader, MediaType
from domain.levels import Levels
from domain.operations.catalogue import Pixels
from domain.ports.rendering import RenderFailure
from domain.recipe import Recipe, Step
from domain.region import Point, Rectangle, Region
from infrastructure.pixels import count_levels
from infrastructure.pixels.count_levels import CountLevels, levels
from tests.infrastructure.pixels.files import picture, to_pil, with_alpha, written


def noise(*shape: int, deep: bool = False) -> Pixels:
    most, kind = (65_536, np.uint16) if deep else (256, np.uint8)
    return np.random.default_rng(1).integers(0, most, shape, kind)


def counted(samples: Pixels) -> tuple[int, ...]:
    """By numpy, one by one."""
    high = samples >> 8 if samples.dtype == np.uint16 else samples
    return tuple(np.bincount(high.ravel(), minlength=256).tolist())


def by_hand(pixels: Pixels) -> Levels:
    if pixels.ndim == 2 or pixels.shape[2] == 2:
        gray = counted(pixels if pixels.ndim == 2 else pixels[..., 0])
        return Levels(red=gray, green=gray, blue=gray, luminance=gray)
    luma = cv2.cvtColor(np.ascontiguousarray(pixels[..., :3]), cv2.COLOR_BGR2GRAY)
    blue, green, red = (counted(pixels[..., channel]) for channel in range(3))
    return Levels(red=red, green=green, blue=blue, luminance=counted(luma))


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("channels", [(), (2,), (3,), (4,)])
def test_every_kind_of_picture_is_counted(channels: tuple[int, ...], deep: bool) -> None:
    """Gray and colours, with alpha and without, of 8 bits and of 16."""
    pixels = noise(37, 53, *channels, deep=deep)
    assert levels(pixels, None) == by_hand(pixels)


def test_a_picture_is_counted_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which come to the whole; also where a row is longer than a part."""
    pixels, region = noise(37, 53, 3), Region(Rectangle(3, 5, 40, 30))
    whole, part = levels(pixels, None), levels(pixels, region)
    for at_once in (1, 100, 53 * 36):
        monkeypatch.setattr(count_levels, "_AT_ONCE", at_once)
        assert levels(pixels, None) == whole
        assert levels(pixels, region) == part


def test_no_pixel_is_lost_in_a_flat_picture() -> None:
    """More than floats of 32 bits count one by one."""
    pixels = np.full((4200, 4200), 7, np.uint8)
    assert levels(pixels, None).luminance[7] == 4200 * 4200


@given(x=st.integers(0, 50), y=st.integers(0, 30), width=st.integers(1, 53), height=st.integers(1, 37))
def test_a_region_is_counted_alone(x: int, y: int, width: int, height: int) -> None:
    """Whatever its feather."""
    pixels = noise(37, 53, 3)
    width, height = min(width, 53 - x), min(height, 37 - y)
    region = Region(Rectangle(x, y, width, height), feather=5)
    assert levels(pixels, region) == by_hand(pixels[y : y + height, x : x + width])


def test_pixels_of_which_half_is_within_count() -> None:
    """Along the edges of a polygon, and of a rectangle between pixels."""
    pixels = np.zeros((10, 10), np.uint8)
    half = Region(Rectangle(0.5, 0, 3, 2))
    assert levels(pixels, half).red[0] == 8
    less = Region(Rectangle(0.6, 0, 3, 2))
    assert levels(pixels, less).red[0] == 6
    triangle = Region(polygon=(Point(0, 0), Point(10, 0), Point(0, 10)))
    assert levels(pixels, triangle).red[0] in range(45, 56)


def test_a_region_outside_the_picture_is_refused() -> None:
    """With the bounds."""
    with pytest.raises(InvalidInput, match="10 x 10"):
        levels(np.zeros((10, 10), np.uint8), Region(Rectangle(5, 5, 6, 1)))


def test_a_task_counts_what_a_recipe_makes_of_a_file() -> None:
    """Upright, and with what the recipe does to colours and sizes."""
    pixels = with_alpha(picture())
    content = written(to_pil(pixels), MediaType.PNG)
    header = ImageHeader(MediaType.PNG, 60, 40)
    assert CountLevels(header, Recipe()).carry_out(content) == by_hand(pixels)
    recipe = Recipe((Step("grayscale"), Step("resize", {"width": 30})))
    counts = CountLevels(header, recipe).carry_out(content)
    assert isinstance(counts, Levels)
    assert counts.red == counts.luminance
    assert sum(counts.red) == 30 * 20


def test_a_damaged_file_is_a_failure() -> None:
    """Not an exception: it may have happened in another process."""
    failure = CountLevels(ImageHeader(MediaType.PNG, 60, 40), Recipe()).carry_out(b"no picture")
    assert isinstance(failure, RenderFailure)
    assert failure.code == "DAMAGED_FILE"
