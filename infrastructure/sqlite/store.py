"""A data folder, opened: the log, the keys and the read file in step with each other."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infrastructure.log.tail import Tail
from infrastructure.sqlite import read_files
from infrastructure.sqlite.keys import Keys
from infrastructure.sqlite.ledger import Ledger
from infrastructure.sqlite.lock import DataFolderUnusable, lock
from infrastructure.sqlite.log import SqliteEventLog
from infrastructure.sqlite.program import projection_hash
from infrastructure.sqlite.projection import Projection, tables_hash
from infrastructure.sqlite.read_model import SqliteReadModel
from infrastructure.sqlite.readers import Readers
from infrastructure.sqlite.rebuild import Rebuilder
from infrastructure.sqlite.upkeep import Upkeep
from infrastructure.sqlite.writer import Writer

SAY_EVERY: Final = 20_000
"""Events folded at start, between two words about it."""

log = logging.getLogger("darkroom.log")


@dataclass(frozen=True, slots=True)
class Store:
    log: SqliteEventLog
    read_model: SqliteReadModel
    writer: Writer
    rebuilder: Rebuilder
    url_secret: bytes
    """What URLs are signed with, where no other key is given."""

    async def rebuild(self) -> int:
        """See Rebuilder.rebuild."""
        return await self.rebuilder.rebuild()


@asynccontextmanager
async def open_store(folder: Path, now: Callable[[], int] | None = None) -> AsyncIterator[Store]:
    """Open a data folder, which is made where it is missing, and fold what the read file lacks.

    A read file that other code folded serves until it has been made anew in the background.

    Raises DataFolderUnusable, and DataFolderInUse, which is one.
    """
    async with AsyncExitStack() as stack:
        files = await asyncio.to_thread(_Files, folder, now)
        stack.push_async_callback(asyncio.to_thread, files.close)
        log_readers = await Readers.open(folder / "log.db", attach=("keys", folder / "keys.db"))
        stack.push_async_callback(log_readers.close)
        read_readers = await Readers.open(files.read_file)
        stack.push_async_callback(read_readers.close)
        ledger = files.ledger
        tail = Tail(files.upkeep.position)
        writer = Writer(folder, ledger, files.upkeep, tail.publish)
        stack.push_async_callback(writer.close)
        rebuilder = Rebuilder(folder, writer, read_readers)
        stack.push_async_callback(rebuilder.close)
        if files.outdated:
            log.info("the read file was folded by other code and is made anew in the background")
            rebuilder.start()
        event_log = SqliteEventLog(ledger.store_id, ledger.fingerprint_secret, writer, tail, log_readers)
        yield Store(event_log, SqliteReadModel(read_readers), writer, rebuilder, ledger.url_secret)


class _Files:
    """The files of a data folder, as their one writer has them open. Blocks."""

    def __init__(self, folder: Path, now: Callable[[], int] | None) -> None:
        try:
            self._open(folder, now)
        except sqlite3.Error as error:
            raise DataFolderUnusable(f"The data folder {folder} cannot be used: {error}.") from error

    def _open(self, folder: Path, now: Callable[[], int] | None) -> None:
        with ExitStack() as stack:
            stack.callback(os.close, lock(folder))
            keys = Keys(folder / "keys.db")
            stack.callback(keys.close)
            self.ledger = Ledger(folder / "log.db", keys, now)
            stack.callback(self.ledger.close)
            self.read_file = _current_read_file(folder, self.ledger)
            projection = Projection(self.read_file, self.ledger.store_id)
            self.outdated = projection.program != projection_hash()
            self.upkeep = Upkeep(self.ledger, projection)
            stack.callback(self.upkeep.close)
            _catch_up(self.upkeep)
            _tell_of_unknown(self.upkeep)
            self.close = stack.pop_all().close


def _current_read_file(folder: Path, ledger: Ledger) -> Path:
    """The newest read file that may be used, else the name of the next; all others are removed."""
    usable = (path for path in read_files.existing(folder) if _usable(path, ledger))
    keep = next(usable, None) or read_files.following(folder)
    read_files.sweep(folder, keep)
    return keep


def _usable(path: Path, ledger: Ledger) -> bool:
    """Whether a read file is whole, of this store, of these tables, and not ahead of the log."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as db:
            row = db.execute("SELECT position, store_id, tables FROM checkpoint").fetchone()
    except sqlite3.Error:
        return False
    if row is None:
        return False
    position, store_id, tables = row
    return (store_id, tables) == (ledger.store_id, tables_hash()) and int(position) <= ledger.position


def _catch_up(upkeep: Upkeep) -> None:
    """Until the file shows all, or stops."""
    begun_at, behind = upkeep.position, upkeep.behind
    if behind:
        log.info("folding %d events into the read file", behind)
    said = begun_at
    while upkeep.behind and upkeep.catch_up():
        if upkeep.position >= said + SAY_EVERY:
            said = upkeep.position
            log.info("folded %d of %d events", said - begun_at, behind)


def _tell_of_unknown(upkeep: Upkeep) -> None:
    for wire, count in upkeep.unknown.items():
        log.warning(
            "the log has %d of the event %s version %d, which this Darkroom does not know: kept, not shown",
            count,
            wire.name,
            wire.version,
        )
