"""Canny edges."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

import cv2
import numpy as np

from domain.errors import InvalidInput
from domain.operations.catalogue import Pixels, operation
from domain.operations.grayscale import Grayscale, grayscale
from domain.operations.parameters import Parameter
from domain.operations.transparency import with_colors


class Aperture(StrEnum):
    THREE = "THREE"
    FIVE = "FIVE"
    SEVEN = "SEVEN"


_SIDES: Final = {Aperture.THREE: 3, Aperture.FIVE: 5, Aperture.SEVEN: 7}


@dataclass(frozen=True, slots=True, kw_only=True)
class Canny:
    low: Annotated[
        float, Parameter("The least slope with which an edge goes on.", minimum=0, maximum=30_000)
    ] = 100.0
    high: Annotated[
        float, Parameter("The least slope with which an edge begins.", minimum=0, maximum=30_000)
    ] = 200.0
    aperture: Annotated[
        Aperture,
        Parameter("The side, in pixels, of the Sobel kernels; with larger ones slopes are larger numbers."),
    ] = Aperture.THREE

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise InvalidInput(
                f"low of canny must not be over high; these are {self.low:,g} and {self.high:,g}.",
                field="canny.low",
            )


@operation("canny", Canny, margin=lambda _: None)
def canny(pixels: Pixels, parameters: Canny) -> Pixels:
    """Draw the edges of things as white lines on black, in one channel.

    The edge detector of Canny (1986) as OpenCV's `Canny` computes it, of luma (BT.601) in 8 bits: the
    slope is the sum of the sizes of both Sobel derivatives. What is transparent counts as the mean of what
    can be seen near it.
    """
    side = _SIDES[parameters.aperture]

    def edges(colors: Pixels) -> Pixels:
        gray = grayscale(colors, Grayscale())
        if gray.dtype == np.uint8:
            return cv2.Canny(gray, parameters.low, parameters.high, apertureSize=side)
        lines = cv2.Canny(
            cv2.convertScaleAbs(gray, alpha=1 / 257), parameters.low, parameters.high, apertureSize=side
        )
        return lines.astype(np.uint16) * np.uint16(257)

    return with_colors(pixels, edges, reach=side // 2 + 1)
