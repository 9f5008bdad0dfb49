"""Threshold."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import cv2
import numpy as np

from domain.operations.catalogue import Mask, Pixels, operation
from domain.operations.grayscale import Grayscale, grayscale
from domain.operations.levels import histogram, of_depth, top
from domain.operations.parameters import Parameter
from domain.operations.transparency import visibility, with_colors


class Method(StrEnum):
    FIXED = "FIXED"
    OTSU = "OTSU"
    ADAPTIVE = "ADAPTIVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    method: Annotated[
        Method,
        Parameter(
            "White is what is over a level (FIXED), over the level that parts the tones best into two "
            "(OTSU), or over the mean of what is around (ADAPTIVE)."
        ),
    ] = Method.FIXED
    level: Annotated[
        int, Parameter("The level of FIXED.", unit="levels of 8 bits", minimum=0, maximum=255)
    ] = 127
    radius: Annotated[
        int,
        Parameter("How far the square reaches whose mean ADAPTIVE takes.", unit="px", minimum=1, maximum=500),
    ] = 10
    offset: Annotated[
        int,
        Parameter(
            "What ADAPTIVE takes off the mean, so that a flat background is white.",
            unit="levels of 8 bits",
            minimum=-255,
            maximum=255,
        ),
    ] = 5


def _margin(parameters: Threshold) -> int:
    return 2 * parameters.radius if parameters.method is Method.ADAPTIVE else 0


def _gray(pixels: Pixels, parameters: Threshold) -> Pixels:
    """Of ADAPTIVE later: what cannot be seen is first filled with colours."""
    return pixels if parameters.method is Method.ADAPTIVE else grayscale(pixels, Grayscale())


def _level(gray: Pixels, parameters: Threshold, mask: Mask) -> float:
    """In levels of the picture."""
    if parameters.method is not Method.OTSU:
        return of_depth(gray, parameters.level)
    return _otsu(histogram(gray, 0, visibility(gray, mask)))


@operation("threshold", Threshold, margin=_margin, convert=_gray, measure=_level)
def threshold(pixels: Pixels, parameters: Threshold, level: float) -> Pixels:
    """Make what is light white and all else black, in one channel.

    As OpenCV's `threshold` with THRESH_BINARY, with or without THRESH_OTSU (Otsu 1979), and its
    `adaptiveThreshold` with ADAPTIVE_THRESH_MEAN_C, of luma (BT.601). OTSU counts each pixel as much as
    it is visible; to ADAPTIVE what is transparent is the mean of what can be seen near it.
    """
    if parameters.method is Method.ADAPTIVE:
        return with_colors(pixels, lambda colors: _over_mean(colors, parameters), reach=parameters.radius)
    return with_colors(pixels, lambda gray: cv2.threshold(gray, level, top(gray), cv2.THRESH_BINARY)[1])


def _over_mean(colors: Pixels, parameters: Threshold) -> Pixels:
    gray, side = grayscale(colors, Grayscale()), 2 * parameters.radius + 1
    if gray.dtype == np.uint8:
        method, kind = cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY
        return cv2.adaptiveThreshold(gray, 255, method, kind, side, parameters.offset)
    mean = cv2.boxFilter(gray, -1, (side, side), borderType=cv2.BORDER_REPLICATE)
    over = cv2.subtract(gray, mean, dtype=cv2.CV_32S) > -of_depth(gray, parameters.offset)
    return over * np.uint16(top(gray))


def _otsu(counts: Pixels) -> int:
    """The highest level of the dark class, with the classes' means as far apart as their sizes allow."""
    dark = counts.cumsum()
    sums = (counts * np.arange(len(counts))).cumsum()
    light = dark[-1] - dark
    apart = sums[-1] * dark - dark[-1] * sums
    spread = np.divide(apart**2, dark * light, out=np.zeros_like(apart), where=(dark > 0) & (light > 0))
    return int(spread.argmax())
