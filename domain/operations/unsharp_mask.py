"""Unsharp mask."""

from dataclasses import dataclass
from math import ceil, floor
from typing import Annotated

import cv2
import numpy as np

from domain.operations.catalogue import Pixels, operation
from domain.operations.levels import of_depth
from domain.operations.parameters import Parameter
from domain.operations.transparency import with_colors


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsharpMask:
    sigma: Annotated[
        float,
        Parameter("How far the blur reaches that is taken off.", unit="px", minimum=0.1, maximum=100),
    ] = 2.0
    amount: Annotated[float, Parameter("How much sharper; 0 is not at all.", minimum=0, maximum=5)] = 1.5
    threshold: Annotated[
        float,
        Parameter(
            "The difference from the blur up to which nothing is changed, such as that of noise.",
            unit="levels of 8 bits",
            minimum=0,
            maximum=255,
        ),
    ] = 3.0


def _radius(parameters: UnsharpMask) -> int:
    return ceil(3 * parameters.sigma)


@operation(
    "unsharp_mask",
    UnsharpMask,
    margin=lambda parameters: 2 * _radius(parameters),
    neutral=UnsharpMask(amount=0),
    scales=True,
)
def unsharp_mask(pixels: Pixels, parameters: UnsharpMask) -> Pixels:
    """Sharpen: add to each pixel how much it differs from a blurred copy of the picture.

    As Pillow's ImageFilter.UnsharpMask (its radius is the sigma, its percent 100 times the amount), but
    with a true Gaussian of three sigmas to each side. Each channel by itself. What is transparent counts
    as the mean of what can be seen near it.
    """
    if parameters.amount == 0:
        return pixels
    return with_colors(pixels, lambda colors: _sharpened(colors, parameters), reach=_radius(parameters))


def _sharpened(colors: Pixels, parameters: UnsharpMask) -> Pixels:
    side = 2 * _radius(parameters) + 1
    blurred = cv2.GaussianBlur(colors, (side, side), parameters.sigma)
    sharp = cv2.addWeighted(colors, 1 + parameters.amount, blurred, -parameters.amount, 0)
    if parameters.threshold == 0:
        return sharp
    near = cv2.absdiff(colors, blurred) <= floor(of_depth(colors, parameters.threshold))
    return cv2.copyTo(colors, near.view(np.uint8), sharp)
