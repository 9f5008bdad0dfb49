"""Resize."""

from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, NamedTuple

import cv2
import numpy as np

from domain.errors import InvalidInput
from domain.operations.catalogue import MAX_SIDE, Pixels, Size, operation
from domain.operations.parameters import Parameter


class Fit(StrEnum):
    FILL = "FILL"
    CONTAIN = "CONTAIN"
    COVER = "COVER"
    INSIDE = "INSIDE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resize:
    width: Annotated[
        int | None,
        Parameter("Absent: follows from the height.", unit="px", minimum=1, maximum=MAX_SIDE),
    ] = None
    height: Annotated[
        int | None,
        Parameter("Absent: follows from the width.", unit="px", minimum=1, maximum=MAX_SIDE),
    ] = None
    fit: Annotated[
        Fit,
        Parameter(
            "What is done when the shapes differ: stretch (FILL), add bars (CONTAIN), "
            "cut off what stands out (COVER), or stay smaller in one direction (INSIDE)."
        ),
    ] = Fit.FILL
    enlarge: Annotated[
        bool, Parameter("Whether a picture smaller than the width and height asked for is scaled up.")
    ] = True

    def __post_init__(self) -> None:
        if self.width is None and self.height is None:
            raise InvalidInput("resize needs a width, a height, or both.", field="resize.width")


class Frame(NamedTuple):
    """The part of the source that is used, the size it is scaled to, and the size of the result."""

    source: Size
    scaled: Size
    result: Size


def frame(width: int, height: int, parameters: Resize) -> Frame:
    """What becomes of a picture of this size, in pixels."""
    full = (width, height)
    wanted = (parameters.width, parameters.height)
    if parameters.width is None or parameters.height is None:
        inside = _inside(full, wanted, enlarge=parameters.enlarge)
        return Frame(full, inside, inside)
    box = (parameters.width, parameters.height)
    held = box if parameters.enlarge else (min(box[0], width), min(box[1], height))
    match parameters.fit:
        case Fit.FILL:
            return Frame(full, held, held)
        case Fit.COVER:
            return Frame(_inside(held, full, enlarge=True), held, held)
        case Fit.INSIDE:
            inside = _inside(full, box, enlarge=parameters.enlarge)
            return Frame(full, inside, inside)
        case Fit.CONTAIN:
            return Frame(full, _inside(full, box, enlarge=parameters.enlarge), box)


def _announce(width: int, height: int, parameters: Resize) -> Size:
    return frame(width, height, parameters).result


def _from_reduced(width: int, height: int, parameters: Resize) -> Resize:
    """Bars and cuts are found again in the smaller copy; a size that follows from the shape is named,
    because the shape of the smaller copy is rounded."""
    both = parameters.width is not None and parameters.height is not None
    if both and parameters.fit in {Fit.CONTAIN, Fit.COVER}:
        return parameters
    wide, high = _announce(width, height, parameters)
    return replace(parameters, width=wide, height=high, fit=Fit.FILL)


@operation("resize", Resize, announce=_announce, from_reduced=_from_reduced)
def resize(pixels: Pixels, parameters: Resize) -> Pixels:
    """Scale a picture to a width and a height.

    The fits are those of CSS object-fit and of sharp. FILL stretches to exactly the size. CONTAIN
    makes the picture as large as fits, in the middle of exactly the size, with bars around it
    (transparent where the picture has an alpha channel, else black). COVER fills exactly the size and
    cuts off equally what stands out on two sides. INSIDE makes the picture as large as fits, without
    bars. With one of width and height absent, the shape is kept and the fit means nothing.

    Without `enlarge` no direction is scaled up: FILL and COVER then give less than was asked for,
    CONTAIN gives broader bars.

    Sides are rounded to whole pixels, half up, at least 1. A direction that shrinks is averaged over
    the area of each new pixel; one that grows is interpolated bicubically. Colours are weighted by
    their alpha, so that what is transparent leaves no fringe. Where the result is transparent
    throughout, its colour is black.
    """
    height, width = pixels.shape[:2]
    source, scaled, result = frame(width, height, parameters)
    return _centred(_scaled(_middle(pixels, source), scaled), result)


