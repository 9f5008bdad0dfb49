"""The log read from its files: SQL and decoding for whoever is not its writer."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from domain.ports.log import RecordedEvent
from infrastructure.log.chain import Row
from infrastructure.sqlite.connection import BUSY_MS, reader_uri
from infrastructure.sqlite.ledger import recorded

PAGE: Final = 1000

_COLUMNS: Final = ", ".join(f"e.{name}" for name in Row._fields)
# Each event comes with the key of its personal values, where it has some and the key still exists. SQLite
# looks at the log first and at the keys after it, so that no key of an event that it sees is yet to come.
# A payload that is no JSON is for the decoder to complain of: it says where.
EVENTS: Final = f"""
    SELECT {_COLUMNS}, k.secret FROM events e
    LEFT JOIN keys.keys k
        ON k.number = CASE WHEN json_valid(e.payload) THEN json_extract(e.payload, '$.sealed.key') END
"""  # noqa: S608
_NEXT: Final = EVENTS + "WHERE e.position > ? ORDER BY e.position LIMIT ?"


class Scan:
    """A connection of its own that reads all that is committed. For one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self._db = sqlite3.connect(
            reader_uri(folder / "log.db"), uri=True, isolation_level=None, check_same_thread=False
        )
        self._db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        self._db.execute("ATTACH DATABASE ? AS keys", (reader_uri(folder / "keys.db"),))

    @property
    def store_id(self) -> str:
        return str(self._db.execute("SELECT store_id FROM store").fetchone()[0])

    @property
    def last(self) -> int:
        """The position of the last event, 0 where there is none."""
        return int(self._db.execute("SELECT coalesce(max(position), 0) FROM events").fetchone()[0])

    def pages(self, after: int) -> Iterator[list[RecordedEvent]]:
        """The events after a position, decoded, in order, and those that are recorded meanwhile.

        It ends at the end of the log, or once more than half as many were recorded in a round as in the one
        before: somebody who writes as fast as this reads is not followed for ever.
        """
        last = self.last
        missing = most = last - after
        while 0 < missing <= most:
            while after < last:
                rows = self._db.execute(_NEXT, (after, PAGE)).fetchall()
                yield [from_row(row) for row in rows]
                after = rows[-1][0]
            last = self.last
            missing, most = last - after, missing // 2

    def close(self) -> None:
        self._db.close()


def from_row(row: tuple[Any, ...]) -> RecordedEvent:
    """A row of `EVENTS`."""
    secret = row[-1]
    return recorded(Row(*row[:-1]), lambda _: secret)
