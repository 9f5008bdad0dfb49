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
_CUT_SHORT: Final = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE}
"""With these a commit has not come to its end in the write-ahead log, which nobody can take for one then."""

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
        self._gathered: list[_Waiting] = []
        self._queue: queue.SimpleQueue[Sequence[_Waiting] | None] = queue.SimpleQueue()
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
        if not self._gathered:
            self._loop.call_soon(self._hand_over)
        self._gathered.append(_Waiting(append, future))
        return await future

    async def close(self) -> None:
        """Write what waits, then end."""
        if not self._closing:
            self._closing = True
            self._hand_over()
            self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _hand_over(self) -> None:
        """Cross to the thread once for all that came in one turn of the loop."""
        gathered, self._gathered = self._gathered, []
        for start in range(0, len(gathered), GROUP):
            self._queue.put(gathered[start : start + GROUP])

    def _run(self) -> None:
        going = True
        while going:
            waiting, going = self._take()
            group = self._settle(waiting)
            self._loop.call_soon_threadsafe(self._deliver, group)

    def _take(self) -> tuple[list[_Waiting], bool]:
        """The next group: at least one append, unless the read file is behind and needs a turn."""
        group: list[_Waiting] = []
        try:
            gathered = self._queue.get(timeout=_RETRY_SECONDS if self.projection_error else None)
            while gathered is not None:
                group.extend(gathered)
                if len(group) >= GROUP:
                    return group, True
                gathered = self._queue.get_nowait()
        except queue.Empty:
            return group, True
        return group, False

    def _settle(self, waiting: Sequence[_Waiting]) -> _Group:
        """Whatever happens to a group, those who wait are answered and the thread goes on."""
        try:
            return self._commit(waiting)
        except Exception as error:
            log.exception("a group of appends was not settled")
            return _Group(waiting, [error] * len(waiting), ())

    def _commit(self, waiting: Sequence[_Waiting]) -> _Group:
        if waiting and not self._has_space():
            full = StorageFull("The disk is full. Nothing was changed; ask again when there is room.")
            return _Group(waiting, [full] * len(waiting), self._fold([]))
        outcomes, events = self._record(waiting)
        return _Group(waiting, outcomes, self._fold(events))

    def _record(self, waiting: Sequence[_Waiting]) -> tuple[list[Outcome], list[RecordedEvent]]:
        """Write commands in one transaction.

        Where one of them cannot be written, each has a transaction of its own, so that none takes
        others with it.
        """
        if not waiting:
            return [], []
        events: list[RecordedEvent] = []
        try:
            with transaction(self._ledger.db):
                return [self._outcome(item.append, events) for item in waiting], events
        except Exception as error:
            self._ledger.reload()
            if len(waiting) == 1:
                return [self._refusal(error)], []
        alone = [self._record([item]) for item in waiting]
        return [outcome for outcomes, _ in alone for outcome in outcomes], [e for _, es in alone for e in es]

    def _refusal(self, error: Exception) -> Exception:
        """What is told of a command that could not be written: that it was not, once that is certain."""
        log.error("an append was not written: %s", error)
        if isinstance(error, sqlite3.OperationalError):
            try:
                self._ledger.write_over()
            except sqlite3.Error:
                if getattr(error, "sqlite_errorcode", None) not in _CUT_SHORT:
                    return error
        elif not isinstance(error, OSError):
            return error
        return StorageFull(
            "The change could not be written to the disk. Nothing was changed; ask again later."
        )

    def _outcome(self, append: Append, events: list[RecordedEvent]) -> Outcome:
        try:
            appended, recorded = self._ledger.record(append)
        except Refusal as refusal:  # raised before anything of this command was written
            return refusal
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

    def _has_space(self) -> bool:
        space = os.statvfs(self._folder)
        return space.f_bavail * space.f_frsize >= RESERVE_BYTES

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
