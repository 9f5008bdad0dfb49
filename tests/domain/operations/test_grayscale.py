"""Grayscale weighs colours as its method says."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from domain.operations.catalogue import Pixels
from domain.operations.grayscale import Grayscale, Method, grayscale

WEIGHTS = {
    Method.LUMA_601: (0.114, 0.587, 0.299),
    Method.LUMA_709: (0.0722, 0.7152, 0.2126),
    Method.MEAN: (1 / 3, 1 / 3, 1 / 3),
}


@pytest.fixture(params=[np.uint8, np.uint16])
def colors(request: pytest.FixtureRequest) -> Pixels:
    dtype = request.param
    return np.random.default_rng(7).integers(0, np.iinfo(dtype).max, (30, 40, 4), dtype, endpoint=True)


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("channels", [3, 4])
def test_gray_is_the_weighted_sum_of_colors(colors: Pixels, method: Method, channels: int) -> None:
    """The weights are those of the standards, for blue, green, red; rounded to whole levels."""
    gray = grayscale(colors[..., :channels], Grayscale(method=method))
    expected: npt.NDArray[np.float64] = colors[..., :3] @ np.array(WEIGHTS[method])
    shades = gray if channels == 3 else gray[..., 0]
    levels = 1 if colors.dtype == np.uint8 else 3
    np.testing.assert_allclose(shades.astype(float), expected, atol=levels)


def test_alpha_is_kept(colors: Pixels) -> None:
    """Gray and alpha are two channels."""
    result = grayscale(colors, Grayscale())
    assert result.shape == (30, 40, 2)
    np.testing.assert_array_equal(result[..., 1], colors[..., 3])


@pytest.mark.parametrize("method", Method)
def test_white_stays_white_and_gray_stays_gray(method: Method) -> None:
    """Equal parts of red, green and blue are that shade of gray."""
    levels = np.arange(256, dtype=np.uint8)[None, :]
    np.testing.assert_array_equal(grayscale(np.dstack([levels] * 3), Grayscale(method=method)), levels)


def test_what_is_gray_is_not_touched(colors: Pixels) -> None:
    """There are no colours to weigh."""
    for pixels in (colors[..., 0], colors[..., :2]):
        assert grayscale(pixels, Grayscale(method=Method.MEAN)) is pixels
