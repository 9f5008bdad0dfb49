"""Pyramids of tiles on disk: derived from originals, and so may be deleted at any time."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

from infrastructure.pixels.pyramid import Pyramid, Tile


class TileFolder:
    """A ZIP file, not compressed, for each recipe of each image. Blocks: for pool threads.

    Nothing is synced: a file that a power cut leaves cut short is no ZIP file, and is as good as none.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, image_id: str, recipe: str) -> bool:
        return self._path(image_id, recipe).exists()

    def read(self, image_id: str, recipe: str, factor: int, column: int, row: int) -> bytes | None:
        """A tile as a JPEG; None where it is not there."""
        try:
            with zipfile.ZipFile(self._path(image_id, recipe)) as tiles:
                return tiles.read(_name(factor, column, row))
        except (FileNotFoundError, KeyError, zipfile.BadZipFile):
            return None

    def write(self, image_id: str, recipe: str, pyramid: Pyramid) -> None:
        """Under its name it is whole or not there."""
        path = self._path(image_id, recipe)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as tiles:
                for tile in pyramid.tiles:
                    tiles.writestr(_tile_name(tile), tile.content)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    def remove(self, image_id: str) -> None:
        """All that was made of an image."""
        shutil.rmtree(self._folder / image_id, ignore_errors=True)

    def _path(self, image_id: str, recipe: str) -> Path:
        return self._folder / image_id / f"{recipe}.zip"


def _tile_name(tile: Tile) -> str:
    return _name(tile.factor, tile.column, tile.row)


def _name(factor: int, column: int, row: int) -> str:
    return f"{factor}/{column},{row}.jpg"
