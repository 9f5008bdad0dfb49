"""How much memory it takes to make renditions.

The figures are peaks of the resident set, measured with pictures of 12 MP of the kind that takes most
(16 bits and alpha, progressive, one strip, turned upright) and rounded up.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any, Final

from domain.errors import InvalidInput
from domain.header import ImageHeader, MediaType
from domain.operations.catalogue import MAX_PIXELS, Call, Size
from domain.recipe import Recipe
from infrastructure.pixels.plan import Calls, applicable, plan

_DECODED: Final = {
    MediaType.JPEG: 12,
    MediaType.PNG: 32,
    MediaType.WEBP: 22,
    MediaType.AVIF: 45,
    MediaType.GIF: 20,
    MediaType.TIFF: 57,
    MediaType.BMP: 12,
    MediaType.HEIC: 45,
}
"""Bytes for each pixel decoded: the file, the decoder, the picture, and what is computed from it."""

_COEFFICIENTS: Final = 8
"""Bytes for each pixel stored in a JPEG: a progressive one is held whole, whatever size is decoded."""

_RESULT: Final = 36
"""Bytes for each pixel of the largest picture on the way to a rendition, and for encoding it."""

_FIXED: Final = 64 << 20
"""Bytes for what does not go by pixels: the file of an animation, and the tables of codecs."""


def memory(header: ImageHeader, scale: int, renditions: Iterable[Calls]) -> int:
    """The bytes that it takes at most to make these renditions from an original decoded at this scale.

    The bytes of a file beyond those of a common one come on top.
    """
    stored = header.width * header.height
    decoded = stored // scale**2 * _DECODED[header.media_type]
    coefficients = stored * _COEFFICIENTS if scale > 1 else 0
    return _FIXED + decoded + coefficients + _RESULT * max(map(partial(_largest, header), renditions))


def cost(header: ImageHeader, recipe: Recipe) -> int:
    """The bytes that it takes to make one picture. Raises Refusal where the recipe cannot be applied."""
    calls = applicable(recipe, header.shown_size)
    return memory(header, plan(header, [calls]).scale, [calls])


def _largest(header: ImageHeader, calls: Calls) -> int:
    """The pixels of the largest picture that a step may make in another size than it was given."""
    sizes = {header.shown_size}
    largest = 0
    for call in calls:
        made = [_made(call, size) for size in sizes]
        if None in made:
            return MAX_PIXELS
        sizes = {size for size in made if size is not None}
        if call.operation.moves_pixels:
            largest = max(largest, *(width * height for width, height in sizes))
        if call.operation.announces_most:
            sizes |= {thin for width, height in sizes for thin in ((width, 1), (1, height))}
    return largest


def _made(call: Call[Any], size: Size) -> Size | None:
    """None where the step does not fit: of those that may come after a size known as the most alone, one in
    between may be as large as any."""
    try:
        return call.announced(size)
    except InvalidInput:
        return None
