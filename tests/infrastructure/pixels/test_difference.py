"""How much two pictures differ."""

from __future__ import annotations

import math

import numpy as np
import pytest

from infrastructure.pixels.difference import Difference, difference

GRAY = np.full((4, 6), 100, np.uint8)


def test_a_picture_does_not_differ_from_itself() -> None:
    """Its peak signal-to-noise ratio is infinite."""
    assert difference(GRAY, GRAY.copy()) == Difference(0, math.inf)


@pytest.mark.parametrize(("dtype", "largest"), [(np.uint8, 255), (np.uint16, 65_535)])
def test_the_ratio_is_that_of_the_depth(dtype: type, largest: int) -> None:
    """20 log10 of the largest value by the root of the mean square."""
    one: np.ndarray = np.full((4, 6, 3), 7, dtype)
    other = one.copy()
    other[0, 0, 0] = 3
    found = difference(one, other)
    assert found is not None
    assert found.most == 4
    assert found.psnr == pytest.approx(20 * math.log10(largest / math.sqrt(16 / one.size)), abs=1e-6)


@pytest.mark.parametrize(
    "other", [np.zeros((6, 4), np.uint8), np.zeros((4, 6, 3), np.uint8), np.zeros((4, 6), np.uint16)]
)
def test_pictures_of_other_sizes_channels_or_depths_are_not_compared(other: np.ndarray) -> None:
    """There is nothing to subtract."""
    assert difference(GRAY, other) is None
