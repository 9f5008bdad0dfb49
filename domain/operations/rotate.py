"""Rotate."""

from dataclasses import dataclass
from math import ceil, cos, radians, sin
from typing import Annotated, Final

import cv2
import numpy as np

from domain.operations.catalogue import Pixels, Size, operation
from domain.operations.paint import canvas, painted
from domain.operations.parameters import Color, Parameter
from domain.operations.premultiplication import alpha_of, premultiplied


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotate:
    degrees: Annotated[float, Parameter("Counter-clockwise.", unit="degrees", minimum=-360, maximum=360)]
    expand: Annotated[
        bool, Parameter("Whether the result is as large as all of the picture needs, or as large as it was.")
    ] = True
    fill: Annotated[Color, Parameter("What is seen beside the picture.")] = Color("#00000000")


_TURNS: Final = {1: cv2.ROTATE_90_COUNTERCLOCKWISE, 2: cv2.ROTATE_180, 3: cv2.ROTATE_90_CLOCKWISE}

_NOTHING: Final = 1e-6
"""Of a pixel: what sticks out by rounding alone makes no picture larger."""


def _quarters(parameters: Rotate) -> int | None:
    """Quarter turns from 0 to 3, where it is whole ones."""
    turns = parameters.degrees / 90
    return int(turns) % 4 if turns.is_integer() else None


def _expanded(width: int, height: int, parameters: Rotate) -> Size:
    quarters = _quarters(parameters)
    if quarters is not None:
        return (height, width) if quarters % 2 else (width, height)
    across, down = abs(cos(radians(parameters.degrees))), abs(sin(radians(parameters.degrees)))
    return (
        ceil(width * across + height * down - _NOTHING),
        ceil(width * down + height * across - _NOTHING),
    )


def _announce(width: int, height: int, parameters: Rotate) -> Size:
    return _expanded(width, height, parameters) if parameters.expand else (width, height)


@operation("rotate", Rotate, announce=_announce, neutral=Rotate(degrees=0), scales=True)
def rotate(pixels: Pixels, parameters: Rotate) -> Pixels:
    """Turn a picture about its centre, counter-clockwise.

    Multiples of 90 degrees move pixels and change none; without `expand`, where the sides are not both even
    or both odd, the centre then moves by half a pixel. Other angles are interpolated bicubically, and so is
    the edge to the fill.

    A gray picture gets the luma of the fill. Where a picture has no alpha channel, the fill is opaque: the
    default is transparent where it can be, else black.
    """
    height, width = pixels.shape[:2]
    size = _announce(width, height, parameters)
    quarters = _quarters(parameters)
    if quarters is None:
        return _turned(pixels, parameters, size)
    turned = cv2.rotate(pixels, _TURNS[quarters]) if quarters else pixels
    return _centred(turned, size, parameters.fill)


def _centred(pixels: Pixels, size: Size, fill: Color) -> Pixels:
    """Cut off and filled up on both sides alike."""
    height, width = pixels.shape[:2]
    if (width, height) == size:
        return pixels
    result = canvas(fill, pixels, *size)
    across, down = (size[0] - width) // 2, (size[1] - height) // 2
    used = pixels[max(-down, 0) : size[1] - down, max(-across, 0) : size[0] - across]
    top, left = max(down, 0), max(across, 0)
    result[top : top + used.shape[0], left : left + used.shape[1]] = used
    return result


def _turned(pixels: Pixels, parameters: Rotate, size: Size) -> Pixels:
    fill = painted(parameters.fill, pixels)
    matrix = _matrix(pixels, parameters.degrees, size)
    alpha = alpha_of(pixels)
    opaque = fill[-1] == np.iinfo(pixels.dtype).max
    if pixels.ndim == 2 or pixels.shape[2] == 3 or (alpha is None and opaque):
        return _warped(pixels, matrix, size, fill)
    if alpha is None:
        alpha = cv2.extractChannel(pixels, pixels.shape[2] - 1)
    beside = [float(value * fill[-1]) for value in fill[:-1]] + [float(fill[-1])]
    return premultiplied(
        pixels, alpha, lambda plane, channel: _warped(plane, matrix, size, (beside[channel],))
    )


def _matrix(pixels: Pixels, degrees: float, size: Size) -> Pixels:
    """From places in the result to places in the picture, both counted from the centres of pixels."""
    height, width = pixels.shape[:2]
    across, down = cos(radians(degrees)), sin(radians(degrees))
    x, y = (size[0] - 1) / 2, (size[1] - 1) / 2
    return np.array(
        [
            [across, -down, (width - 1) / 2 - across * x + down * y],
            [down, across, (height - 1) / 2 - down * x - across * y],
        ]
    )


def _warped(pixels: Pixels, matrix: Pixels, size: Size, beside: tuple[float, ...]) -> Pixels:
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(pixels, matrix, size, flags=flags, borderValue=beside)
