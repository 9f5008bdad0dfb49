"""Gradient."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

import cv2
import numpy as np

from domain.operations.catalogue import Pixels, operation
from domain.operations.grayscale import Grayscale, grayscale
from domain.operations.parameters import Parameter
from domain.operations.premultiplication import alpha_of


class Derivative(StrEnum):
    X = "X"
    Y = "Y"
    MAGNITUDE = "MAGNITUDE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gradient:
    axis: Annotated[
        Derivative,
        Parameter(
            "The derivative to the right, which shows vertical edges (X), the one downwards, which shows "
            "horizontal edges (Y), or how steep it is in any direction (MAGNITUDE)."
        ),
    ] = Derivative.MAGNITUDE
    scale: Annotated[
        float, Parameter("Levels shown for a change of one level a pixel.", minimum=0.1, maximum=100)
    ] = 1.0


_WEIGHT: Final = 1 / 8
"""Sobel's kernel sums up a slope of one level a pixel to 8."""


@operation("gradient", Gradient, margin=lambda _: 1)
def gradient(pixels: Pixels, parameters: Gradient) -> Pixels:
    """Show how a picture changes from pixel to pixel, in shades of gray.

    The derivative is that of luma (BT.601), by the 3 x 3 operator of Sobel and Feldman (1968; cv2.Sobel),
    divided by 8, so that it is in levels a pixel. X and Y are shown around the middle, 128 of 255 (32,768
    of 65,535): brighter where the picture becomes brighter to the right or downwards, darker where it
    becomes darker. With a scale of 1 no value is cut off; value - 128 is the derivative. MAGNITUDE is the
    length of both, from 0. Beyond its edge the picture is mirrored. What is transparent counts as over
    black; transparency is kept.
    """
    alpha = alpha_of(pixels)
    gray = grayscale(pixels, Grayscale())
    if gray.ndim == 2:
        return _derived(gray, parameters)
    luma, kept = cv2.split(gray)
    if alpha is not None:
        luma = cv2.multiply(luma, alpha, scale=1 / float(np.iinfo(pixels.dtype).max))
    return cv2.merge((_derived(luma, parameters), kept))


def _derived(luma: Pixels, parameters: Gradient) -> Pixels:
    scale = parameters.scale * _WEIGHT
    middle = int(np.iinfo(luma.dtype).max) // 2 + 1
    match parameters.axis:
        case Derivative.X:
            return cv2.Sobel(luma, -1, 1, 0, scale=scale, delta=middle)
        case Derivative.Y:
            return cv2.Sobel(luma, -1, 0, 1, scale=scale, delta=middle)
        case Derivative.MAGNITUDE:
            return _magnitude(luma, scale)


def _magnitude(luma: Pixels, scale: float) -> Pixels:
    """Rounded step by step, and so the same wherever it lies in memory; cv2.magnitude is not."""
    across, down = cv2.Sobel(luma, cv2.CV_32F, 1, 0), cv2.Sobel(luma, cv2.CV_32F, 0, 1)
    np.multiply(across, across, out=across)
    np.multiply(down, down, out=down)
    length = np.sqrt(np.add(across, down, out=across), out=across)
    if luma.dtype == np.uint8:
        return cv2.convertScaleAbs(length, alpha=scale)
    np.rint(np.multiply(length, scale, out=length), out=length)
    return np.minimum(length, np.iinfo(luma.dtype).max, out=length).astype(luma.dtype)
