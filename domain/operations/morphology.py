"""Morphology."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final, TypeAlias

import cv2

from domain.operations.catalogue import Pixels, operation
from domain.operations.levels import top
from domain.operations.parameters import Parameter
from domain.operations.transparency import hidden, with_colors


class Method(StrEnum):
    ERODE = "ERODE"
    DILATE = "DILATE"
    OPEN = "OPEN"
    CLOSE = "CLOSE"
    GRADIENT = "GRADIENT"
    TOP_HAT = "TOP_HAT"
    BLACK_HAT = "BLACK_HAT"


class Shape(StrEnum):
    RECT = "RECT"
    ELLIPSE = "ELLIPSE"
    CROSS = "CROSS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Morphology:
    method: Annotated[
        Method,
        Parameter(
            "The darkest (ERODE) or lightest (DILATE) of what is near; without small light (OPEN) or dark "
            "(CLOSE) things; the outlines (GRADIENT); small light (TOP_HAT) or dark (BLACK_HAT) things alone."
        ),
    ] = Method.OPEN
    shape: Annotated[Shape, Parameter("The shape of what is near.")] = Shape.ELLIPSE
    radius: Annotated[int, Parameter("How far away it ends.", unit="px", minimum=1, maximum=25)] = 1


_KINDS: Final = {
    Method.ERODE: cv2.MORPH_ERODE,
    Method.DILATE: cv2.MORPH_DILATE,
    Method.OPEN: cv2.MORPH_OPEN,
    Method.CLOSE: cv2.MORPH_CLOSE,
    Method.GRADIENT: cv2.MORPH_GRADIENT,
    Method.TOP_HAT: cv2.MORPH_TOPHAT,
    Method.BLACK_HAT: cv2.MORPH_BLACKHAT,
}
_SHAPES: Final = {
    Shape.RECT: cv2.MORPH_RECT,
    Shape.ELLIPSE: cv2.MORPH_ELLIPSE,
    Shape.CROSS: cv2.MORPH_CROSS,
}

_Step: TypeAlias = Callable[[Pixels], Pixels]


def _margin(parameters: Morphology) -> int:
    once = parameters.method in {Method.ERODE, Method.DILATE, Method.GRADIENT}
    return parameters.radius if once else 2 * parameters.radius


@operation("morphology", Morphology, margin=_margin)
def morphology(pixels: Pixels, parameters: Morphology) -> Pixels:
    """Let dark or light things grow, shrink or vanish, or find them.

    The gray-scale morphology of Serra (1982) as OpenCV's `morphologyEx` computes it, each channel by
    itself. What lies outside of the picture, or is transparent, counts for nothing.
    """
    side = 2 * parameters.radius + 1
    element = cv2.getStructuringElement(_SHAPES[parameters.shape], (side, side))
    unseen = hidden(pixels)
    if unseen is None:
        kind = _KINDS[parameters.method]
        return with_colors(pixels, lambda colors: cv2.morphologyEx(colors, kind, element))

    def erode(colors: Pixels) -> Pixels:
        return cv2.erode(_without(colors, unseen, top(colors)), element)

    def dilate(colors: Pixels) -> Pixels:
        return cv2.dilate(_without(colors, unseen, 0), element)

    return with_colors(pixels, lambda colors: _combined(parameters.method, colors, erode, dilate))


def _combined(method: Method, colors: Pixels, erode: _Step, dilate: _Step) -> Pixels:
    match method:
        case Method.ERODE:
            return erode(colors)
        case Method.DILATE:
            return dilate(colors)
        case Method.OPEN:
            return dilate(erode(colors))
        case Method.CLOSE:
            return erode(dilate(colors))
        case Method.GRADIENT:
            return cv2.subtract(dilate(colors), erode(colors))
        case Method.TOP_HAT:
            return cv2.subtract(colors, dilate(erode(colors)))
        case Method.BLACK_HAT:
            return cv2.subtract(erode(dilate(colors)), colors)


def _without(colors: Pixels, unseen: Pixels, level: int) -> Pixels:
    """The same with a level that loses every comparison where nothing can be seen."""
    cleared = colors.copy()
    cleared[unseen > 0] = level
    return cleared
