"""One picture of one file, and the smaller copy of a file from which others are made."""

from __future__ import annotations

from typing import Final

import cv2
import msgspec

from domain.header import ImageHeader, MediaType
from domain.operations.catalogue import Pixels, Size, announced_size, resolve
from domain.output import Output
from domain.ports.rendering import RenderFailure
from domain.recipe import Recipe, Step
from infrastructure.pixels.channels import opaque, to_8_bit
from infrastructure.pixels.codec import decode, encode
from infrastructure.pixels.plan import plan
from infrastructure.pixels.tasks import Encoded, failure

PROXY_SIDE: Final = 1024
PROXY: Final = Recipe(
    (Step("resize", {"width": PROXY_SIDE, "height": PROXY_SIDE, "fit": "INSIDE", "enlarge": False}),)
)

WORTH_A_PROXY: Final = 2
"""How many times as long as a proxy the longer side of a picture must be. A smaller one is decoded in 6 ms,
which is what its proxy would take."""

_QUALITY: Final = 92


class Draw(msgspec.Struct, frozen=True, tag=True):
    """A picture, in one of two forms: the second where it is transparent somewhere.

    `copy`: the file is a proxy, and is worked on faster than exactly.
    """

    header: ImageHeader
    recipe: Recipe
    output: Output
    transparent: Output | None = None
    copy: bool = False

    def carry_out(self, content: bytes) -> Encoded | RenderFailure:
        calls = resolve(self.recipe)
        planned = plan(self.header, [calls])
        try:
            decoded = decode(content, self.header, scale=planned.scale, gray=planned.gray)
            pixels = planned.apply(calls, decoded, copy=self.copy)
            output = self.output
            if self.transparent is not None and is_transparent(pixels):
                output = self.transparent
            height, width = pixels.shape[:2]
            return Encoded(
                content=encode(pixels, output), media_type=output.media_type, width=width, height=height
            )
        except Exception as error:
            return failure(error)


class MakeProxy(msgspec.Struct, frozen=True, tag=True):
    """A copy of at most 1024 pixels a side, as a JPEG or, where it is transparent, as a PNG; of 8 bits."""

    header: ImageHeader

    def carry_out(self, content: bytes) -> Encoded | RenderFailure:
        calls = resolve(PROXY)
        planned = plan(self.header, [calls])
        try:
            decoded = decode(content, self.header, scale=planned.scale, gray=planned.gray)
            return _proxy(to_8_bit(planned.apply(calls, decoded)))
        except Exception as error:
            return failure(error)


def proxy_size(header: ImageHeader) -> Size | None:
    """The size of a picture's proxy; None where it is small enough itself."""
    size = header.shown_size
    return announced_size(PROXY, size) if max(size) >= WORTH_A_PROXY * PROXY_SIDE else None


def is_transparent(pixels: Pixels) -> bool:
    """Whether any pixel is not opaque."""
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return False
    most = 255 if pixels.dtype == "uint8" else 65_535
    return bool(cv2.extractChannel(pixels, pixels.shape[2] - 1).min() < most)


def _proxy(pixels: Pixels) -> Encoded:
    """Colours in full resolution (4:4:4): what is made of it is not to lose them twice."""
    height, width = pixels.shape[:2]
    if is_transparent(pixels):
        content, media_type = encode(pixels, Output(MediaType.PNG)), MediaType.PNG
    else:
        full = (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444)
        settings = (cv2.IMWRITE_JPEG_QUALITY, _QUALITY, *full)
        content, media_type = cv2.imencode(".jpg", opaque(pixels), settings)[1].data, MediaType.JPEG
    return Encoded(content=content, media_type=media_type, width=width, height=height)
