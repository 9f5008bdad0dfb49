"""Operations on each pixel by itself: what they make of known colours."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from domain.operations.catalogue import Pixels
from domain.operations.gamma import Gamma, gamma
from domain.operations.hue_saturation import HueSaturation, hue_saturation
from domain.operations.invert import Invert, invert
from domain.operations.sepia import Sepia, sepia

RED, GREEN, BLUE, WHITE = (0, 0, 255), (0, 255, 0), (255, 0, 0), (255, 255, 255)


def one(color: tuple[int, ...]) -> Pixels:
    return np.array([[color]], np.uint8)


def test_inverted_is_what_pillow_inverts() -> None:
    """And inverted twice is what it was, in either depth."""
    pixels = np.random.default_rng(1).integers(0, 256, (9, 9, 3), np.uint8)
    np.testing.assert_array_equal(
        invert(pixels, Invert()), np.asarray(ImageOps.invert(Image.fromarray(pixels)))
    )
    deep: Pixels = np.array([[[0, 7], [65_535, 8]]], np.uint16)
    np.testing.assert_array_equal(invert(deep, Invert()), [[[65_535, 7], [0, 8]]])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_gamma_is_the_power_of_its_inverse(dtype: type) -> None:
    """Black and white stay; over 1 lightens."""
    top = np.iinfo(dtype).max
    levels: Pixels = np.linspace(0, top, 256).astype(dtype)[None, :]
    result = gamma(levels, Gamma(gamma=2.2)).astype(float)
    np.testing.assert_allclose(result, top * (levels / top) ** (1 / 2.2), atol=0.51)
    assert (gamma(levels, Gamma(gamma=0.5)) <= levels).all()


@pytest.mark.parametrize("amount", [1, 0.5])
def test_sepia_is_that_of_css(amount: float) -> None:
    """Of red, the specification gives 0.393 to red, 0.349 to green and 0.272 to blue."""
    result = sepia(one(RED), Sepia(amount=amount))[0, 0]
    brown = 255 * np.array([0.272, 0.349, 0.393])
    np.testing.assert_allclose(result, brown * amount + np.array(RED) * (1 - amount), atol=0.51)


def test_gray_becomes_brown_as_the_same_colours_do() -> None:
    """A gray picture becomes one in colours, with its alpha."""
    shades = np.arange(256, dtype=np.uint8)[None, :]
    colors = sepia(cv2.merge((shades,) * 3), Sepia())
    np.testing.assert_allclose(sepia(shades, Sepia()).astype(int), colors.astype(int), atol=1)
    assert sepia(cv2.merge((shades, shades)), Sepia()).shape == (1, 256, 4)


def test_hues_are_turned_as_css_turns_them() -> None:
    """Red by 120 degrees is a green of the same luma; a gray stays."""
    turned = hue_saturation(one(RED), HueSaturation(hue=120))[0, 0]
    assert turned[1] > turned[2]
    assert turned[1] > turned[0]
    np.testing.assert_allclose(hue_saturation(one(WHITE), HueSaturation(hue=77)), one(WHITE))
    there = hue_saturation(one((100, 120, 140)), HueSaturation(hue=50))
    np.testing.assert_allclose(
        hue_saturation(there, HueSaturation(hue=-50)).astype(int), [[[100, 120, 140]]], atol=1
    )


def test_without_saturation_all_is_gray() -> None:
    """Of the luma that the specification gives to red, green and blue."""
    for color, luma in ((RED, 0.213), (GREEN, 0.715), (BLUE, 0.072)):
        gray = hue_saturation(one(color), HueSaturation(saturation=0))
        np.testing.assert_allclose(gray[0, 0], [255 * luma] * 3, atol=0.51)


@pytest.mark.parametrize("channels", [(), (3,)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_lightness_mixes_with_black_or_white(dtype: type, channels: tuple[int, ...]) -> None:
    """All the way at either end, half way between."""
    top = np.iinfo(dtype).max
    pixels: Pixels = np.full((1, 1, *channels), top // 5, dtype)
    for lightness, expected in ((-1, 0), (-0.5, top / 10), (0.5, top * 3 / 5), (1, top)):
        result = hue_saturation(pixels, HueSaturation(lightness=lightness))
        np.testing.assert_allclose(result.astype(float), expected, atol=1)
