"""What there was at some time: the log, folded up to a position, beside the present."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import IO, Final

import msgspec

from domain.paging import keyset
from domain.ports import ImageFilter, ImageQuery, ImageView, Keyset
from infrastructure.sqlite.log_file import LogFile
from infrastructure.sqlite.projection import Projection
from infrastructure.sqlite.read_model import SqliteReadModel
from infrastructure.sqlite.readers import Readers

READ_FILE: Final = "read.db"
LISTING: Final = "images.jsonl"

_BATCH: Final = 1000
_PAGE: Final = 1000


def materialise(log: LogFile, position: int, folder: Path, advance: Callable[[int], object]) -> None:
    """Write a read file that shows the log as it was. `advance` hears how many events were folded.

    Raises DamagedEvent.
    """
    events = log.events(0, position)
    with closing(Projection(folder / READ_FILE, log.store_id)) as projection:
        while batch := list(islice(events, _BATCH)):
            projection.fold(batch)
            advance(len(batch))
        projection.db.execute("PRAGMA journal_mode = DELETE")  # one file, that can be taken anywhere


async def list_images(folder: Path, file: IO[bytes]) -> int:
    """Write every image of a read file, deleted ones too, as a line of JSON; the result is their number."""
    count = 0
    readers = await Readers.open(folder / READ_FILE)
    try:
        async for image in _images(SqliteReadModel(readers), _owners(folder)):
            file.write(msgspec.json.encode(image) + b"\n")
            count += 1
    finally:
        await readers.close()
    return count


async def _images(model: SqliteReadModel, owners: list[str]) -> AsyncIterator[ImageView]:
    for owner in owners:
        after: Keyset | None = None
        while True:
            query = ImageQuery(owner=owner, filter=ImageFilter(deleted=None), limit=_PAGE, after=after)
            page = (await model.images(query)).value
            for image in page.images:
                yield image
            if not page.has_next:
                break
            after = keyset(page.images[-1], query.order)


def _owners(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / READ_FILE)) as db:
        return [owner for (owner,) in db.execute("SELECT DISTINCT owner FROM images ORDER BY owner")]
