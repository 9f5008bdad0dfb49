"""The unsharp mask is Pillow's, with a true Gaussian."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageFilter

from domain.operations.catalogue import Pixels
from domain.operations.unsharp_mask import UnsharpMask, unsharp_mask


@pytest.mark.parametrize("threshold", [0, 4])
@pytest.mark.parametrize("sigma", [1, 3])
def test_it_is_near_to_that_of_pillow(sigma: int, threshold: int) -> None:
    """Pillow's blur is made of boxes, so that levels differ a little; most are the same within three."""
    rough = np.random.default_rng(1).integers(0, 256, (12, 16, 3), np.uint8)
    pixels = cv2.resize(rough, (160, 120), interpolation=cv2.INTER_CUBIC)
    result = unsharp_mask(pixels, UnsharpMask(sigma=sigma, amount=1.5, threshold=threshold))
    pillow = ImageFilter.UnsharpMask(radius=sigma, percent=150, threshold=threshold)
    inner = np.s_[10:-10, 10:-10]  # beyond the border, Pillow repeats the last pixel
    expected = np.asarray(Image.fromarray(pixels).filter(pillow))[inner]
    differences = np.abs(result[inner].astype(int) - expected)
    assert np.mean(differences <= 3) > 0.95
    assert np.abs(expected.astype(int) - pixels[inner]).max() > 10


def test_small_differences_are_left_alone() -> None:
    """A threshold is in levels of 8 bits, whatever the depth."""
    pixels: Pixels = np.full((9, 9), 100, np.uint8)
    pixels[4, 4] = 110
    for picture in (pixels, pixels * np.uint16(257)):
        left = unsharp_mask(picture, UnsharpMask(sigma=1, threshold=12))
        np.testing.assert_array_equal(left, picture)
        sharper = unsharp_mask(picture, UnsharpMask(sigma=1, threshold=5))
        assert sharper[4, 4] > picture[4, 4]
        assert (sharper == picture).sum() == 80
