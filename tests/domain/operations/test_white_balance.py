"""White balance takes a tint away, by the statistics of what is seen."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from domain.operations.catalogue import Call, Pixels, operations
from domain.operations.white_balance import Method, WhiteBalance
from domain.region import Rectangle, Region


def balanced(pixels: Pixels, method: Method = Method.GRAY_WORLD, region: Region | None = None) -> Pixels:
    return Call(operations()["white_balance"], WhiteBalance(method=method), region).apply(pixels)


@pytest.fixture(params=[np.uint8, np.uint16])
def tinted(request: pytest.FixtureRequest) -> Pixels:
    """Shades of gray in the light of a lamp."""
    top = np.iinfo(request.param).max
    shades = np.random.default_rng(1).integers(top // 10, top // 2, (60, 60)).astype(float)
    pixels: Pixels = np.dstack([shades * 0.5, shades * 0.8, shades])
    return pixels.astype(request.param)


def test_the_means_of_the_colours_become_the_same(tinted: Pixels) -> None:
    """Which makes gray of what was gray, as light as it was."""
    result = balanced(tinted)
    means = np.array(cv2.mean(result)[:3])
    np.testing.assert_allclose(means, tinted.mean(), rtol=0.01)


def test_what_is_lightest_becomes_white(tinted: Pixels) -> None:
    """All but one pixel in a hundred are at most white."""
    result = balanced(tinted, Method.WHITE_PATCH)
    white = np.iinfo(tinted.dtype).max
    assert [round(np.mean(plane == white), 2) for plane in cv2.split(result)] == pytest.approx(
        [0.01] * 3, abs=0.01
    )
    assert result.min() < white / 3


@pytest.mark.parametrize("method", Method)
def test_hidden_pixels_do_not_count(tinted: Pixels, method: Method) -> None:
    """Nor are colours out of thin air where there are none."""
    alpha = np.full((60, 60), np.iinfo(tinted.dtype).max, tinted.dtype)
    with_hidden = cv2.merge((*cv2.split(tinted), alpha))
    with_hidden[:20] = (np.iinfo(tinted.dtype).max, 0, 0, 0)
    expected = balanced(tinted[20:].copy(), method)
    np.testing.assert_allclose(
        balanced(with_hidden, method)[20:, :, :3].astype(int), expected.astype(int), atol=1
    )
    with_hidden[..., 3] = 0
    np.testing.assert_array_equal(balanced(with_hidden, method)[..., 3], 0)


@pytest.mark.parametrize("method", Method)
def test_a_region_is_balanced_by_its_own_colours(tinted: Pixels, method: Method) -> None:
    """As if it were a picture of its own."""
    tinted[:, 30:, 0] *= 2
    result = balanced(tinted, method, Region(Rectangle(0, 0, 30, 60)))
    expected = balanced(tinted[:, :30].copy(), method)
    np.testing.assert_allclose(result[:, :30].astype(int), expected.astype(int), atol=1)
    assert (result != balanced(tinted, method))[:, :30].any()
