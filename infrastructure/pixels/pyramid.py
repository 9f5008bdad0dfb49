"""A picture cut into tiles, at each of its sizes: what a viewer needs to show a part of a large one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import cv2
import msgspec

from domain.header import ImageHeader, MediaType
from domain.operations.catalogue import Pixels, apply
from domain.output import Output
from domain.ports.rendering import RenderFailure
from domain.recipe import Recipe
from infrastructure.pixels.channels import opaque, to_8_bit
from infrastructure.pixels.codec import decode, encode
from infrastructure.pixels.tasks import failure

_OUTPUT: Final = Output(MediaType.JPEG, 90)


class Tile(msgspec.Struct, frozen=True):
    """A JPEG of the part that begins at `column` and `row` tiles, of the picture divided by `factor`."""

    factor: int
    column: int
    row: int
    content: memoryview


class Pyramid(msgspec.Struct, frozen=True):
    """All tiles of a picture of this size."""

    width: int
    height: int
    tiles: list[Tile]


class BuildPyramid(msgspec.Struct, frozen=True, tag=True):
    """Tiles of so many pixels a side, of the picture after a recipe that is applicable to it.

    Each size is the half of the one before, rounded up, down to that which is one tile.
    """

    header: ImageHeader
    recipe: Recipe
    side: int

    def carry_out(self, content: bytes) -> Pyramid | RenderFailure:
        try:
            pixels = to_8_bit(opaque(apply(self.recipe, decode(content, self.header))))
            height, width = pixels.shape[:2]
            return Pyramid(width, height, list(_tiles(pixels, self.side)))
        except Exception as error:
            return failure(error)


def _tiles(pixels: Pixels, side: int) -> Iterator[Tile]:
    factor = 1
    while True:
        height, width = pixels.shape[:2]
        for row in range(-(-height // side)):
            for column in range(-(-width // side)):
                top, left = row * side, column * side
                part = pixels[top : top + side, left : left + side]
                yield Tile(factor, column, row, encode(part, _OUTPUT))
        if max(height, width) <= side:
            return
        pixels, factor = _halved(pixels), 2 * factor


def _halved(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    size = (-(-width // 2), -(-height // 2))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
