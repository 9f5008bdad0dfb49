"""Redact."""

from dataclasses import dataclass
from typing import Annotated

from domain.errors import InvalidInput
from domain.operations.catalogue import Pixels, operation
from domain.operations.paint import canvas
from domain.operations.parameters import Color, Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Redact:
    color: Annotated[Color, Parameter("What is seen instead; it is opaque.")] = Color("#000000")

    def __post_init__(self) -> None:
        if self.color.bgra[3] < 255:
            raise InvalidInput(
                f"color of redact must be opaque, as #rrggbb, for it is to hide something; "
                f"this is {self.color!r}.",
                field="redact.color",
            )


@operation("redact", Redact, commutes_with_averaging=True, scales=True)
def redact(pixels: Pixels, parameters: Redact) -> Pixels:
    """Cover a picture, or with a region a part of it, such as a face or a number plate, for good.

    Nothing of what was there is left, transparency included; a gray picture gets the luma of the colour.
    At the edge of a region with a feather, something remains to be seen.
    """
    height, width = pixels.shape[:2]
    return canvas(parameters.color, pixels, width, height)
