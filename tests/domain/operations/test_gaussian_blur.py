"""Gaussian blur is the weighted mean of neighbours, each channel by itself."""

from __future__ import annotations

from math import ceil

import numpy as np
import numpy.typing as npt
import pytest

from domain.operations.catalogue import Pixels
from domain.operations.gaussian_blur import GaussianBlur, gaussian_blur


def exact(pixels: Pixels, sigma: float) -> npt.NDArray[np.float64]:
    """By definition: a Gaussian that ends at 3 sigma, the picture mirrored beyond its edge."""
    radius = ceil(3 * sigma)
    weights = np.exp(-np.square(np.arange(-radius, radius + 1)) / (2 * sigma**2))
    weights /= weights.sum()
    result = pixels.astype(np.float64)
    for axis in (0, 1):
        around = [(radius, radius) if side == axis else (0, 0) for side in range(pixels.ndim)]
        padded = np.pad(result, around, mode="symmetric")
        result = np.apply_along_axis(np.convolve, axis, padded, weights, mode="valid")
    return result


def picture(dtype: type) -> Pixels:
    """Sharp edges, a slope and noise."""
    random = np.random.default_rng(5)
    levels = random.integers(0, 60, (90, 131))
    levels[20:60, 30:80] += 190
    levels[:, 100:] += np.arange(90)[:, None]
    return levels.astype(dtype) * (np.iinfo(dtype).max // 255)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("sigma", [0.5, 2, 10, 10.5, 24, 60, 200])
def test_it_is_the_gaussian(sigma: float, dtype: type) -> None:
    """Also where a smaller copy is blurred: by at least 45 dB, and nowhere far off."""
    pixels = picture(dtype)
    result = gaussian_blur(pixels, GaussianBlur(sigma=sigma))
    assert result.dtype == dtype
    difference = (result - exact(pixels, sigma)) / (np.iinfo(dtype).max // 255)
    assert 10 * np.log10(255**2 / np.mean(np.square(difference))) >= 45
    assert np.abs(difference).max() < 3


@pytest.mark.parametrize("sigma", [2, 30])
def test_colours_are_not_mixed(sigma: float) -> None:
    """What is pure red is pure red after it."""
    pixels = np.zeros((50, 50, 3), np.uint8)
    pixels[10:30, 10:30, 2] = 255
    result = gaussian_blur(pixels, GaussianBlur(sigma=sigma))
    assert result[..., :2].max() == 0
    assert 0 < result[..., 2].max() <= 255


@pytest.mark.parametrize("sigma", [3, 30])
def test_what_is_transparent_gives_no_colour(sigma: float) -> None:
    """White beside hidden black fades, and does not darken."""
    pixels = np.zeros((40, 40, 4), np.uint8)
    pixels[:, 20:] = 255
    result = gaussian_blur(pixels, GaussianBlur(sigma=sigma))
    assert (result[result[..., 3] > 0][:, :3] == 255).all()
    assert len(np.unique(result[..., 3])) > 10


def test_the_least_sigmas_change_nothing() -> None:
    """Nor do they divide by nothing."""
    pixels = picture(np.uint16)
    for sigma in (0, 1e-300, 0.0999, 0.1):
        np.testing.assert_array_equal(gaussian_blur(pixels, GaussianBlur(sigma=sigma)), pixels)
