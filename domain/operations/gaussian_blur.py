"""Gaussian blur."""

from dataclasses import dataclass
from math import ceil, sqrt
from typing import Annotated, Final

import cv2

from domain.operations.catalogue import Pixels, operation
from domain.operations.parameters import Parameter
from domain.operations.premultiplication import seen


@dataclass(frozen=True, slots=True, kw_only=True)
class GaussianBlur:
    sigma: Annotated[
        float, Parameter("The standard deviation of the Gaussian.", unit="px", minimum=0, maximum=200)
    ] = 2.0


LEAST: Final = 0.1
"""The sigma below which neighbours weigh less than what is rounded off, in 16 bits too."""

WIDE: Final = 10.0
"""The sigma beyond which a picture is blurred smaller: it is left with no detail that would be lost."""

_FINE: Final = 5.0
"""The sigma, in pixels of the smaller copy, that it is at least blurred by."""


def _margin(parameters: GaussianBlur) -> int | None:
    if parameters.sigma < LEAST:
        return 0
    return ceil(3 * parameters.sigma) if parameters.sigma <= WIDE else None


@operation("gaussian_blur", GaussianBlur, margin=_margin, neutral=GaussianBlur(sigma=0), scales=True)
def gaussian_blur(pixels: Pixels, parameters: GaussianBlur) -> Pixels:
    """Blur a picture, each channel by itself: a low-pass filter.

    The Gaussian ends at 3 sigma; beyond its edge the picture is mirrored. A sigma over 10 px is applied to
    a smaller copy, which is then enlarged; the results differ by less than a level in the mean (over 45 dB,
    PSNR). Colours are weighted by their alpha, so that what is transparent gives no colour to its
    surroundings.
    """
    if parameters.sigma < LEAST:
        return pixels
    return seen(pixels, lambda plane: _blurred(plane, parameters.sigma))


def _blurred(plane: Pixels, sigma: float) -> Pixels:
    if sigma <= WIDE:
        return _gaussian(plane, sigma, sigma)
    height, width = plane.shape[:2]
    step = int(sigma / _FINE)
    small = (ceil(width / step), ceil(height / step))
    across, down = (_remaining(sigma, old / new) for old, new in zip((width, height), small, strict=True))
    reduced = cv2.resize(plane, small, interpolation=cv2.INTER_AREA)
    return cv2.resize(_gaussian(reduced, across, down), (width, height), interpolation=cv2.INTER_CUBIC)


def _remaining(sigma: float, step: float) -> float:
    """What is left to do in the smaller copy: to average over a step is to blur already (variances add)."""
    return sqrt((sigma**2 - (step**2 - 1) / 12) / step**2)


def _gaussian(plane: Pixels, across: float, down: float) -> Pixels:
    sides = (2 * ceil(3 * across) + 1, 2 * ceil(3 * down) + 1)
    return cv2.GaussianBlur(plane, sides, across, sigmaY=down, borderType=cv2.BORDER_REFLECT)
