"""Contrast."""

from dataclasses import dataclass
from math import floor
from typing import Annotated

import cv2

from domain.operations.alpha import split_alpha
from domain.operations.catalogue import Mask, Pixels, operation
from domain.operations.linear import scaled
from domain.operations.parameters import Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    factor: Annotated[float, Parameter("0 is gray, 1 as it is, 2 twice the contrast.", minimum=0, maximum=2)]


def _mean(pixels: Pixels, _: Contrast, mask: Mask) -> int:
    """Of the luma, rounded half up; each pixel counts as far as it is opaque and within the mask."""
    colors, alpha = split_alpha(pixels)
    gray = colors if colors.ndim == 2 else cv2.cvtColor(colors, cv2.COLOR_BGR2GRAY)
    weight = _product(alpha, mask)
    if weight is None:
        return floor(cv2.mean(gray)[0] + 0.5)
    total = cv2.sumElems(weight)[0]
    sum_of_gray = cv2.sumElems(cv2.multiply(gray, weight, dtype=cv2.CV_32F))[0]
    return floor(sum_of_gray / total + 0.5) if total else 0


def _product(alpha: Mask, mask: Mask) -> Mask:
    if alpha is None or mask is None:
        return mask if alpha is None else alpha
    return cv2.multiply(alpha, mask, dtype=cv2.CV_32F)


@operation("contrast", Contrast, measure=_mean, neutral=Contrast(factor=1), scales=True)
def contrast(pixels: Pixels, parameters: Contrast, mean: int) -> Pixels:
    """Make differences smaller or larger: move all values away from the mean of the luma, or towards it.

    As Pillow's ImageEnhance.Contrast. The mean is that of the picture, or of the region where there is one;
    what is transparent does not count in it. Alpha is kept.
    """
    return scaled(pixels, parameters.factor, mean * (1 - parameters.factor))
