"""Tiles are found again, and what is not whole is as good as not there."""

from __future__ import annotations

from pathlib import Path

from infrastructure.pixels.pyramid import Pyramid, Tile
from infrastructure.tiles import TileFolder

PYRAMID = Pyramid(10, 10, [Tile(1, 0, 0, memoryview(b"one")), Tile(2, 3, 4, memoryview(b"two"))])


def test_a_tile_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Of one recipe of one image."""
    tiles = TileFolder(tmp_path / "tiles")
    assert not tiles.has("image", "recipe")
    tiles.write("image", "recipe", PYRAMID)
    assert tiles.has("image", "recipe")
    assert tiles.read("image", "recipe", 1, 0, 0) == b"one"
    assert tiles.read("image", "recipe", 2, 3, 4) == b"two"
    assert tiles.read("image", "recipe", 2, 4, 3) is None
    assert tiles.read("image", "other", 1, 0, 0) is None


def test_what_was_cut_short_is_as_good_as_none(tmp_path: Path) -> None:
    """Nothing was synced, and nothing else is lost."""
    tiles = TileFolder(tmp_path)
    tiles.write("image", "recipe", PYRAMID)
    (file,) = tmp_path.rglob("*.zip")
    file.write_bytes(file.read_bytes()[:-10])
    assert tiles.read("image", "recipe", 1, 0, 0) is None
    tiles.write("image", "recipe", PYRAMID)
    assert tiles.read("image", "recipe", 1, 0, 0) == b"one"


def test_all_of_an_image_is_removed(tmp_path: Path) -> None:
    """And nothing of another one; twice is no mistake."""
    tiles = TileFolder(tmp_path)
    for image in ("one", "two"):
        tiles.write(image, "recipe", PYRAMID)
    tiles.write("one", "other", PYRAMID)
    tiles.remove("one")
    tiles.remove("one")
    assert [path.name for path in tmp_path.iterdir()] == ["two"]
