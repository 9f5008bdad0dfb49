"""A log as it stands in its files, to be read while a server has it open or not."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from domain.paging import micros
from domain.ports.log import RecordedEvent
from infrastructure.log.chain import GENESIS, Row
from infrastructure.sqlite.connection import BUSY_MS, reader_uri
from infrastructure.sqlite.ledger import COLUMNS, DamagedEvent, recorded

PAGE: Final = 1000

_ROWS: Final = f"SELECT {COLUMNS}, hash FROM events WHERE "  # noqa: S608
_FORWARD: Final = _ROWS + "position > ? AND position <= ? ORDER BY position LIMIT ?"
_BACKWARD: Final = _ROWS + "position < ? ORDER BY position DESC LIMIT ?"
_STREAM: Final = _ROWS + "stream = ? ORDER BY version"
_STREAMS: Final = """
    SELECT DISTINCT stream FROM events WHERE stream > ? AND stream < ? ORDER BY stream LIMIT ?
"""
_TYPES: Final = """
    SELECT type, schema_version, count(*), sum(length(CAST(payload AS BLOB)))
    FROM events GROUP BY type, schema_version ORDER BY type, schema_version
"""


class NoLog(Exception):
    """There is no log in this folder."""


def _store_id(db: sqlite3.Connection) -> str:
    row = db.execute("SELECT store_id FROM store").fetchone()
    if row is None:
        raise NoLog("The log has no store id: it was never opened by a server.")
    return str(row[0])


class LogFile:
    """Reads a page at a time, so that nobody who writes waits for it. For one thread."""

    def __init__(self, db: sqlite3.Connection, keys: sqlite3.Connection | None) -> None:
        self.db = db
        self._keys = keys
        self.store_id = _store_id(db)

    @property
    def head(self) -> int:
        """The last position, as of now; 0 where there is none."""
        return int(self.db.execute("SELECT coalesce(max(position), 0) FROM events").fetchone()[0])

    def rows(self, after: int, until: int) -> Iterator[tuple[Row, bytes]]:
        """Rows with their hashes, in order."""
        while page := self.db.execute(_FORWARD, (after, until, PAGE)).fetchall():
            yield from ((Row(*values[:-1]), values[-1]) for values in page)
            after = page[-1][0]

    def backward(self, before: int) -> Iterator[tuple[Row, bytes]]:
        """Rows with their hashes, the latest first."""
        while page := self.db.execute(_BACKWARD, (before, PAGE)).fetchall():
            yield from ((Row(*values[:-1]), values[-1]) for values in page)
            before = page[-1][0]

    def row(self, position: int) -> tuple[Row, bytes]:
        """One event up to the head, with its hash. Raises DamagedEvent where it is missing."""
        for found in self.rows(position - 1, position):
            return found
        raise DamagedEvent(f"The event at position {position} is missing.")

    def digest(self, position: int) -> bytes:
        """The hash of an event, or what the chain begins with for position 0. Raises DamagedEvent."""
        return GENESIS if position == 0 else self.row(position)[1]

    def hashes(self, until: int) -> Iterator[bytes]:
        """The hashes of all events, from position 1 on."""
        query = "SELECT hash FROM events WHERE position <= ? ORDER BY position"
        return (digest for (digest,) in self.db.execute(query, (until,)))

    def event(self, row: Row) -> RecordedEvent:
        """Decoded, with its personal values as far as their keys exist. Raises DamagedEvent."""
        return recorded(row, self._secret)

    def events(self, after: int, until: int) -> Iterator[RecordedEvent]:
        """Raises DamagedEvent."""
        return (self.event(row) for row, _ in self.rows(after, until))

    def stream(self, name: str) -> list[RecordedEvent]:
        """All events of one stream, in order. Raises DamagedEvent."""
        return [self.event(Row(*values[:-1])) for values in self.db.execute(_STREAM, (name,))]

    def streams(self, prefix: str) -> Iterator[str]:
        """The names of all streams that begin so, in order."""
        after, beyond = prefix, prefix + chr(0x10FFFF)
        while page := self.db.execute(_STREAMS, (after, beyond, PAGE)).fetchall():
            yield from (name for (name,) in page)
            after = page[-1][0]

    def position_at(self, time: datetime) -> int:
        """The last position that was recorded at a time or before; times never run back in a log."""
        wanted = micros(time)
        low, high = 0, self.head
        while low < high:
            middle = (low + high + 1) // 2
            if self.row(middle)[0].recorded_at <= wanted:
                low = middle
            else:
                high = middle - 1
        return low

    def recorded_at(self, position: int) -> datetime:
        return datetime.fromtimestamp(self.row(position)[0].recorded_at / 1_000_000, UTC)

    def has_type(self, name: str) -> bool:
        """May read the whole log."""
        return self.db.execute("SELECT 1 FROM events WHERE type = ? LIMIT 1", (name,)).fetchone() is not None

    def types(self) -> list[tuple[str, int, int, int]]:
        """Type, schema version, number of events and bytes of payload. Reads the whole log."""
        return self.db.execute(_TYPES).fetchall()

    def store_secret(self, purpose: str) -> bytes | None:
        if self._keys is None:
            return None
        query = "SELECT secret FROM store_secrets WHERE purpose = ?"
        row = self._keys.execute(query, (purpose,)).fetchone()
        return None if row is None else bytes(row[0])

    def personal_keys(self) -> Iterator[tuple[int, bytes]]:
        """The keys of personal values, by their numbers."""
        if self._keys is not None:
            yield from self._keys.execute("SELECT number, secret FROM keys ORDER BY number")

    def store_secrets(self) -> Iterator[tuple[str, bytes]]:
        """Secrets of the whole store, by their purposes."""
        if self._keys is not None:
            yield from self._keys.execute("SELECT purpose, secret FROM store_secrets ORDER BY purpose")

    def _secret(self, number: int) -> bytes | None:
        if self._keys is None:
            return None
        row = self._keys.execute("SELECT secret FROM keys WHERE number = ?", (number,)).fetchone()
        return None if row is None else bytes(row[0])


@contextmanager
def open_log(folder: Path) -> Iterator[LogFile]:
    """The log of a data folder. Without its keys the personal values are read as erased. Raises NoLog."""
    if not (folder / "log.db").is_file():
        raise NoLog(f"There is no log in {folder}. DARKROOM_DATA says which data folder is meant.")
    with closing(_connect(folder / "log.db")) as db, _keys(folder / "keys.db") as keys:
        yield LogFile(db, keys)


@contextmanager
def _keys(path: Path) -> Iterator[sqlite3.Connection | None]:
    if not path.is_file():
        yield None
        return
    with closing(_connect(path)) as db:
        yield db


def _connect(path: Path) -> sqlite3.Connection:
    """Where nothing can be written, as from a backup that is mounted so, the file is read as it lies."""
    immutable = "" if os.access(path.parent, os.W_OK) else "&immutable=1"
    db = sqlite3.connect(reader_uri(path) + immutable, uri=True, isolation_level=None)
    db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    return db
