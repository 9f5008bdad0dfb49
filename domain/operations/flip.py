"""Flip."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

import cv2

from domain.operations.catalogue import Pixels, operation
from domain.operations.parameters import Parameter


class FlipAxis(StrEnum):
    HORIZONTAL = "HORIZONTAL"
    VERTICAL = "VERTICAL"
    BOTH = "BOTH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    axis: Annotated[
        FlipAxis,
        Parameter(
            "What is exchanged: left and right (HORIZONTAL), top and bottom (VERTICAL), "
            "or both, which is half a turn (BOTH)."
        ),
    ] = FlipAxis.HORIZONTAL


_CODES: Final = {FlipAxis.HORIZONTAL: 1, FlipAxis.VERTICAL: 0, FlipAxis.BOTH: -1}


@operation("flip", Flip, announce=lambda width, height, _: (width, height), scales=True)
def flip(pixels: Pixels, parameters: Flip) -> Pixels:
    """Mirror a picture."""
    return cv2.flip(pixels, _CODES[parameters.axis])
