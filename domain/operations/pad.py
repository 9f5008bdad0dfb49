"""Pad."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

import cv2

from domain.operations.catalogue import MAX_SIDE, Pixels, Size, operation
from domain.operations.paint import painted
from domain.operations.parameters import Color, Parameter


class Mode(StrEnum):
    COLOR = "COLOR"
    REPLICATE = "REPLICATE"
    REFLECT = "REFLECT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pad:
    left: Annotated[int, Parameter("How much is added.", unit="px", minimum=0, maximum=MAX_SIDE)] = 0
    top: Annotated[int, Parameter("How much is added.", unit="px", minimum=0, maximum=MAX_SIDE)] = 0
    right: Annotated[int, Parameter("How much is added.", unit="px", minimum=0, maximum=MAX_SIDE)] = 0
    bottom: Annotated[int, Parameter("How much is added.", unit="px", minimum=0, maximum=MAX_SIDE)] = 0
    mode: Annotated[
        Mode,
        Parameter(
            "What is added: one colour (COLOR), the outermost pixels again and again (REPLICATE), "
            "or the picture mirrored at its edge (REFLECT)."
        ),
    ] = Mode.COLOR
    color: Annotated[Color, Parameter("What COLOR adds.")] = Color("#00000000")


_BORDERS: Final = {
    Mode.COLOR: cv2.BORDER_CONSTANT,
    Mode.REPLICATE: cv2.BORDER_REPLICATE,
    Mode.REFLECT: cv2.BORDER_REFLECT,
}


def _announce(width: int, height: int, parameters: Pad) -> Size:
    return width + parameters.left + parameters.right, height + parameters.top + parameters.bottom


@operation("pad", Pad, announce=_announce, neutral=Pad(), scales=True)
def pad(pixels: Pixels, parameters: Pad) -> Pixels:
    """Add a border to a picture.

    A gray picture gets the luma of the colour. Where a picture has no alpha channel, the colour is opaque:
    the default is transparent there where it can be, else black.
    """
    sides = (parameters.top, parameters.bottom, parameters.left, parameters.right)
    if not any(sides):
        return pixels
    color = painted(parameters.color, pixels)
    return cv2.copyMakeBorder(pixels, *sides, _BORDERS[parameters.mode], value=color)
