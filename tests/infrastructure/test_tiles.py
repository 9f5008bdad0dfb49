"""Tiles are found again, and what is not whole is as good as not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.errors import StorageFull
from domain.picture import TileName
from infrastructure.content.disk import Disk
from infrastructure.pixels.pyramid import Pyramid, Tile
from infrastructure.tiles import TileFolder

ONE, TWO, PLAIN, GRAY = ("1" * 64, "2" * 64, "a" * 64, "b" * 64)
"""Two originals and two recipes."""

PYRAMID = Pyramid(10, 10, [Tile(1, 0, 0, memoryview(b"one")), Tile(2, 3, 4, memoryview(b"two"))])


def test_a_tile_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Of one recipe of one original."""
    tiles = TileFolder(tmp_path)
    assert not tiles.has(ONE, PLAIN)
    tiles.write(ONE, PLAIN, PYRAMID)
    assert tiles.has(ONE, PLAIN)
    assert tiles.read(ONE, PLAIN, TileName(1, 0, 0)) == b"one"
    assert tiles.read(ONE, PLAIN, TileName(2, 3, 4)) == b"two"
    assert tiles.read(ONE, PLAIN, TileName(2, 4, 3)) is None
    assert tiles.read(ONE, GRAY, TileName(1, 0, 0)) is None


@pytest.mark.parametrize("length", [0, 10, -10])
def test_what_was_cut_short_is_removed(tmp_path: Path, length: int) -> None:
    """Nothing was synced, and it can be made again."""
    tiles = TileFolder(tmp_path)
    tiles.write(ONE, PLAIN, PYRAMID)
    (file,) = tmp_path.rglob("*.zip")
    file.write_bytes(file.read_bytes()[:length])
    assert tiles.read(ONE, PLAIN, TileName(1, 0, 0)) is None
    assert not tiles.has(ONE, PLAIN)
    tiles.write(ONE, PLAIN, PYRAMID)
    assert tiles.read(ONE, PLAIN, TileName(1, 0, 0)) == b"one"


def test_the_tiles_of_former_recipes_make_room(tmp_path: Path) -> None:
    """Nobody asks for them any more; those of another original stay."""
    tiles = TileFolder(tmp_path)
    for original, recipe in ((ONE, PLAIN), (TWO, PLAIN), (ONE, GRAY)):
        tiles.write(original, recipe, PYRAMID)
    assert [tiles.has(*key) for key in ((ONE, PLAIN), (TWO, PLAIN), (ONE, GRAY))] == [False, True, True]


def test_all_of_an_original_is_removed(tmp_path: Path) -> None:
    """And nothing of another one; twice is no mistake."""
    tiles = TileFolder(tmp_path)
    for original in (ONE, TWO):
        tiles.write(original, PLAIN, PYRAMID)
    tiles.remove(ONE)
    tiles.remove(ONE)
    assert [path.name for path in (tmp_path / "tiles").iterdir()] == [TWO]


def test_a_start_removes_what_an_end_has_left(tmp_path: Path) -> None:
    """Halves of files, and tiles of what was purged at that moment."""
    tiles = TileFolder(tmp_path)
    for original in (ONE, TWO):
        tiles.write(original, PLAIN, PYRAMID)
    part = tmp_path / "tiles" / TWO / f"{GRAY}.0.part"
    part.write_bytes(b"half")
    tiles.sweep(lambda sha256: sha256 == TWO)
    assert not tiles.has(ONE, PLAIN)
    assert tiles.has(TWO, PLAIN)
    assert not part.exists()


def test_tiles_do_not_take_the_last_of_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It belongs to the log."""
    tiles = TileFolder(tmp_path)
    monkeypatch.setattr(Disk, "free", lambda *_: 0)
    with pytest.raises(StorageFull):
        tiles.write(ONE, PLAIN, PYRAMID)
    assert not tiles.has(ONE, PLAIN)
