"""Square crop."""

from dataclasses import dataclass
from typing import Annotated

from domain.errors import InvalidInput
from domain.operations.anchor import Anchor
from domain.operations.catalogue import MAX_SIDE, Pixels, Size, operation
from domain.operations.parameters import Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class SquareCrop:
    side: Annotated[
        int | None,
        Parameter("Absent: the shorter side of the picture.", unit="px", minimum=1, maximum=MAX_SIDE),
    ] = None
    anchor: Annotated[Anchor, Parameter("The part of the picture that is kept.")] = Anchor.CENTER


def _announce(width: int, height: int, parameters: SquareCrop) -> Size:
    shorter = min(width, height)
    side = parameters.side or shorter
    if side > shorter:
        raise InvalidInput(
            f"side of square_crop must be from 1 to {shorter:,} px, the shorter side of the picture there, "
            f"which is {width:,} x {height:,} pixels; this is {side:,}.",
            field="square_crop.side",
        )
    return side, side


@operation("square_crop", SquareCrop, announce=_announce, scales=True)
def square_crop(pixels: Pixels, parameters: SquareCrop) -> Pixels:
    """Keep a square of a picture: the largest, in the middle, where nothing else is said."""
    height, width = pixels.shape[:2]
    size = _announce(width, height, parameters)
    left, top = parameters.anchor.place(size, (width, height))
    return pixels[top : top + size[1], left : left + size[0]]
