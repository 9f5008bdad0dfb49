"""What is made of originals when it is asked for. No event tells of it."""

from __future__ import annotations

from typing import Protocol

from domain.levels import Levels
from domain.picture import Original, Picture, PictureRequest, TileName
from domain.recipe import Recipe
from domain.region import Region


class Histograms(Protocol):
    async def count(self, original: Original, recipe: Recipe, region: Region | None) -> Levels:
        """The levels of what a recipe makes of an original, within a region of that.

        Raises UnknownName, InvalidInput, NotFound, DamagedFile, NotRendered, Quarantined; Busy at once.
        """
        ...


class Pictures(Protocol):
    """Pictures made when they are asked for. No event tells of them."""

    def kept(self, request: PictureRequest) -> Picture | None:
        """One that was made a moment ago. Raises UnknownName and InvalidInput."""
        ...

    async def make(self, request: PictureRequest) -> Picture:
        """Asked for again while it is being made, it is made once. Where all who asked have gone (their
        tasks are cancelled) before it was begun, it is not made.

        Raises UnknownName, InvalidInput, NotFound, DamagedFile, NotRendered, Quarantined; Busy at once.
        """
        ...

    async def forget(self, sha256: str) -> None:
        """Nothing that was made of the original with this hash remains."""


class Tiles(Protocol):
    """Parts of large pictures, made before they are asked for one by one. No event tells of them.

    Raises UnknownName and InvalidInput where the recipe cannot be applied.
    """

    async def prepare(self, original: Original, recipe: Recipe) -> None:
        """Have all tiles made when there is nothing else to do, where the picture is worth it."""

    async def read(self, original: Original, recipe: Recipe, tile: TileName) -> bytes | None:
        """A tile as a JPEG; None where it has not been made. While it is being made it is waited for, but not
        the one that shows the whole picture: that is had sooner without."""
        ...

    async def forget(self, sha256: str) -> None:
        """Nothing that was made of the original with this hash remains."""
