"""Canny's edges are OpenCV's."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from domain.errors import InvalidInput
from domain.operations.canny import Aperture, Canny, canny


@pytest.mark.parametrize(("aperture", "side"), [(Aperture.THREE, 3), (Aperture.FIVE, 5), (Aperture.SEVEN, 7)])
def test_edges_are_those_of_opencv(aperture: Aperture, side: int) -> None:
    """Of luma, white on black, in either depth."""
    rough = np.random.default_rng(1).integers(0, 256, (6, 8, 3), np.uint8)
    pixels = cv2.resize(rough, (80, 60), interpolation=cv2.INTER_CUBIC)
    gray = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    low, high = 30 * 4 ** (side // 2), 60 * 4 ** (side // 2)
    expected = cv2.Canny(gray, low, high, apertureSize=side)
    parameters = Canny(low=low, high=high, aperture=aperture)
    assert 0 < (expected > 0).mean() < 0.5
    np.testing.assert_array_equal(canny(pixels, parameters), expected)
    np.testing.assert_array_equal(canny(gray * np.uint16(257), parameters), expected * np.uint16(257))


def test_the_edge_of_what_can_be_seen_is_no_edge() -> None:
    """A red square on hidden white has no outline."""
    pixels = np.full((20, 20, 4), (255, 255, 255, 0), np.uint8)
    pixels[5:15, 5:15] = (0, 0, 255, 255)
    edges = canny(pixels, Canny())
    assert (edges[5:15, 5:15, 0] == 0).all()


def test_an_edge_begins_where_it_could_go_on() -> None:
    """The limits the wrong way round are refused, with what was wrong."""
    with pytest.raises(InvalidInput, match="must not be over high; these are 300 and 200"):
        Canny(low=300)
