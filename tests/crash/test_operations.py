"""Bulk operations and erasures killed in their midst: in the end each is done, and done once."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from domain.bulk import operation_stream
from domain.commands import CreateAlbum
from domain.events import BulkAction
from domain.ports.log import RecordedEvent
from domain.ports.views import OperationState
from domain.query import ImageFilter
from infrastructure.log.chain import Row, first_break
from infrastructure.sqlite.ledger import COLUMNS
from infrastructure.sqlite.scan import Scan
from tests.examples import new_id
from tests.infrastructure.archive import CALLER, Archive, on_files
from tests.infrastructure.sqlite.tables import folded, tables
from tests.infrastructure.traces import found
from tests.server import ROOT

KILLS: Final = 3
"""Of each operation; then it may come to its end."""

IMAGES: Final = 150
LONGEST_LIFE: Final = 0.25
MARKER: Final = "Zoë-c0ffee"


async def carried_out(folder: Path, rng: random.Random) -> int:
    """Have processes work on what is left until one of them finds an end. Answers how many were killed."""
    for kills in range(KILLS + 1):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.crash.reactors",
            str(folder),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        async with asyncio.timeout(60):
            assert await process.stdout.readline() == b"ready\n"
            if kills < KILLS:
                await asyncio.wait(
                    (asyncio.create_task(process.wait()),), timeout=rng.uniform(0, LONGEST_LIFE)
                )
                if process.returncode is None:
                    process.kill()
            if await process.wait() == 0:
                return kills
    raise AssertionError("it did not come to an end")


async def fill(archive: Archive) -> list[str]:
    image_ids = [await archive.upload(_content(n), name=f"{MARKER} {n}") for n in range(IMAGES)]
    await archive.albums.create(CALLER, CreateAlbum(album_id=new_id(), name=f"{MARKER} album"), None)
    return image_ids


def _content(number: int) -> bytes:
    return f"{MARKER} picture {number}".encode() * 10


async def test_operations_and_erasures_survive_every_kill(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every image is changed once and counted once; what was erased is gone, and said to be once."""
    seed = int(os.environ.get("SEED") or random.SystemRandom().getrandbits(32))
    rng, folder, kills = random.Random(seed), tmp_path / "data", 0
    async with on_files(folder) as (archive, _):
        image_ids = await fill(archive)
        tag = await archive.start(BulkAction.TAG, ImageFilter(text=MARKER), MARKER)
    kills += await carried_out(folder, rng)
    async with on_files(folder) as (archive, _):
        await ended(archive, tag)
        assert len(await archive.shown(ImageFilter(tags=(MARKER,)))) == IMAGES
        undo = (await archive.bulk.undo(CALLER, tag, None)).operation_id
    kills += await carried_out(folder, rng)
    async with on_files(folder) as (archive, _):
        await ended(archive, undo)
        assert await archive.shown(ImageFilter(tags=(MARKER,))) == []
        erase = (await archive.bulk.erase(CALLER, None)).operation_id
    kills += await carried_out(folder, rng)
    async with on_files(folder) as (archive, store):
        await ended(archive, erase)
        assert await archive.shown() == []
        events = await store.log.read(0, 100_000)
    with capsys.disabled():
        print(f"\n{kills} kills, SEED={seed}, {len(events)} events")

    assert kills >= KILLS, "hardly ever was it killed while there was something to do"
    once(events, "ImageTagged", tag, image_ids)
    once(events, "ImageReverted", undo, image_ids)
    once(events, "ImagePurged", erase, image_ids)
    assert Counter(each.type for each in events)["ImageErased"] == IMAGES
    assert Counter(each.type for each in events)["AlbumErased"] == 1
    assert Counter(each.type for each in events)["OperationFinished"] == 3
    assert found(folder, MARKER) == []
    assert [path for path in (folder / "content").rglob("*") if path.is_file()] == []
    await asyncio.to_thread(intact, folder)


async def ended(archive: Archive, operation_id: str) -> None:
    view = await archive.operation(operation_id)
    assert (view.state, view.total) == (OperationState.FINISHED, IMAGES)
    assert (view.changed, view.unchanged, view.refused) == (IMAGES, 0, 0)


def once(events: Sequence[RecordedEvent], kind: str, operation_id: str, image_ids: list[str]) -> None:
    """Each image has had this happen to it once, by this operation."""
    correlation = operation_stream(operation_id)
    streams = [each.stream for each in events if each.type == kind and each.correlation_id == correlation]
    assert sorted(streams) == sorted(f"image-{image_id}" for image_id in image_ids)


def intact(folder: Path) -> None:
    """The chain is whole, and the read file is what the log amounts to."""
    with closing(Scan(folder)) as scan:
        rows = scan._db.execute(f"SELECT {COLUMNS}, hash FROM events ORDER BY position").fetchall()
    assert first_break((Row(*row[:-1]), row[-1]) for row in rows) is None
    (read_file,) = folder.glob("read-*.db")
    assert tables(read_file) == folded(folder, folder.parent / "scratch.db")
