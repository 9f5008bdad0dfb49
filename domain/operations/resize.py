"""Resize."""

from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import Annotated, Final, NamedTuple, TypeAlias

import cv2
import numpy as np

from domain.errors import InvalidInput
from domain.operations.catalogue import MAX_SIDE, Pixels, Reduction, Size, operation
from domain.operations.parameters import Parameter
from domain.operations.premultiplication import seen

Extent: TypeAlias = tuple[float, float]
"""Width and height of what is seen, in pixels: of a reduced copy the last pixel may be seen in part."""


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


ENOUGH: Final = 1.7
"""How many times the size wanted a reduced copy must have, to be scaled instead of the picture itself. Of
small photographs the results differ by 44 dB (PSNR) in the middle, by 40 dB or more in nine of ten; of those
that cameras take by 51 and 47 dB."""

PLENTY: Final = 2.9
"""How many times the size wanted is plenty, to be averaged as it is: almost three, because sides are
rounded. From an exact half the results differ by 50 dB in the middle, by 44 dB or more in 95 of 100."""

SAMPLES: Final = 2
"""Samples a side of which a new pixel is the mean, where a JPEG has less than `_Sampling.below` times the
size wanted. Twice as many are worth 2 dB where there is most of it, and take four times as long."""

SAMPLED: Final = 1.5
"""How many times the size wanted is the least of which samples are taken: of less there would be more than
twice as many samples as pixels."""


class _Sampling(NamedTuple):
    below: float
    interpolation: int


_GUESSED: Final = _Sampling(2.6, cv2.INTER_CUBIC)
"""Of a reduced copy: what lies within its pixels is guessed from their neighbours, which is worth 2 dB."""

_SEEN: Final = _Sampling(PLENTY, cv2.INTER_LINEAR)
"""Of all pixels. Beside the mean over the area of each new pixel, which takes OpenCV twice as long, the
results differ by 51 dB in the middle, by 44 dB or more in nine of ten; of cameras' pictures by 56 and 53."""


class Frame(NamedTuple):
    """The part in the middle that is used, what it is scaled to, and the size of the result."""

    part: Size
    scaled: Size
    result: Size


def frame(width: int, height: int, parameters: Resize) -> Frame:
    """What becomes of a picture of this size, in pixels."""
    whole = (width, height)
    if parameters.width is None or parameters.height is None:
        inside = _inside(whole, (parameters.width, parameters.height), enlarge=parameters.enlarge)
        return Frame(whole, inside, inside)
    box = (parameters.width, parameters.height)
    held = box if parameters.enlarge else (min(box[0], width), min(box[1], height))
    inside = _inside(whole, box, enlarge=parameters.enlarge)
    match parameters.fit:
        case Fit.FILL:
            return Frame(whole, held, held)
        case Fit.CONTAIN:
            return Frame(whole, inside, box)
        case Fit.COVER:
            return Frame(_inside(held, whole, enlarge=True), held, held)
        case Fit.INSIDE:
            return Frame(whole, inside, inside)


def _announce(width: int, height: int, parameters: Resize) -> Size:
    return frame(width, height, parameters).result


def _suffices(width: int, height: int, parameters: Resize, scale: int) -> bool:
    """Whether enough is left."""
    part, scaled, _ = frame(width, height, parameters)
    return all(used >= ENOUGH * scale * wanted for used, wanted in zip(part, scaled, strict=True))


def _nearly(pixels: Pixels, parameters: Resize, size: Size, scale: int) -> Pixels:
    """Of what has been a JPEG, which is nearly the picture itself, as it is or reduced."""
    return _framed(pixels, parameters, size, scale, _GUESSED if scale > 1 else _SEEN)


