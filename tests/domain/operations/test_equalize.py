"""Equalization is OpenCV's, of luma, with the statistics of what is seen."""

from __future__ import annotations

import cv2
import numpy as np

from domain.operations.catalogue import Call, Pixels, operations
from domain.operations.equalize import Equalize
from domain.region import Rectangle, Region


def equalized(pixels: Pixels, region: Region | None = None) -> Pixels:
    return Call(operations()["equalize"], Equalize(), region).apply(pixels)


def test_of_gray_it_is_that_of_opencv() -> None:
    """Level by level."""
    pixels = np.random.default_rng(1).normal(120, 20, (80, 90)).clip(0, 255).astype(np.uint8)
    np.testing.assert_array_equal(equalized(pixels), cv2.equalizeHist(pixels))


def test_of_colours_it_is_that_of_their_luma() -> None:
    """As it is done with OpenCV everywhere: to Y'CrCb, and back."""
    pixels = np.random.default_rng(2).integers(60, 120, (80, 90, 3), np.uint8)
    luma, *differences = cv2.split(cv2.cvtColor(pixels, cv2.COLOR_BGR2YCrCb))
    expected = cv2.cvtColor(cv2.merge((cv2.equalizeHist(luma), *differences)), cv2.COLOR_YCrCb2BGR)
    np.testing.assert_array_equal(equalized(pixels), expected)
    alpha = np.full((80, 90), 255, np.uint8)
    opaque = cv2.merge((*cv2.split(pixels), alpha))
    np.testing.assert_array_equal(equalized(opaque), cv2.merge((*cv2.split(expected), alpha)))


def test_16_bits_reach_from_black_to_white() -> None:
    """In as many steps as there are levels."""
    pixels: Pixels = np.arange(1000, 1100, dtype=np.uint16).reshape(10, 10)
    np.testing.assert_allclose(equalized(pixels).ravel(), np.linspace(0, 65_535, 100), atol=1)


def test_hidden_pixels_do_not_count() -> None:
    """And half transparent ones count half."""
    gray = np.array([[10, 20, 20, 90]], np.uint8)
    alpha = np.array([[255, 51, 102, 0]], np.uint8)
    result = equalized(cv2.merge((gray, alpha)))
    np.testing.assert_array_equal(result[0, :3, 0], [0, 255, 255])


def test_a_region_is_equalized_by_its_own_tones() -> None:
    """As if it were a picture of its own."""
    pixels = np.random.default_rng(3).integers(0, 256, (40, 60), np.uint8)
    pixels[:, :30] //= 4
    result = equalized(pixels, Region(Rectangle(0, 0, 30, 40)))
    np.testing.assert_array_equal(result[:, :30], cv2.equalizeHist(pixels[:, :30].copy()))
    assert (result != equalized(pixels))[:, :30].any()
