"""A program to be recorded: a gallery in use, which notes in the journal what it promised.

python -m tests.faults.recorded FOLDER [MUTANT]
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from pathlib import Path
from typing import Final

from domain.commands import ChangeImage, DeleteImage, DescribeImage
from infrastructure import renderings
from infrastructure.content.disk import Disk
from infrastructure.sqlite import keys, ledger
from infrastructure.sqlite.connection import open_writer
from tests.faults.gallery import Gallery, Shown, open_gallery, original, sha256
from tests.faults.promises import acknowledged, begun

CLIENTS: Final = 3
ROUNDS: Final = 2
UPLOADS: Final = 2
"""Of each client, in each round; between two rounds the store is closed and opened."""


class WithoutFileSync(Disk):
    def fsync(self, descriptor: int) -> None:
        pass


class WithoutFolderSync(Disk):
    def fsync_folder(self, path: Path) -> None:
        pass


def _open_without_sync(path: Path, *, synchronous: str, schema: str) -> sqlite3.Connection:
    assert synchronous == "FULL"
    return open_writer(path, synchronous="OFF", schema=schema)


async def main(folder: Path, mutant: str) -> None:
    disk = {"blob": WithoutFileSync, "folder": WithoutFolderSync}.get(mutant, Disk)()
    databases = {"log": ledger, "keys": keys}
    if mutant in databases:
        databases[mutant].open_writer = _open_without_sync  # type: ignore[attr-defined]
    renderings.BACKOFF_SECONDS = 0.0  # type: ignore[misc]
    for round_ in range(ROUNDS):
        async with open_gallery(folder, disk) as gallery, asyncio.TaskGroup() as clients:
            for client in range(CLIENTS):
                first = (round_ * CLIENTS + client) * UPLOADS
                clients.create_task(_client(gallery, range(first, first + UPLOADS)))


async def _client(gallery: Gallery, numbers: range) -> None:
    for number in numbers:
        content = original(number, 700 * (1 + number))
        shown = Shown(sha256(content), f"picture {number}")
        begun(shown)
        image_id = await gallery.upload(content, shown.name)
        acknowledged(shown)
        for change in _changes(image_id, number):
            shown = shown.after(change)
            begun(shown)
            await gallery.change(change)
            acknowledged(shown)
    await gallery.settled()


def _changes(image_id: str, number: int) -> list[ChangeImage]:
    changes: list[ChangeImage] = [
        DescribeImage(image_id=image_id, description=f"what it shows: {number}, " * 30 + "and so on"),
        DescribeImage(image_id=image_id, tags=("one", "two")),
    ]
    return [*changes, DeleteImage(image_id=image_id)] if number % 3 == 0 else changes


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *(sys.argv[2:] or [""])))
