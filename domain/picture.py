"""A picture made when it is asked for: of no event, and kept only as long as there is room."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from domain.header import ImageHeader, MediaType
from domain.output import Output, output_data
from domain.recipe import Recipe, digest
from domain.rendition import ENGINE, rendition_id

TILE: Final = 512
"""Pixels a side of a tile."""


@dataclass(frozen=True, slots=True)
class Original:
    sha256: str
    byte_size: int
    header: ImageHeader


@dataclass(frozen=True)
class PictureRequest:
    """`transparent`: how it is written instead where a pixel is transparent. `exact` False: what is the same
    to the eye will do, and is made faster."""

    original: Original
    recipe: Recipe
    output: Output
    transparent: Output | None = None
    exact: bool = True

    @cached_property
    def picture_id(self) -> str:
        """32 hex digits, of all that the picture depends on. Raises UnknownName and InvalidInput."""
        rendition = rendition_id(self.original.sha256, self.recipe, self.output, ENGINE)
        if self.exact and self.transparent is None:
            return rendition
        transparent = self.transparent and output_data(self.transparent)
        return digest({"rendition": rendition, "transparent": transparent, "exact": self.exact})[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    content: bytes
    media_type: MediaType
    width: int
    height: int


class TileName(NamedTuple):
    """The part that begins at `column` and `row` tiles, of a picture divided by `factor`."""

    factor: int
    column: int
    row: int
