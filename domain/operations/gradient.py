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

_ROWS: Final = 32
"""Worked on at once, so that they stay in the processor's cache."""


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
    """In strips with a row of their neighbours, on either side where there is one."""
    result = np.empty_like(luma)
    for top in range(0, len(luma), _ROWS):
        before = min(top, 1)
        strip = luma[top - before : top + _ROWS + 1]
        own = slice(before, before + _ROWS)
        length = _length(cv2.Sobel(strip, cv2.CV_32F, 1, 0)[own], cv2.Sobel(strip, cv2.CV_32F, 0, 1)[own])
        result[top : top + _ROWS] = _scaled(length, scale, luma)
    return result


def _length(across: Pixels, down: Pixels) -> Pixels:
    """In place. Rounded step by step, and so the same wherever it lies in memory; cv2.magnitude is not."""
    across *= across
    down *= down
    across += down
    return np.sqrt(across, out=across)


def _scaled(length: Pixels, scale: float, luma: Pixels) -> Pixels:
    """To whole levels, as far as the depth reaches."""
    if luma.dtype == np.uint8:
        return cv2.convertScaleAbs(length, alpha=scale)
    length *= np.float32(scale)
    np.rint(length, out=length)
    return np.minimum(length, np.float32(np.iinfo(luma.dtype).max), out=length)