def _inside(size: Size, box: tuple[int | None, int | None], *, enlarge: bool) -> Size:
    """The largest size of the same shape that fits into a box, of which one side may be open."""
    width, height = size
    ratios = [(new, old) for new, old in zip(box, size, strict=True) if new is not None]
    new, old = min(ratios, key=lambda ratio: Fraction(*ratio))
    if new >= old and not enlarge:
        return size
    return _rounded(width * new, old), _rounded(height * new, old)


def _rounded(numerator: int, denominator: int) -> int:
    """A quotient of whole numbers, rounded half up, at least 1."""
    return max(1, (2 * numerator + denominator) // (2 * denominator))


def _middle(pixels: Pixels, size: Size) -> Pixels:
    """A view of the part in the middle."""
    width, height = size
    top, left = (pixels.shape[0] - height) // 2, (pixels.shape[1] - width) // 2
    return pixels[top : top + height, left : left + width]


def _centred(pixels: Pixels, size: Size) -> Pixels:
    """The picture in the middle of a black or, with alpha, transparent canvas."""
    height, width = pixels.shape[:2]
    if (width, height) == size:
        return pixels
    canvas = np.zeros((size[1], size[0], *pixels.shape[2:]), pixels.dtype)
    _middle(canvas, (width, height))[:] = pixels
    return canvas


def _scaled(pixels: Pixels, size: Size) -> Pixels:
    if (pixels.shape[1], pixels.shape[0]) == size:
        return pixels
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return _resampled(pixels, size)
    alpha = cv2.extractChannel(pixels, pixels.shape[2] - 1)
    if alpha.min() == np.iinfo(pixels.dtype).max:
        return _resampled(pixels, size)
    return _weighted(pixels, alpha, size)


def _weighted(pixels: Pixels, alpha: Pixels, size: Size) -> Pixels:
    """Scale with colours premultiplied, a channel at a time, for the sake of memory."""
    weight = _resampled(alpha.astype(np.float32), size)
    visible = weight >= 0.5
    result = np.zeros((size[1], size[0], pixels.shape[2]), pixels.dtype)
    for channel in range(pixels.shape[2] - 1):
        product = cv2.multiply(cv2.extractChannel(pixels, channel), alpha, dtype=cv2.CV_32F)
        color = _resampled(product, size)
        np.divide(color, weight, out=color, where=visible)
        color *= visible
        _store(color, result[..., channel])
    _store(weight, result[..., -1])
    return result


def _store(samples: Pixels, channel: Pixels) -> None:
    """Round floats in place, and put them into a channel of integers, as far as it reaches."""
    np.rint(samples, out=samples)
    np.clip(samples, 0, np.iinfo(channel.dtype).max, out=samples)
    channel[:] = samples


def _resampled(pixels: Pixels, size: Size) -> Pixels:
    """Average the directions that shrink, then interpolate those that grow."""
    height, width = pixels.shape[:2]
    shrunk = (min(width, size[0]), min(height, size[1]))
    if shrunk != (width, height):
        pixels = _averaged(pixels, shrunk)
    return pixels if shrunk == size else cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC)


def _averaged(pixels: Pixels, size: Size) -> Pixels:
    """The mean over the area of each new pixel.

    Exact halves come first, as long as twice the size is left: they are ten times as fast, and differ
    from one pass by 45 dB or more in photographs.
    """
    while True:
        height, width = pixels.shape[:2]
        half = (_halved(width, size[0]), _halved(height, size[1]))
        if half == (width, height):
            return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        both = half[0] < width and half[1] < height
        pixels = cv2.resize(pixels, half, interpolation=cv2.INTER_AREA if both else cv2.INTER_LINEAR)


def _halved(length: int, wanted: int) -> int:
    return length // 2 if length % 2 == 0 and length >= 4 * wanted else length
