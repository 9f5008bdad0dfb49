"""Resize scales as its fit says, and as the area of pixels says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.operations.catalogue import Pixels, announced_size
from domain.operations.resize import Fit, Resize, frame, resize
from domain.recipe import Recipe, Step
from tests.domain.operations.strategies import pictures

sides = st.integers(1, 32_768)


def announced(size: tuple[int, int], **parameters: int | str | bool | None) -> tuple[int, int]:
    return announced_size(Recipe((Step("resize", parameters),)), size)


@pytest.mark.parametrize(
    ("fit", "expected"),
    [("FILL", (300, 300)), ("CONTAIN", (300, 300)), ("COVER", (300, 300)), ("INSIDE", (300, 200))],
)
def test_each_fit_announces_its_size(fit: str, expected: tuple[int, int]) -> None:
    """Only INSIDE gives less than the box."""
    assert announced((1536, 1024), width=300, height=300, fit=fit) == expected


@pytest.mark.parametrize(
    ("fit", "expected"),
    [("FILL", (200, 300)), ("CONTAIN", (300, 300)), ("COVER", (200, 300)), ("INSIDE", (150, 300))],
)
def test_without_enlarging_no_direction_grows(fit: str, expected: tuple[int, int]) -> None:
    """A picture of 200 x 400 is put into 300 x 300."""
    assert announced((200, 400), width=300, height=300, fit=fit, enlarge=False) == expected


@pytest.mark.parametrize("fit", Fit)
def test_one_absent_side_follows_from_the_other(fit: str) -> None:
    """The shape is kept, whatever the fit, rounded half up and never to nothing."""
    assert announced((1001, 667), width=256, fit=fit) == (256, 171)
    assert announced((1001, 667), height=171, fit=fit) == (257, 171)
    assert announced((1000, 5), width=100, fit=fit) == (100, 1)
    assert announced((1000, 4), width=10, fit=fit) == (10, 1)
    assert announced((100, 50), width=200, fit=fit, enlarge=False) == (100, 50)
    assert announced((100, 50), height=100, fit=fit) == (200, 100)


def test_a_size_is_needed() -> None:
    """With both sides absent there is nothing to do."""
    with pytest.raises(InvalidInput, match="a width, a height, or both"):
        Resize()


@settings(deadline=None)
@given(width=sides, height=sides, wide=sides, high=sides, fit=st.sampled_from(Fit), enlarge=st.booleans())
def test_frames_stay_within_their_bounds(
    width: int, height: int, wide: int, high: int, fit: Fit, *, enlarge: bool
) -> None:
    """The part used lies in the source, the scaled picture in the box, and one side of it touches."""
    part, scaled, result = frame(width, height, Resize(width=wide, height=high, fit=fit, enlarge=enlarge))
    assert 1 <= part[0] <= width
    assert 1 <= part[1] <= height
    assert 1 <= scaled[0] <= result[0] <= wide
    assert 1 <= scaled[1] <= result[1] <= high
    if not enlarge:
        assert scaled[0] <= width
        assert scaled[1] <= height
    if enlarge:
        assert scaled[0] == wide or scaled[1] == high


@settings(deadline=None)
@given(pixels=pictures())
def test_the_size_it_has_changes_nothing(pixels: Pixels) -> None:
    """To scale to the same size is to do nothing, whatever the fit."""
    height, width = pixels.shape[:2]
    for fit in Fit:
        np.testing.assert_array_equal(resize(pixels, Resize(width=width, height=height, fit=fit)), pixels)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize(("width", "height"), [(10, 7), (30, 5), (7, 25), (3, 3)])
def test_shrinking_averages_the_area_of_each_new_pixel(dtype: type, width: int, height: int) -> None:
    """The mean is weighted by how much of each old pixel the new one covers."""
    random = np.random.default_rng(1)
    pixels = random.integers(0, np.iinfo(dtype).max, (25, 30, 3), dtype, endpoint=True)
    rows, columns = coverage(25, height), coverage(30, width)
    expected = np.einsum("yr,xc,rcb->yxb", rows, columns, pixels)
    result = resize(pixels, Resize(width=width, height=height))
    np.testing.assert_allclose(result.astype(float), expected, atol=1)


def coverage(length: int, wanted: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """How much of each new pixel comes from each old one."""
    edges = np.linspace(0, length, wanted + 1)
    starts, ends = edges[:-1, None], edges[1:, None]
    old = np.arange(length)
    overlap = np.minimum(ends, old + 1) - np.maximum(starts, old)
    return overlap.clip(0) * wanted / length


def test_large_factors_are_averaged_in_halves_first() -> None:
    """Exact halves give the same mean where they go up exactly, one direction or both."""
    random = np.random.default_rng(2)
    pixels = random.integers(0, 256, (64, 96), np.uint8)
    small = resize(pixels, Resize(width=12, height=8))
    expected = pixels.reshape(8, 8, 12, 8).mean(axis=(1, 3))
    np.testing.assert_allclose(small.astype(float), expected, atol=2)
    flat = resize(pixels, Resize(width=6, height=64))
    np.testing.assert_allclose(flat.astype(float), pixels.reshape(64, 6, 16).mean(axis=2), atol=2)


def test_growing_interpolates() -> None:
    """A slope stays a slope, without steps; a flat picture stays flat."""
    slope = np.linspace(0, 250, 26).astype(np.uint8)[None, :].repeat(3, axis=0)
    large = resize(slope, Resize(width=104, height=12)).astype(int)
    assert np.diff(large, axis=1).max() <= 5
    assert np.diff(large, axis=1).min() >= 0
    flat = np.full((3, 5, 4), 99, np.uint8)
    assert (resize(flat, Resize(width=50, height=40)) == 99).all()


def test_cover_cuts_off_equally_on_both_sides() -> None:
    """What is left is the middle."""
    pixels = np.zeros((10, 30), np.uint8)
    pixels[:, 10:20] = 200
    assert (resize(pixels, Resize(width=10, height=10, fit=Fit.COVER)) == 200).all()
    assert (resize(pixels.T, Resize(width=10, height=10, fit=Fit.COVER)) == 200).all()


@settings(deadline=None)
@given(length=st.integers(10, 400), wanted=st.integers(1, 10))
def test_cover_cuts_off_from_the_middle_to_within_a_pixel(length: int, wanted: int) -> None:
    """The middle of what is left is the middle of the picture."""
    slope = np.linspace(0, 60_000, length).astype(np.uint16)[None].repeat(10, axis=0)
    result = resize(slope, Resize(width=wanted, height=wanted, fit=Fit.COVER)).astype(float)
    pixel = 10 / wanted * 60_000 / (length - 1)
    assert abs(result.mean() - 30_000) < pixel + 60_000 / (length - 1)


@pytest.mark.parametrize(
    ("channels", "bar"), [((), 0), ((2,), (0, 0)), ((3,), (0, 0, 0)), ((4,), (0, 0, 0, 0))]
)
def test_contain_puts_the_picture_between_bars(channels: tuple[int, ...], bar: int | tuple[int, ...]) -> None:
    """Black ones, or transparent ones where the picture has an alpha channel."""
    pixels: Pixels = np.full((10, 20, *channels), 255, np.uint8)
    result = resize(pixels, Resize(width=20, height=30, fit=Fit.CONTAIN))
    assert result.shape[:2] == (30, 20)
    assert (result[:10] == bar).all()
    assert (result[10:20] == 255).all()
    assert (result[20:] == bar).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("width", [5, 8, 24])
def test_what_is_transparent_leaves_no_fringe(dtype: type, width: int) -> None:
    """A red disc on transparent green stays red at its edge, whether it shrinks or grows."""
    most = np.iinfo(dtype).max
    pixels: Pixels = np.zeros((16, 16, 4), dtype)
    pixels[..., 1] = most
    pixels[4:12, 3:11] = (0, 0, most, most)
    result = resize(pixels, Resize(width=width, height=width))
    seen = result[..., 3] > 0
    assert seen.any()
    assert (~seen).any()
    assert (result[seen][:, :3] == (0, 0, most)).all()
    assert (result[~seen] == 0).all()


def test_half_transparent_colors_count_half() -> None:
    """The mean of opaque white and of black at a quarter is four parts white."""
    pixels = np.array([[[240, 240, 240, 252], [0, 0, 0, 63]]], np.uint8)
    (result,) = resize(pixels, Resize(width=1, height=1))[0]
    np.testing.assert_allclose(result, (192, 192, 192, 158), atol=1)


def test_long_thin_pictures_are_scaled() -> None:
    """Sides up to the limit work in both directions."""
    line = np.arange(32_768, dtype=np.uint16)[None, :]
    assert resize(line, Resize(width=100, height=1)).shape == (1, 100)
    assert resize(line.T, Resize(width=3, height=32_768)).shape == (32_768, 3)
    assert resize(line[:, :1], Resize(width=32_768, height=1)).shape == (1, 32_768)
