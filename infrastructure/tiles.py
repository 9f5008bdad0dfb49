"""Pyramids of tiles on disk: derived from originals, and so may be deleted at any time."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final
from uuid import uuid4

from domain.picture import TileName
from infrastructure.content.digest import checked_digest
from infrastructure.content.disk import Disk
from infrastructure.content.reserve import Reserve, refusing_when_full
from infrastructure.content.store import RESERVE
from infrastructure.pixels.pyramid import Pyramid

_ZIP: Final = ".zip"


class TileFolder:
    """`<data>/tiles/<hash of the original>/<hash of a recipe>.zip`, not compressed.

    All methods block: they are for pool threads. Nothing is synced: a file that a power cut leaves cut short
    is no ZIP file, and is as good as none.
    """

    def __init__(self, data: Path) -> None:
        self._folder = data / "tiles"
        self._reserve = Reserve(RESERVE, data, Disk())

    def sweep(self, is_there: Callable[[str], bool]) -> None:
        """Remove what was being written when a process ended, and what has no original. For the start."""
        for folder in self._folder.glob("*"):
            if not is_there(folder.name):
                self.remove(folder.name)
        for part in self._folder.glob("*/*.part"):
            part.unlink(missing_ok=True)

    def has(self, original: str, recipe: str) -> bool:
        return self._path(original, recipe).exists()

    def read(self, original: str, recipe: str, tile: TileName) -> bytes | None:
        """A tile as a JPEG; None where it is not there. What is damaged is removed."""
        path = self._path(original, recipe)
        try:
            with zipfile.ZipFile(path) as tiles:
                return tiles.read(_name(tile))
        except (FileNotFoundError, KeyError):
            return None
        except (zipfile.BadZipFile, EOFError):
            path.unlink(missing_ok=True)
            return None

    def write(self, original: str, recipe: str, pyramid: Pyramid) -> None:
        """Under its name it is whole or not there. It takes the place of other recipes' tiles, whose URLs are
        answered no more. Raises StorageFull and OSError."""
        path = self._path(original, recipe)
        part = path.with_suffix(f".{uuid4().hex}.part")
        try:
            with refusing_when_full():
                self._reserve.admit(sum(len(tile.content) for tile in pyramid.tiles))
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                _write(part, pyramid)
                part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        for other in path.parent.glob(f"*{_ZIP}"):
            if other != path:
                other.unlink(missing_ok=True)

    def remove(self, original: str) -> None:
        """All that was made of an original."""
        shutil.rmtree(self._folder / original, ignore_errors=True)

    def _path(self, original: str, recipe: str) -> Path:
        return self._folder / checked_digest(original) / f"{checked_digest(recipe)}{_ZIP}"


def _write(path: Path, pyramid: Pyramid) -> None:
    with zipfile.ZipFile(path, "x", zipfile.ZIP_STORED) as tiles:
        for tile in pyramid.tiles:
            tiles.writestr(_name(TileName(tile.factor, tile.column, tile.row)), tile.content)


def _name(tile: TileName) -> str:
    return f"{tile.factor}/{tile.column},{tile.row}.jpg"
