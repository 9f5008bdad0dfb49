"""Channels and depths are changed without loss beyond rounding."""

from __future__ import annotations

import numpy as np
import pytest

from domain.operations.catalogue import Pixels
from infrastructure.pixels.channels import opaque, straight, three_or_four, to_8_bit, unsigned
from tests.infrastructure.pixels.files import picture, with_alpha


def test_sixteen_bits_are_rounded_to_eight() -> None:
    """Every level comes from the nearest of 65,536."""
    deep = np.arange(65_536, dtype=np.uint16)[None, :]
    np.testing.assert_array_equal(to_8_bit(deep), np.rint(deep / 257).astype(np.uint8))
    np.testing.assert_array_equal(to_8_bit(picture()), picture())


def test_what_is_transparent_shows_white() -> None:
    """Opaque colours stay, transparent ones are white, others are mixed."""
    pixels = with_alpha(picture())
    alpha = pixels[..., 3:] / 255
    expected = pixels[..., :3] * alpha + 255 * (1 - alpha)
    np.testing.assert_allclose(opaque(pixels).astype(float), expected, atol=1)
    gray = pixels[..., [0, 3]]
    np.testing.assert_allclose(opaque(gray).astype(float), expected[..., 0], atol=1)
    np.testing.assert_array_equal(opaque(picture()), picture())
    assert opaque(gray).ndim == 2


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("channels", [[0, 1, 2, 3], [0, 3]])
@pytest.mark.parametrize("background", ["#ff8000", "#777777", "#000000"])
def test_what_is_transparent_shows_its_background(
    background: str, channels: list[int], *, deep: bool
) -> None:
    """In every depth; gray on a colour becomes colour."""
    pixels = with_alpha(picture().astype(np.uint16) * 257 if deep else picture())[..., channels]
    most = 65_535 if deep else 255
    behind = np.array([*bytes.fromhex(background[1:])][::-1]) * (most // 255)
    alpha = pixels[..., -1:] / most
    expected = np.rint(pixels[..., :-1] * alpha + behind * (1 - alpha))
    if len(channels) == 2 and background != "#ff8000":
        expected = expected[..., 0]
    result = opaque(pixels, background)
    assert result.dtype == pixels.dtype
    assert result.shape == expected.shape
    np.testing.assert_allclose(result.astype(int), expected, atol=1)


def test_gray_and_alpha_become_four_channels() -> None:
    """Encoders know one, three and four."""
    pixels = with_alpha(picture())[..., [0, 3]]
    np.testing.assert_array_equal(three_or_four(pixels), pixels[..., [0, 0, 0, 1]])


@pytest.mark.parametrize("most", [255, 65_535])
def test_colors_that_were_multiplied_by_alpha_are_divided_by_it(most: int) -> None:
    """Where alpha is nothing, no colour can be known, and it is black."""
    dtype = np.uint8 if most == 255 else np.uint16
    colors = np.array([[[most // 2, most // 4, most, most], [most // 2] * 4, [0, 0, 0, 0]]], dtype)
    expected = [[[most // 2, most // 4, most, most], [most, most, most, most // 2], [0, 0, 0, 0]]]
    np.testing.assert_allclose(straight(colors).astype(int), expected, atol=1)


@pytest.mark.parametrize("bits", [8, 16, 32, 64])
@pytest.mark.parametrize("kind", ["i", "u"])
def test_integers_keep_their_order(kind: str, bits: int) -> None:
    """The least value is black, the greatest white, the middle in the middle."""
    dtype = np.dtype(f"{kind}{bits // 8}")
    least, most = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    result = unsigned(np.array([[least, (least + most + 1) // 2, most]], dtype))
    top = 255 if bits == 8 else 65_535
    assert result.dtype == (np.uint8 if bits == 8 else np.uint16)
    np.testing.assert_array_equal(result, [[0, (top + 1) // 2, top]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_go_from_nothing_to_one(dtype: type) -> None:
    """What is beyond, or no number, is black or white."""
    values: Pixels = np.array([[-np.inf, -1, 0, 0.5, 1, 2, np.inf, np.nan]], dtype)
    np.testing.assert_array_equal(unsigned(values), [[0, 0, 0, 32_768, 65_535, 65_535, 65_535, 0]])
