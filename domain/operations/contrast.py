"""Contrast."""

from dataclasses import dataclass
from math import floor
from typing import Annotated

import cv2

from domain.operations.catalogue import Mask, Pixels, operation
from domain.operations.linear import scaled
from domain.operations.parameters import Parameter
from domain.operations.transparency import visibility


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    factor: Annotated[float, Parameter("0 is gray, 1 as it is, 2 twice the contrast.", minimum=0, maximum=2)]


def _mean(pixels: Pixels, _: Contrast, mask: Mask) -> int:
    """Of the luma, rounded half up; each pixel counts as far as it is opaque and within the mask."""
    gray = _luma(pixels)
    weight = visibility(pixels, mask)
    if weight is None:
        return floor(cv2.mean(gray)[0] + 0.5)
    total = cv2.sumElems(weight)[0]
    sum_of_gray = cv2.sumElems(cv2.multiply(gray, weight, dtype=cv2.CV_32F))[0]
    return floor(sum_of_gray / total + 0.5) if total else 0


def _luma(pixels: Pixels) -> Pixels:
    if pixels.ndim == 2:
        return pixels
    if pixels.shape[2] == 2:
        return cv2.extractChannel(pixels, 0)
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY if pixels.shape[2] == 3 else cv2.COLOR_BGRA2GRAY)


@operation("contrast", Contrast, measure=_mean, neutral=Contrast(factor=1), scales=True)
def contrast(pixels: Pixels, parameters: Contrast, mean: int) -> Pixels:
    """Make differences smaller or larger: move all values away from the mean of the luma, or towards it.

    As Pillow's ImageEnhance.Contrast. The mean is that of the picture, or of the region where there is one;
    what is transparent does not count in it. Alpha is kept.
    """
    return scaled(pixels, parameters.factor, mean * (1 - parameters.factor))
