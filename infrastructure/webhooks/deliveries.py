"""The file `webhooks.db`: how far each webhook's deliveries are, and what came of the latest of them.

It decides when an effect happens, so it is no part of the read model, and no rebuild touches it. It may be
lost: then each webhook goes on from where it was added, or was last told to go on from by a replay.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple, Self, TypeVar

import anyio

from domain.events import (
    WebhookAdded,
    WebhookChanged,
    WebhookEnabled,
    WebhookRedeliveryRequested,
    WebhookRemoved,
    WebhookReplayRequested,
)
from domain.ports.log import RecordedEvent
from domain.ports.webhooks import DeliveryFailure, DeliveryView
from infrastructure.sqlite.connection import open_writer, transaction
from infrastructure.webhooks.sender import Answer

T = TypeVar("T")

KEPT: Final = 10_000
KEPT_DAYS: Final = 30
_TRIM_EVERY: Final = 100
_RETRY_SECONDS: Final = 5.0
_DAY: Final = 24 * 3600 * 1_000_000

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS store (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    store_id TEXT NOT NULL
) STRICT;

-- `version`: the last event of the webhook's own stream that was carried out here.
CREATE TABLE IF NOT EXISTS progress (
    webhook_id      TEXT    PRIMARY KEY,
    version         INTEGER NOT NULL,
    position        INTEGER NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS redeliveries (
    number     INTEGER PRIMARY KEY,
    webhook_id TEXT    NOT NULL,
    position   INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS redeliveries_by_webhook ON redeliveries (webhook_id, number);

CREATE TABLE IF NOT EXISTS deliveries (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook_id TEXT    NOT NULL,
    position   INTEGER NOT NULL,
    attempt    INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    duration   INTEGER NOT NULL,
    status     INTEGER,
    failure    TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS deliveries_by_webhook ON deliveries (webhook_id, number);
"""

_FRESH: Final = "UPDATE progress SET attempts = 0, next_attempt_at = 0 WHERE webhook_id = ?"

log = logging.getLogger("darkroom.webhooks")


class Progress(NamedTuple):
    """Nothing up to `position` is left to deliver; the time is in microseconds since 1970."""

    position: int
    attempts: int
    next_attempt_at: int


