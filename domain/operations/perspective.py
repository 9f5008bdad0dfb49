"""Perspective."""

from dataclasses import dataclass
from itertools import pairwise
from math import dist
from typing import Annotated, Final, TypeAlias

import cv2
import numpy as np

from domain.errors import InvalidInput
from domain.operations.catalogue import MAX_SIDE, Pixels, Size, operation
from domain.operations.parameters import Parameter
from domain.operations.premultiplication import seen

Corner: TypeAlias = tuple[float, float]

_ACROSS: Final = Parameter("From the left edge of the picture.", unit="px", minimum=0, maximum=MAX_SIDE)
_DOWN: Final = Parameter("From the upper edge of the picture.", unit="px", minimum=0, maximum=MAX_SIDE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Perspective:
    top_left_x: Annotated[float, _ACROSS]
    top_left_y: Annotated[float, _DOWN]
    top_right_x: Annotated[float, _ACROSS]
    top_right_y: Annotated[float, _DOWN]
    bottom_right_x: Annotated[float, _ACROSS]
    bottom_right_y: Annotated[float, _DOWN]
    bottom_left_x: Annotated[float, _ACROSS]
    bottom_left_y: Annotated[float, _DOWN]
    width: Annotated[
        int | None,
        Parameter(
            "Absent: the longer of the upper and the lower side.", unit="px", minimum=1, maximum=MAX_SIDE
        ),
    ] = None
    height: Annotated[
        int | None,
        Parameter(
            "Absent: the longer of the left and the right side.", unit="px", minimum=1, maximum=MAX_SIDE
        ),
    ] = None

    def __post_init__(self) -> None:
        if any(area < 1 for area in _areas(self.corners)):
            raise InvalidInput(
                "perspective needs four corners that go clockwise around a convex quadrilateral: top left, "
                "top right, bottom right, bottom left; no three of them on a line.",
                field="perspective",
            )

    @property
    def corners(self) -> tuple[Corner, Corner, Corner, Corner]:
        """Clockwise from the top left."""
        return (
            (self.top_left_x, self.top_left_y),
            (self.top_right_x, self.top_right_y),
            (self.bottom_right_x, self.bottom_right_y),
            (self.bottom_left_x, self.bottom_left_y),
        )


def _areas(corners: tuple[Corner, ...]) -> list[float]:
    """Of the parallelograms of two sides that meet: all above nothing where it is convex and clockwise."""
    sides = [(x_end - x, y_end - y) for (x, y), (x_end, y_end) in pairwise([*corners, *corners[:2]])]
    return [x * y_next - y * x_next for (x, y), (x_next, y_next) in pairwise([*sides[:4], sides[0]])]


def _announce(width: int, height: int, parameters: Perspective) -> Size:
    corners = parameters.corners
    if any(x > width or y > height for x, y in corners):
        raise InvalidInput(
            f"The corners of perspective must lie within the picture, which there is {width:,} x {height:,} "
            f"pixels; these reach to ({max(x for x, _ in corners):,g}, {max(y for _, y in corners):,g}).",
            field="perspective",
        )
    top_left, top_right, bottom_right, bottom_left = corners
    across = max(dist(top_left, top_right), dist(bottom_left, bottom_right))
    down = max(dist(top_left, bottom_left), dist(top_right, bottom_right))
    return parameters.width or max(round(across), 1), parameters.height or max(round(down), 1)


@operation("perspective", Perspective, announce=_announce, scales=True)
def perspective(pixels: Pixels, parameters: Perspective) -> Pixels:
    """Make an upright rectangle of a quadrilateral, such as a page or a facade seen from the side.

    Corners are places between pixels: (0, 0) is the top left corner of the top left pixel, and those of the
    picture itself give the picture. The homography is that of the four corners (OpenCV,
    getPerspectiveTransform); it is interpolated bicubically. A result much smaller than the quadrilateral
    is better made in its size first, and then resized.
    """
    height, width = pixels.shape[:2]
    size = _announce(width, height, parameters)
    matrix = _matrix(parameters, size)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return seen(
        pixels,
        lambda plane: cv2.warpPerspective(plane, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE),
    )


def _matrix(parameters: Perspective, size: Size) -> Pixels:
    """From places in the result to places in the picture, counted from the centres of pixels."""
    across, down = size
    upright = np.array([(0, 0), (across, 0), (across, down), (0, down)], np.float32)
    matrix = cv2.getPerspectiveTransform(upright, np.array(parameters.corners, np.float32))
    return _moved(-0.5) @ matrix @ _moved(0.5)


def _moved(by: float) -> Pixels:
    return np.array([(1, 0, by), (0, 1, by), (0, 0, 1)])
