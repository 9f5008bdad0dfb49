"""Thresholds are OpenCV's, of luma."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from domain.operations.catalogue import Call, Pixels, operations
from domain.operations.threshold import Method, Threshold
from domain.region import Rectangle, Region


def parted(pixels: Pixels, region: Region | None = None, **parameters: object) -> Pixels:
    return Call(operations()["threshold"], Threshold(**parameters), region).apply(pixels)  # type: ignore[arg-type]  # any of them


@pytest.fixture
def two_tones() -> Pixels:
    """Dark things on a light ground that grows lighter to the right."""
    random = np.random.default_rng(1)
    things = cv2.resize(
        random.integers(0, 2, (8, 10), np.uint8) * 70, (80, 64), interpolation=cv2.INTER_NEAREST
    )
    ground: Pixels = np.linspace(60, 120, 80)[None, :] + things + random.normal(0, 5, (64, 80))
    return ground.astype(np.uint8)


def test_white_is_what_is_over_the_level() -> None:
    """In both depths, by levels of 8 bits."""
    pixels = np.array([[9, 10, 11]], np.uint8)
    np.testing.assert_array_equal(parted(pixels, level=10), [[0, 0, 255]])
    np.testing.assert_array_equal(parted(pixels * np.uint16(257), level=10), [[0, 0, 65_535]])


def test_otsu_is_that_of_opencv(two_tones: Pixels) -> None:
    """Also of colours, by their luma, and of a picture with alpha, all of which is visible."""
    expected = cv2.threshold(two_tones, 0, 255, cv2.THRESH_OTSU)[1]
    np.testing.assert_array_equal(parted(two_tones, method=Method.OTSU), expected)
    np.testing.assert_array_equal(parted(cv2.merge((two_tones,) * 3), method=Method.OTSU), expected)
    opaque = cv2.merge((two_tones, np.full_like(two_tones, 255)))
    np.testing.assert_array_equal(parted(opaque, method=Method.OTSU)[..., 0], expected)
    deep = parted(two_tones * np.uint16(257), method=Method.OTSU)
    np.testing.assert_array_equal(deep // 257, expected)


def test_a_region_has_a_level_of_its_own(two_tones: Pixels) -> None:
    """As if it were a picture of its own."""
    two_tones[:, 40:] = 255
    region = Region(Rectangle(0, 0, 40, 64))
    result = parted(two_tones, region, method=Method.OTSU)[:, :40]
    expected = cv2.threshold(two_tones[:, :40].copy(), 0, 255, cv2.THRESH_OTSU)[1]
    np.testing.assert_array_equal(result, expected)
    assert (result != parted(two_tones, method=Method.OTSU)[:, :40]).any()


@pytest.mark.parametrize("offset", [-4, 0, 7])
def test_adaptive_is_that_of_opencv(two_tones: Pixels, offset: int) -> None:
    """The mean of 16 bits is finer by less than a level."""
    method, kind = cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY
    expected = cv2.adaptiveThreshold(two_tones, 255, method, kind, 11, offset)
    result = parted(two_tones, method=Method.ADAPTIVE, radius=5, offset=offset)
    np.testing.assert_array_equal(result, expected)
    deep = parted(two_tones * np.uint16(257), method=Method.ADAPTIVE, radius=5, offset=offset)
    assert set(np.unique(deep)) == {0, 65_535}
    assert np.mean(deep // 257 == expected) > 0.95