class Redelivery(NamedTuple):
    number: int
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request that was made, at a time in microseconds since 1970. `number` as DeliveryView.attempt."""

    webhook_id: str
    position: int
    number: int
    at: int
    answer: Answer


class Deliveries:
    """All work is done in one thread, one thing after the other, each in a transaction of its own."""

    def __init__(self, path: Path, store_id: str) -> None:
        self._path = path
        self._store_id = store_id
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="darkroom-webhooks")

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Self]:
        self._db = await self._run(self._open)
        try:
            yield self
        finally:
            with anyio.CancelScope(shield=True):
                await self._run(self._db.close)
            self._thread.shutdown(wait=False)

    async def reconcile(self, end: int, versions: Mapping[str, int]) -> None:
        """Forget webhooks that there are not, and positions beyond the end of a log that was restored from
        an older copy: what is recorded there next was never delivered."""

        def work() -> None:
            for webhook_id in self._ids().difference(versions):
                self._forget(webhook_id)
            self._db.execute("UPDATE progress SET position = ? WHERE position > ?", (end, end))
            self._db.execute("DELETE FROM redeliveries WHERE position > ?", (end,))
            for webhook_id, version in versions.items():
                query = "UPDATE progress SET version = ? WHERE webhook_id = ? AND version > ?"
                self._db.execute(query, (version, webhook_id, version))

        await self._write(work)

    async def carry_out(self, events: Sequence[RecordedEvent]) -> None:
        """What events of one webhook's stream say about its deliveries; those seen before say nothing."""

        def work() -> None:
            for recorded in events:
                self._carry_out(recorded)

        await self._write(work)

    async def progress(self, webhook_id: str) -> Progress | None:
        query = "SELECT position, attempts, next_attempt_at FROM progress WHERE webhook_id = ?"
        row = await self._write(lambda: self._db.execute(query, (webhook_id,)).fetchone())
        return None if row is None else Progress(*row)

    async def all_progress(self) -> Mapping[str, Progress]:
        return await self._run(self._progress)

    async def passed(self, webhook_id: str, position: int) -> None:
        """Up to this position nothing was to be delivered."""
        query = "UPDATE progress SET position = ? WHERE webhook_id = ?"
        await self._write(lambda: self._db.execute(query, (position, webhook_id)))

    async def settle(self, attempt: Attempt, next_attempt_at: int) -> None:
        """Keep what came of an attempt, and either go on behind it or try it again at that time."""

        def work() -> None:
            self._keep(attempt)
            if attempt.answer.delivered:
                query = "UPDATE progress SET position = ? WHERE webhook_id = ?"
                self._db.execute(query, (attempt.position, attempt.webhook_id))
                self._db.execute(_FRESH, (attempt.webhook_id,))
            else:
                query = "UPDATE progress SET attempts = ?, next_attempt_at = ? WHERE webhook_id = ?"
                self._db.execute(query, (attempt.number, next_attempt_at, attempt.webhook_id))

        await self._write(work)

    async def next_redelivery(self, webhook_id: str) -> Redelivery | None:
        query = "SELECT number, position FROM redeliveries WHERE webhook_id = ? ORDER BY number LIMIT 1"
        row = await self._write(lambda: self._db.execute(query, (webhook_id,)).fetchone())
        return None if row is None else Redelivery(*row)

    async def settle_redelivery(self, redelivery: Redelivery, attempt: Attempt) -> None:
        """It was asked for once, so it is tried once."""

        def work() -> None:
            self._keep(attempt)
            self._db.execute("DELETE FROM redeliveries WHERE number = ?", (redelivery.number,))

        await self._write(work)

    async def latest(self, webhook_id: str, before: int | None, limit: int) -> Sequence[DeliveryView]:
        query = (
            "SELECT number, position, attempt, at, duration, status, failure FROM deliveries "
            "WHERE webhook_id = ? AND number < ? ORDER BY number DESC LIMIT ?"
        )
        values = (webhook_id, 2**63 - 1 if before is None else before, limit)
        rows = await self._run(lambda: self._db.execute(query, values).fetchall())
        return [_view(*row) for row in rows]

    def _open(self) -> sqlite3.Connection:
        try:
            return self._checked()
        except sqlite3.DatabaseError as error:
            log.error("%s cannot be used, and is begun anew: %s", self._path, error)  # noqa: TRY400
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self._path}{suffix}").unlink(missing_ok=True)
        return self._checked()

    def _checked(self) -> sqlite3.Connection:
        """Raises DatabaseError for a file that is damaged, and for that of another store."""
        with ExitStack() as stack:
            db = open_writer(self._path, synchronous="NORMAL", schema=_SCHEMA)
            stack.callback(db.close)
            (found,) = db.execute("PRAGMA quick_check(1)").fetchone()
            if found != "ok":
                raise sqlite3.DatabaseError(found)
            db.execute("INSERT OR IGNORE INTO store VALUES (1, ?)", (self._store_id,))
            (store_id,) = db.execute("SELECT store_id FROM store").fetchone()
            if store_id != self._store_id:
                raise sqlite3.DatabaseError("it belongs to another store")
            stack.pop_all()
            return db

    def _carry_out(self, recorded: RecordedEvent) -> None:
        event = recorded.event
        if isinstance(event, WebhookAdded):
            query = "INSERT OR IGNORE INTO progress (webhook_id, version, position) VALUES (?, ?, ?)"
            self._db.execute(query, (event.webhook_id, recorded.version, recorded.position))
            return
        webhook_id = recorded.stream.partition("-")[2]
        query = "UPDATE progress SET version = ? WHERE webhook_id = ? AND version < ?"
        values = (recorded.version, webhook_id, recorded.version)
        if self._db.execute(query, values).rowcount == 0:
            return
        if isinstance(event, WebhookReplayRequested):
            query = "UPDATE progress SET position = ? WHERE webhook_id = ?"
            self._db.execute(query, (event.after, webhook_id))
        if isinstance(event, WebhookChanged | WebhookEnabled | WebhookReplayRequested):
            self._db.execute(_FRESH, (webhook_id,))
        if isinstance(event, WebhookRedeliveryRequested):
            query = "INSERT INTO redeliveries (webhook_id, position) VALUES (?, ?)"
            self._db.execute(query, (webhook_id, event.position))
        if isinstance(event, WebhookRemoved):
            self._forget(webhook_id)

    def _forget(self, webhook_id: str) -> None:
        for table in ("progress", "redeliveries", "deliveries"):
            self._db.execute(f"DELETE FROM {table} WHERE webhook_id = ?", (webhook_id,))  # noqa: S608

    def _ids(self) -> set[str]:
        return {str(row[0]) for row in self._db.execute("SELECT webhook_id FROM progress")}

    def _progress(self) -> dict[str, Progress]:
        rows = self._db.execute("SELECT webhook_id, position, attempts, next_attempt_at FROM progress")
        return {str(row[0]): Progress(*row[1:]) for row in rows}

    def _keep(self, attempt: Attempt) -> None:
        answer = attempt.answer
        query = (
            "INSERT INTO deliveries (webhook_id, position, attempt, at, duration, status, failure) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)"
        )
        values = (
            attempt.webhook_id,
            attempt.position,
            attempt.number,
            attempt.at,
            answer.duration,
            answer.status,
            answer.failure,
        )
        number = self._db.execute(query, values).lastrowid or 0
        if number % _TRIM_EVERY == 0:
            self._trim(attempt.at)

    def _trim(self, now: int) -> None:
        query = (
            "DELETE FROM deliveries WHERE webhook_id = ?1 AND (at < ?2 OR number <= (SELECT number FROM "
            "deliveries WHERE webhook_id = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?3))"
        )
        for webhook_id in self._ids():
            self._db.execute(query, (webhook_id, now - KEPT_DAYS * _DAY, KEPT))

    async def _write(self, work: Callable[[], T]) -> T:
        """Until it succeeds: a full disk delays deliveries and neither loses nor forgets one."""

        def whole() -> T:
            with transaction(self._db):
                return work()

        while True:
            try:
                return await self._run(whole)
            except sqlite3.DatabaseError:
                log.exception("what is delivered cannot be written down")
                await anyio.sleep(_RETRY_SECONDS)

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _view(  # noqa: PLR0913, PLR0917  (the columns)
    number: int, position: int, attempt: int, at: int, duration: int, status: int | None, failure: str | None
) -> DeliveryView:
    return DeliveryView(
        number=number,
        position=position,
        attempt=attempt,
        at=datetime.fromtimestamp(at / 1_000_000, UTC),
        duration=duration,
        status=status,
        failure=None if failure is None else DeliveryFailure(failure),
    )
