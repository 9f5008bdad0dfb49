"""Kernels near what is transparent."""

from __future__ import annotations

import numpy as np
import pytest

from domain.operations.catalogue import Pixels
from domain.operations.kernels import SMOOTH, filtered

EDGES = np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]], np.float32)


def noise(*shape: int, dtype: type = np.uint8) -> Pixels:
    most = np.iinfo(dtype).max
    return np.random.default_rng(3).integers(0, most, shape, dtype, endpoint=True)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("colors", [1, 3])
@pytest.mark.parametrize("kernel", [SMOOTH, EDGES, np.full((5, 5), 0.04, np.float32)])
def test_each_neighbour_differs_as_far_as_it_is_opaque(dtype: type, colors: int, kernel: Pixels) -> None:
    """The sum goes over the differences to the middle, weighted by alpha; in bands or at once."""
    pixels = noise(150, 9, colors + 1, dtype=dtype)
    pixels[::7, ::2, -1] = np.iinfo(dtype).max
    pixels[20:100, :, -1] = np.iinfo(dtype).max
    rim = len(kernel) // 2
    samples, alpha = pixels.astype(float), pixels[..., -1] / np.iinfo(dtype).max
    inner = np.s_[rim:-rim, rim:-rim]
    expected = samples[inner] * kernel.sum()
    for row, column in np.ndindex(kernel.shape):
        around = np.s_[row : row + 150 - 2 * rim, column : column + 9 - 2 * rim]
        difference = (samples[around] - samples[inner]) * alpha[around][..., None]
        expected += kernel[row, column] * difference
    expected = expected.clip(0, np.iinfo(dtype).max)
    result = filtered(pixels, kernel)
    np.testing.assert_allclose(result[inner][..., :-1], expected[..., :-1], atol=0.6)
    np.testing.assert_array_equal(result[..., -1], pixels[..., -1])


def test_a_picture_that_is_opaque_does_not_know_its_alpha() -> None:
    """To the last level, also where another part of it is transparent."""
    pixels = noise(200, 30, 4)
    pixels[..., 3] = 255
    plain = filtered(np.ascontiguousarray(pixels[..., :3]), SMOOTH)
    np.testing.assert_array_equal(filtered(pixels, SMOOTH)[..., :3], plain)
    pixels[100, 10, 3] = 0
    result = filtered(pixels, SMOOTH)[..., :3]
    differs = np.argwhere((result != plain).any(axis=2))
    assert len(differs)
    assert np.abs(differs - (100, 10)).max() <= 1


def test_what_is_flat_has_no_fringe() -> None:
    """A red disc on clear green is red all over, however it is smoothed."""
    pixels = np.full((20, 20, 4), (0, 255, 0, 0), np.uint8)
    pixels[5:15, 5:15] = (0, 0, 255, 255)
    result = filtered(pixels, SMOOTH)
    assert (result[5:15, 5:15] == (0, 0, 255, 255)).all()
