"""A data folder, opened: the log, the keys and the read file in step with each other."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from domain.events import WireName
from infrastructure.log.tail import Tail
from infrastructure.sqlite.keys import Keys
from infrastructure.sqlite.ledger import Ledger
from infrastructure.sqlite.lock import lock
from infrastructure.sqlite.log import SqliteEventLog
from infrastructure.sqlite.projection import Projection, projection_hash
from infrastructure.sqlite.read_model import SqliteReadModel
from infrastructure.sqlite.readers import Readers
from infrastructure.sqlite.writer import Writer

_BATCH: Final = 1000
_READ_FILE: Final = re.compile(r"read-(\d+)\.db")

log = logging.getLogger("darkroom.log")


@dataclass(frozen=True, slots=True)
class Store:
    log: SqliteEventLog
    read_model: SqliteReadModel
    writer: Writer
    unknown: Mapping[WireName, int]
    """How many events of each type a newer Darkroom wrote. They are kept, not shown; this one adds none."""


@asynccontextmanager
async def open_store(folder: Path, now: Callable[[], int] | None = None) -> AsyncIterator[Store]:
    """Open a data folder, which is made where it is missing, and fold what the read file lacks.

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
        tail = Tail(ledger.position)
        writer = Writer(folder, ledger, files.projection, tail.publish)
        stack.push_async_callback(writer.close)
        event_log = SqliteEventLog(ledger.store_id, ledger.fingerprint_secret, writer, tail, log_readers)
        yield Store(event_log, SqliteReadModel(read_readers), writer, files.unknown)


class _Files:
    """The files of a data folder, as their one writer has them open. Blocks."""

    def __init__(self, folder: Path, now: Callable[[], int] | None) -> None:
        with ExitStack() as stack:
            stack.callback(os.close, lock(folder))
            keys = Keys(folder / "keys.db")
            stack.callback(keys.close)
            self.ledger = Ledger(folder / "log.db", keys, now)
            stack.callback(self.ledger.close)
            self.read_file = _current_read_file(folder, self.ledger)
            self.projection = Projection(self.read_file, self.ledger.store_id)
            stack.callback(self.projection.close)
            _catch_up(self.ledger, self.projection)
            self.unknown = self.projection.unknown()
            _tell_of(self.unknown)
            self.close = stack.pop_all().close


def _current_read_file(folder: Path, ledger: Ledger) -> Path:
    """The newest read file if it may be used, else the name of the next; older ones are removed."""
    found = {int(match[1]): path for path in folder.iterdir() if (match := _READ_FILE.fullmatch(path.name))}
    newest = max(found, default=0)
    if found and _usable(found[newest], ledger):
        keep = found.pop(newest)
    else:
        keep = folder / f"read-{newest + 1}.db"
    for path in found.values():
        _remove(path)
    return keep


def _usable(path: Path, ledger: Ledger) -> bool:
    """Whether a read file is whole, of this store, of this code, and not ahead of the log."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as db:
            row = db.execute("SELECT position, store_id, projection FROM checkpoint").fetchone()
    except sqlite3.Error:
        return False
    if row is None:
        return False
    position, store_id, projection = row
    mine = (store_id, projection) == (ledger.store_id, projection_hash())
    return mine and int(position) <= ledger.position


def _catch_up(ledger: Ledger, projection: Projection) -> None:
    behind = ledger.position - projection.position
    if not behind:
        return
    log.info("folding %d events into the read file", behind)
    events = ledger.scan(projection.position)
    while batch := list(islice(events, _BATCH)):
        projection.fold(batch)


def _tell_of(unknown: Mapping[WireName, int]) -> None:
    for wire, count in unknown.items():
        log.warning(
            "the log has %d of the event %s version %d, which this version of Darkroom does not know: "
            "kept, not shown",
            count,
            wire.name,
            wire.version,
        )


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
