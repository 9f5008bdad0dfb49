"""What there was at some time: the log, folded up to a position, beside the present."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import IO, Final

import msgspec

from domain.paging import keyset
from domain.ports.views import ImageView
from domain.query import ImageFilter, ImageQuery
from infrastructure.sqlite.connection import without_journal
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
        with without_journal(projection.db):
            while batch := list(islice(events, _BATCH)):
                projection.fold(batch)
                advance(len(batch))
        projection.db.execute("PRAGMA journal_mode = DELETE")  # one file, that can be taken anywhere


def list_images(folder: Path, file: IO[bytes]) -> int:
    """Write every image of a read file, deleted ones too, as a line of JSON; the result is their number."""
    count = 0
    with asyncio.Runner() as runner:
        readers = runner.run(Readers.open(folder / READ_FILE))
        try:
            for query in map(_all_of, _owners(folder)):
                for image in _images(runner, SqliteReadModel(readers), query):
                    file.write(msgspec.json.encode(image) + b"\n")
                    count += 1
        finally:
            runner.run(readers.close())
    return count


def _images(runner: asyncio.Runner, model: SqliteReadModel, query: ImageQuery) -> Iterator[ImageView]:
    while True:
        page = runner.run(model.images(query)).value
        yield from page.images
        if not page.has_next:
            return
        query = replace(query, after=keyset(page.images[-1], query.order))


def _all_of(owner: str) -> ImageQuery:
    return ImageQuery(owner=owner, filter=ImageFilter(deleted=None), limit=_PAGE)


def _owners(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / READ_FILE)) as db:
        return [owner for (owner,) in db.execute("SELECT DISTINCT owner FROM images ORDER BY owner")]
