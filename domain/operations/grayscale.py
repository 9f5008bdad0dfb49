"""Grayscale."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

import cv2
import numpy as np

from domain.operations.catalogue import Pixels, operation
from domain.operations.parameters import Parameter


class Method(StrEnum):
    LUMA_601 = "LUMA_601"
    LUMA_709 = "LUMA_709"
    MEAN = "MEAN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grayscale:
    method: Annotated[
        Method,
        Parameter(
            "How much red, green and blue count: 0.299, 0.587, 0.114 (LUMA_601); "
            "0.2126, 0.7152, 0.0722 (LUMA_709); a third each (MEAN)."
        ),
    ] = Method.LUMA_601


_BLUE_GREEN_RED: Final = {Method.LUMA_709: (0.0722, 0.7152, 0.2126), Method.MEAN: (1 / 3, 1 / 3, 1 / 3)}


@operation("grayscale", Grayscale, commutes_with_averaging=True)
def grayscale(pixels: Pixels, parameters: Grayscale) -> Pixels:
    """Turn colours into shades of gray, in one channel. Transparency is kept.

    The weights are those of ITU-R BT.601 and BT.709, applied to the values as stored (gamma-encoded),
    as the field does. A picture that is gray already stays as it is, whatever the method.
    """
    if pixels.ndim == 2 or pixels.shape[2] == 2:
        return pixels
    gray = _gray(pixels, parameters.method)
    return gray if pixels.shape[2] == 3 else cv2.merge((gray, cv2.extractChannel(pixels, 3)))


def _gray(pixels: Pixels, method: Method) -> Pixels:
    """One channel of BGR or BGRA."""
    channels = pixels.shape[2]
    if method is Method.LUMA_601:
        return cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY if channels == 3 else cv2.COLOR_BGRA2GRAY)
    weights = np.zeros((1, channels), np.float32)
    weights[0, :3] = _BLUE_GREEN_RED[method]
    return cv2.transform(pixels, weights)