def _framed(pixels: Pixels, parameters: Resize, size: Size, scale: int, sampling: _Sampling | None) -> Pixels:
    part, scaled, result = frame(*size, parameters)
    left, top = (cut // scale for cut in map(_cut, size, part, scaled))
    width, height = (-(-used // scale) for used in part)
    used = pixels[top : top + height, left : left + width]
    return _centred(_scaled(used, (part[0] / scale, part[1] / scale), scaled, sampling), result)


def _cut(length: int, used: int, wanted: int) -> int:
    """What is cut off before the part used: half of what is not used, or a little less, so that the part
    begins with a whole pixel of every copy that is enough. It is moved by 0.6 pixels of the result at most.
    """
    half = (length - used) // 2
    return half - half % next(
        scale for scale in (8, 4, 2, 1) if scale == 1 or used >= ENOUGH * scale * wanted
    )


@operation("resize", Resize, announce=_announce, reduction=Reduction(_suffices, _nearly))
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
    return _framed(pixels, parameters, (pixels.shape[1], pixels.shape[0]), 1, None)


def _inside(size: Size, box: tuple[int | None, int | None], *, enlarge: bool) -> Size:
    """The largest size of the same shape that fits into a box, of which one side may be open."""
    (width, height), (across, down) = size, box
    if down is None or (across is not None and across * height <= down * width):
        new, old = across, width
    else:
        new, old = down, height
    assert new is not None  # noqa: S101  (one side is closed)
    if new >= old and not enlarge:
        return size
    return _rounded(width * new, old), _rounded(height * new, old)


def _rounded(numerator: int, denominator: int) -> int:
    """A quotient of whole numbers, rounded half up, at least 1."""
    return max(1, (2 * numerator + denominator) // (2 * denominator))


def _centred(pixels: Pixels, size: Size) -> Pixels:
    """The picture in the middle of a black or, with alpha, transparent canvas."""
    height, width = pixels.shape[:2]
    if (width, height) == size:
        return pixels
    canvas = np.zeros((size[1], size[0], *pixels.shape[2:]), pixels.dtype)
    top, left = (size[1] - height) // 2, (size[0] - width) // 2
    canvas[top : top + height, left : left + width] = pixels
    return canvas


def _scaled(pixels: Pixels, extent: Extent, size: Size, sampling: _Sampling | None) -> Pixels:
    if (pixels.shape[1], pixels.shape[0]) == size:
        return pixels
    return seen(pixels, lambda plane: _resampled(plane, extent, size, sampling))


def _resampled(pixels: Pixels, extent: Extent, size: Size, sampling: _Sampling | None) -> Pixels:
    """Average the directions that shrink, then interpolate those that grow."""
    if sampling is not None:
        pixels, extent = _sampled(pixels, extent, size, sampling)
    height, width = pixels.shape[:2]
    shrunk = (min(width, size[0]), min(height, size[1]))
    if shrunk != (width, height):
        pixels = _averaged(pixels, extent, shrunk)
    return pixels if shrunk == size else cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC)


def _averaged(pixels: Pixels, extent: Extent, size: Size) -> Pixels:
    """The mean over the area of each new pixel.

    Exact halves come first, for they are ten times as fast. (With one direction halved, OpenCV takes the
    middle between two pixels in a third of the time that it takes for their mean, which is the same.)
    """
    height, width = pixels.shape[:2]
    across, down = map(_halved, (width, height), extent, size)
    if (across, down) == (width, height):
        return _area(pixels, extent, size)
    both = across < width and down < height
    half = cv2.resize(pixels, (across, down), interpolation=cv2.INTER_AREA if both else cv2.INTER_LINEAR)
    return _averaged(half, (extent[0] * across / width, extent[1] * down / height), size)


def _halved(length: int, seen: float, wanted: int) -> int:
    return length // 2 if length % 2 == 0 and _averages_well(seen / 2, wanted) else length


def _averages_well(length: float, wanted: int) -> bool:
    """Whether little is lost where edges of new pixels fall into old ones, or none do."""
    return length >= PLENTY * wanted or length % wanted == 0


def _sampled(pixels: Pixels, extent: Extent, size: Size, sampling: _Sampling) -> tuple[Pixels, Extent]:
    """The picture in twice the size wanted, in the directions in which it has about that, and what is seen
    of it."""
    across, down = (
        float(SAMPLES * wanted) if _is_sampled(length, wanted, sampling) else length
        for length, wanted in zip(extent, size, strict=True)
    )
    if (across, down) != extent:
        factors = (across / extent[0], down / extent[1])
        height, width = pixels.shape[:2]
        if (round(width * factors[0]), round(height * factors[1])) == (width, height):
            return pixels, extent  # which OpenCV would take for no scaling at all
        interpolation = sampling.interpolation
        pixels = cv2.resize(pixels, None, fx=factors[0], fy=factors[1], interpolation=interpolation)
    return pixels[: ceil(down), : ceil(across)], (across, down)


def _is_sampled(length: float, wanted: int, sampling: _Sampling) -> bool:
    """Not where new pixels consist of whole old ones."""
    return SAMPLED * wanted <= length < sampling.below * wanted and length % wanted != 0


def _area(pixels: Pixels, extent: Extent, size: Size) -> Pixels:
    """Given no size but factors, OpenCV takes them as they are: what lies beyond the extent is not shown."""
    if extent == (pixels.shape[1], pixels.shape[0]):
        return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    across, down = size[0] / extent[0], size[1] / extent[1]
    return cv2.resize(pixels, None, fx=across, fy=down, interpolation=cv2.INTER_AREA)
