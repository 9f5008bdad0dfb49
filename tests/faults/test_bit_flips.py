"""Single bits that flip on the disk: each is found, with its place."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from domain.commands import DescribeImage
from infrastructure.verification import Finding, Kind, verify
from infrastructure.verification.database import reading
from infrastructure.verification.log import LogFile
from tests.faults.cells import Region, regions
from tests.faults.gallery import fill, open_gallery

FLIPS: Final = int(os.environ.get("FLIPS", "300"))
"""Flips anywhere in the log's file, beside those in every value of every row."""

LONG: Final = "A description that does not fit on a page. " * 150


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole folder, at rest; without read files, which would only be in the way."""
    made = tmp_path_factory.mktemp("flips") / "data"
    asyncio.run(_made(made))
    for path in made.glob("read-*"):
        path.unlink()
    assert list(verify(made)) == []
    return made


async def _made(folder: Path) -> None:
    await fill(folder)
    async with open_gallery(folder) as gallery:
        image_id = (await gallery.shown())[0].image_id
        await gallery.change(DescribeImage(image_id=image_id, description=LONG))


@contextmanager
def flipped(path: Path, offset: int, bit: int) -> Iterator[None]:
    """One bit of a file is another one, for a while."""
    with path.open("r+b", buffering=0) as file:
        byte = os.pread(file.fileno(), 1, offset)[0]
        os.pwrite(file.fileno(), bytes([byte ^ 1 << bit]), offset)
        try:
            yield
        finally:
            os.pwrite(file.fileno(), bytes([byte]), offset)


@pytest.fixture(scope="module")
def rows(folder: Path) -> list[Region]:
    found = list(regions(folder / "log.db", "events"))
    assert {region.rowid for region in found} == set(range(1, 39))
    return found


def findings(folder: Path) -> list[Finding]:
    return list(verify(folder))


def events(path: Path) -> list[object] | None:
    """All events as they are read, or None where they cannot be."""
    try:
        with reading(path) as db:
            return list(LogFile(db, None).rows())
    except sqlite3.Error:
        return None


def test_a_flip_in_any_value_of_any_event_is_found_at_its_position(folder: Path, rows: list[Region]) -> None:
    """Every column of every row, the hash included, wherever SQLite has put it."""
    rng = random.Random(1)
    columns = [region for region in rows if region.name != "frame"]
    assert {region.name for region in columns} >= {
        *("row number", "stream", "event_id", "type", "recorded_at", "command_id"),
        *("correlation_id", "causation_id", "actor", "owner", "payload", "hash"),
    }
    for region in columns * 2:
        offset, bit = rng.choice(region.offsets), rng.randrange(8)
        with flipped(folder / "log.db", offset, bit):
            found = findings(folder)
        named = {finding.place for finding in found if finding.kind is Kind.EVENT}
        assert f"position {region.rowid}" in named, (region.name, offset, bit, found)
    assert findings(folder) == []


def test_a_flip_anywhere_is_found_where_it_changes_any_event(folder: Path, rows: list[Region]) -> None:
    """Not one of them goes unnoticed: neither in the lengths and types of a row, nor on any page."""
    path, rng = folder / "log.db", random.Random(2)
    as_written = events(path)
    frames = [offset for region in rows if region.name == "frame" for offset in region.offsets]
    size = path.stat().st_size
    offsets = [*rng.sample(frames, FLIPS // 2), *(rng.randrange(size) for _ in range(FLIPS))]
    changed = 0
    for offset in offsets:
        with flipped(path, offset, rng.randrange(8)):
            if events(path) != as_written:
                changed += 1
                assert findings(folder), offset
    assert changed > FLIPS // 2


def test_a_flip_in_any_blob_names_its_hash(folder: Path, tmp_path: Path) -> None:
    """Originals and renditions alike."""
    copy = shutil.copytree(folder, tmp_path / "data")
    rng = random.Random(3)
    blobs = [path for path in (copy / "content").rglob("*") if path.is_file()]
    assert len(blobs) == 4 * 3
    for path in blobs:
        with flipped(path, rng.randrange(path.stat().st_size), rng.randrange(8)):
            assert [(finding.kind, finding.place) for finding in verify(copy)] == [(Kind.BLOB, path.name)]
