"""Crop."""

from dataclasses import dataclass
from typing import Annotated

from domain.errors import InvalidInput
from domain.operations.catalogue import MAX_SIDE, Pixels, Size, operation
from domain.operations.parameters import Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    width: Annotated[int, Parameter("How much is kept.", unit="px", minimum=1, maximum=MAX_SIDE)]
    height: Annotated[int, Parameter("How much is kept.", unit="px", minimum=1, maximum=MAX_SIDE)]
    x: Annotated[
        int, Parameter("What is cut off at the left.", unit="px", minimum=0, maximum=MAX_SIDE - 1)
    ] = 0
    y: Annotated[
        int, Parameter("What is cut off at the top.", unit="px", minimum=0, maximum=MAX_SIDE - 1)
    ] = 0


def _announce(width: int, height: int, parameters: Crop) -> Size:
    right, bottom = parameters.x + parameters.width, parameters.y + parameters.height
    if right > width or bottom > height:
        raise InvalidInput(
            f"crop reaches from ({parameters.x:,}, {parameters.y:,}) to ({right:,}, {bottom:,}); "
            f"the picture there is {width:,} x {height:,} pixels.",
            field="crop",
        )
    return parameters.width, parameters.height


@operation("crop", Crop, announce=_announce, scales=True)
def crop(pixels: Pixels, parameters: Crop) -> Pixels:
    """Keep a rectangle of a picture.

    It must lie within the picture, whose top left corner is (0, 0).
    """
    x, y = parameters.x, parameters.y
    return pixels[y : y + parameters.height, x : x + parameters.width]
