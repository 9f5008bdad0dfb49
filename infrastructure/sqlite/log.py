"""The event log on SQLite."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from domain.paging import micros
from domain.ports.log import Append, Appended, Context, RecordedEvent
from infrastructure.log.tail import Tail
from infrastructure.sqlite.ledger import ANSWERED, answered
from infrastructure.sqlite.readers import Readers
from infrastructure.sqlite.scan import EVENTS, from_row
from infrastructure.sqlite.writer import Writer

_PAGE: Final = EVENTS + "WHERE e.position > ? AND e.position <= ? ORDER BY e.position LIMIT ?"
_STREAM: Final = EVENTS + "WHERE e.stream = ? AND e.version > ? ORDER BY e.version LIMIT ?"
_STREAM_BACK: Final = EVENTS + "WHERE e.stream = ? AND e.version < ? ORDER BY e.version DESC LIMIT ?"
_OWNERS: Final = """
    SELECT stream, owner FROM events WHERE stream IN (SELECT value FROM json_each(?)) AND version = 1
"""
_STREAMS: Final = "SELECT stream FROM events WHERE stream >= ? AND stream < ? AND version = 1 ORDER BY stream"
# Moments never go back in the log, so the last position of a moment is found by halving.
_POSITION_AT: Final = """
    WITH RECURSIVE halves (low, high) AS (
        SELECT 0, ?1
        UNION ALL
        SELECT CASE WHEN e.recorded_at <= ?2 THEN e.position ELSE low END,
               CASE WHEN e.recorded_at <= ?2 THEN high ELSE e.position - 1 END
        FROM halves JOIN events e ON e.position = (low + high + 1) / 2
        WHERE low < high
    )
    SELECT low FROM halves WHERE low = high
"""
_HOLDER: Final = "SELECT holder FROM claims WHERE owner = ? AND scope = ? AND value = ?"


class SqliteEventLog:
    """Appends through the one writer; reads through connections of its own."""

    def __init__(
        self, store_id: str, fingerprint_secret: bytes, writer: Writer, tail: Tail, readers: Readers
    ) -> None:
        self.store_id = store_id
        self._fingerprint_secret = fingerprint_secret
        self._writer = writer
        self._tail = tail
        self._readers = readers

    @property
    def head(self) -> int:
        return self._tail.head

    @property
    def end(self) -> int:
        return self._writer.end

    @property
    def forgettings(self) -> int:
        return self._tail.forgettings

    async def append(self, append: Append) -> Appended:
        return await self._writer.append(append)

    async def read(self, after: int, limit: int) -> Sequence[RecordedEvent]:
        return [from_row(row) for row in await self._readers.rows(_PAGE, (after, self.head, limit))]

    async def read_stream(
        self, stream: str, after: int = 0, limit: int | None = None
    ) -> Sequence[RecordedEvent]:
        values = (stream, after, -1 if limit is None else limit)
        return [from_row(row) for row in await self._readers.rows(_STREAM, values)]

    async def read_stream_back(self, stream: str, before: int, limit: int) -> Sequence[RecordedEvent]:
        return [from_row(row) for row in await self._readers.rows(_STREAM_BACK, (stream, before, limit))]

    async def owners(self, streams: Sequence[str]) -> Mapping[str, str]:
        names = msgspec.json.encode(streams).decode()
        return {str(row[0]): str(row[1]) for row in await self._readers.rows(_OWNERS, (names,))}

    async def streams(self, prefix: str) -> Sequence[str]:
        beyond = prefix + chr(0x10FFFF)
        return [str(row[0]) for row in await self._readers.rows(_STREAMS, (prefix, beyond))]

    async def position_at(self, moment: datetime) -> int:
        rows = await self._readers.rows(_POSITION_AT, (self.head, micros(moment)))
        return int(rows[0][0])

    async def answered(self, context: Context) -> Appended | None:
        rows = await self._readers.rows(ANSWERED, (context.owner, context.command_id))
        before = (rows[0][0], rows[0][1], rows[0][2]) if rows else None
        return answered(before, context, self._fingerprint_secret)

    async def holder(self, owner: str, scope: str, value: str) -> str | None:
        rows = await self._readers.rows(_HOLDER, (owner, scope, value))
        return str(rows[0][0]) if rows else None

    async def forget(self, streams: Sequence[str]) -> None:
        await self._writer.forget(streams)
        self._tail.forget()

    def follow(self, after: int) -> AsyncGenerator[RecordedEvent, None]:
        return self._tail.follow(after, self.read)

    def follow_batches(self, after: int) -> AsyncGenerator[Sequence[RecordedEvent], None]:
        return self._tail.follow_batches(after, self.read)
