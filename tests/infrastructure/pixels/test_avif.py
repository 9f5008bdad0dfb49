"""AVIF of more than 8 bits is decoded over the whole range."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from domain.header import MediaType
from infrastructure.pixels.codec import decode
from tests.infrastructure.pixels.files import header_of, picture, with_alpha


@pytest.mark.parametrize("depth", [10, 12])
@pytest.mark.parametrize("alpha", [False, True])
def test_deep_samples_are_spread_over_sixteen_bits(depth: int, *, alpha: bool) -> None:
    """OpenCV hands out 10 and 12 bits as they are: white would be almost black."""
    pixels = picture().astype(np.uint16) * 257
    if alpha:
        pixels = with_alpha(pixels)
    parameters = (cv2.IMWRITE_AVIF_DEPTH, depth, cv2.IMWRITE_AVIF_QUALITY, 100, cv2.IMWRITE_AVIF_SPEED, 9)
    done, content = cv2.imencode(".avif", pixels >> (16 - depth), parameters)
    assert done
    result = decode(content.tobytes(), header_of(MediaType.AVIF, pixels))
    assert result.dtype == np.uint16
    assert result.max() > 65_000
    assert np.abs(result.astype(int) - pixels.astype(int)).mean() < 1000
