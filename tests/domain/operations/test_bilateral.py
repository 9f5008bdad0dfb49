"""The bilateral filter is OpenCV's, in both depths."""

from __future__ import annotations

import cv2
import numpy as np

from domain.operations.bilateral import Bilateral, bilateral
from domain.operations.catalogue import Pixels


def test_it_is_that_of_opencv() -> None:
    """With the distance that follows from the sigma."""
    pixels = np.random.default_rng(1).integers(0, 256, (30, 40, 3), np.uint8)
    result = bilateral(pixels, Bilateral(sigma_color=50, sigma_space=2))
    np.testing.assert_array_equal(result, cv2.bilateralFilter(pixels, 7, 50, 2))


def test_16_bits_give_the_same_in_finer_steps() -> None:
    """Sigmas are in levels of 8 bits in both."""
    pixels = np.random.default_rng(2).integers(0, 256, (30, 40, 3), np.uint8)
    parameters = Bilateral(sigma_color=50, sigma_space=2)
    deep = bilateral(pixels * np.uint16(257), parameters) / 257
    np.testing.assert_allclose(deep, bilateral(pixels, parameters).astype(float), atol=1)


def test_noise_goes_and_edges_stay() -> None:
    """The levels of each half come nearer to each other, not to the other half."""
    random = np.random.default_rng(3)
    noisy: Pixels = np.where(np.arange(40) < 20, 60, 180) + random.integers(-9, 10, (40, 40))
    result = bilateral(noisy.astype(np.uint8), Bilateral(sigma_color=30, sigma_space=3))
    assert result[:, :20].std() < noisy[:, :20].std() / 2
    assert result[:, 19].max() < 80
    assert result[:, 20].min() > 160
