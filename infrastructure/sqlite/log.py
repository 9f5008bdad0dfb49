"""The event log on SQLite."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Final

from domain.ports import Append, Appended, Context, RecordedEvent
from infrastructure.log.tail import Tail
from infrastructure.sqlite.ledger import ANSWERED, answered
from infrastructure.sqlite.readers import Readers
from infrastructure.sqlite.scan import EVENTS, from_row
from infrastructure.sqlite.writer import Writer

_PAGE: Final = EVENTS + "WHERE e.position > ? AND e.position <= ? ORDER BY e.position LIMIT ?"
_STREAM: Final = EVENTS + "WHERE e.stream = ? ORDER BY e.version"
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

    async def append(self, append: Append) -> Appended:
        return await self._writer.append(append)

    async def read(self, after: int, limit: int) -> Sequence[RecordedEvent]:
        return [from_row(row) for row in await self._readers.rows(_PAGE, (after, self.head, limit))]

    async def read_stream(self, stream: str) -> Sequence[RecordedEvent]:
        return [from_row(row) for row in await self._readers.rows(_STREAM, (stream,))]

    async def answered(self, context: Context) -> Appended | None:
        rows = await self._readers.rows(ANSWERED, (context.owner, context.command_id))
        before = (rows[0][0], rows[0][1], rows[0][2]) if rows else None
        return answered(before, context, self._fingerprint_secret)

    async def holder(self, owner: str, scope: str, value: str) -> str | None:
        rows = await self._readers.rows(_HOLDER, (owner, scope, value))
        return str(rows[0][0]) if rows else None

    def follow(self, after: int) -> AsyncGenerator[RecordedEvent, None]:
        return self._tail.follow(after, self.read)
