"""The one thread that writes: appends wait in a queue and are committed in groups.

The sync to disk that is under way is the batching window: whoever comes meanwhile goes into the
next group, and nobody waits for a timer.
"""

from __future__ import annotations

import asyncio
import logging
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from domain.errors import Busy, Refusal, ShuttingDown, StorageFull
from domain.ports import Append, Appended, RecordedEvent
from infrastructure.sqlite.connection import transaction
from infrastructure.sqlite.ledger import Ledger
from infrastructure.sqlite.projection import Projection

GROUP: Final = 256
QUEUE: Final = 8192
RESERVE_BYTES: Final = 32 * 1024 * 1024
"""Free space that appends leave on the disk, so that what is running can still finish."""

_RETRY_SECONDS: Final = 1.0

log = logging.getLogger("darkroom.log")

Outcome = Appended | Exception


class _Waiting(NamedTuple):
    append: Append
    future: asyncio.Future[Appended]


class _Group(NamedTuple):
    """What one commit came to: answers for those who wait, and events to publish."""

    waiting: Sequence[_Waiting]
    outcomes: Sequence[Outcome]
    events: Sequence[RecordedEvent]


class Writer:
    """Appends to the ledger and folds into the read file, in this order, from one thread.

    `publish` is called on the event loop with the events of each group, after the read file shows
    them and before their appends are answered.
    """

    def __init__(
        self,
        folder: Path,
        ledger: Ledger,
        projection: Projection,
        publish: Callable[[Sequence[RecordedEvent]], None],
    ) -> None:
        self._folder = folder
        self._ledger = ledger
        self._projection = projection
        self._publish = publish
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._count = 0
        self._closing = False
        self.projection_error: str | None = None
        self._thread = threading.Thread(target=self._run, name="darkroom-writer", daemon=True)
        self._thread.start()

    async def append(self, append: Append) -> Appended:
        """Answered once the outcome is on the disk and the read file shows it.

        A caller that goes away does not undo its append.
        """
        if self._closing:
            raise ShuttingDown("The server is shutting down. Ask again in a moment.")
        if self._count >= QUEUE:
            raise Busy("Too many changes are waiting to be written. Ask again in a moment.")
        future: asyncio.Future[Appended] = self._loop.create_future()
        self._count += 1
        self._queue.put(_Waiting(append, future))
        return await future

    async def close(self) -> None:
        """Write what waits, then end."""
        if not self._closing:
            self._closing = True
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        going = True
        while going:
            waiting, going = self._take()
            group = self._commit(waiting)
            self._loop.call_soon_threadsafe(self._deliver, group)

    def _take(self) -> tuple[list[_Waiting], bool]:
        """The next group: at least one append, unless the read file is behind and needs a turn."""
        group: list[_Waiting] = []
        try:
            item = self._queue.get(timeout=_RETRY_SECONDS if self.projection_error else None)
            while item is not None:
                group.append(item)
                if len(group) == GROUP:
                    return group, True
                item = self._queue.get_nowait()
        except queue.Empty:
            return group, True
        return group, False

    def _commit(self, waiting: Sequence[_Waiting]) -> _Group:
        outcomes: list[Outcome] = []
        events: list[RecordedEvent] = []
        try:
            if waiting:
                self._check_space()
                with transaction(self._ledger.db):
                    outcomes = [self._record(item.append, events) for item in waiting]
        except Exception as error:
            self._ledger.reload()
            outcomes, events = [_refusal(error)] * len(waiting), []
        return _Group(waiting, outcomes, self._fold(events))

    def _record(self, append: Append, events: list[RecordedEvent]) -> Outcome:
        """One command: all of it or nothing. Only what is wrong with the disk ends the whole group."""
        db = self._ledger.db
        db.execute("SAVEPOINT command")
        try:
            appended, recorded = self._ledger.record(append)
        except sqlite3.OperationalError:
            raise
        except Exception as error:
            db.execute("ROLLBACK TO command")
            db.execute("RELEASE command")
            self._ledger.reload()
            return error
        db.execute("RELEASE command")
        events.extend(recorded)
        return appended

    def _fold(self, events: Sequence[RecordedEvent]) -> Sequence[RecordedEvent]:
        """Bring the read file up to the log, and say what it shows now that it did not before.

        Where folding fails the log stands as it is, and the next turn folds again from there.
        """
        if self.projection_error is None and not events:
            return ()
        try:
            if self.projection_error is not None:
                events = list(self._ledger.scan(self._projection.position))
            self._projection.fold(events)
        except Exception as error:
            if self.projection_error is None:
                log.exception("the read model stopped at position %d", self._projection.position)
            self.projection_error = f"{type(error).__name__}: {error}"
            return ()
        self.projection_error = None
        return events

    def _check_space(self) -> None:
        space = os.statvfs(self._folder)
        if space.f_bavail * space.f_frsize < RESERVE_BYTES:
            raise StorageFull("The disk is full. Nothing was changed; ask again when there is room.")

    def _deliver(self, group: _Group) -> None:
        self._count -= len(group.waiting)
        self._publish(group.events)
        for item, outcome in zip(group.waiting, group.outcomes, strict=True):
            if item.future.done():
                continue
            if isinstance(outcome, Exception):
                item.future.set_exception(outcome)
            else:
                item.future.set_result(outcome)


def _refusal(error: Exception) -> Exception:
    """What those who wait are told when a whole group could not be written."""
    if isinstance(error, Refusal):
        return error
    log.error("a group of appends was not written: %s", error)
    if isinstance(error, sqlite3.OperationalError | OSError):
        return StorageFull(
            "The change could not be written to the disk. Nothing was changed; ask again later."
        )
    return error
