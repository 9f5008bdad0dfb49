"""The one thread that writes: appends wait in a queue and are committed in groups.

The sync to disk that is under way is the batching window: whoever comes meanwhile goes into the
next group, and nobody waits for a timer.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from domain.errors import Busy, Refusal, ShuttingDown, StorageFull
from domain.events import WireName
from domain.ports.log import Append, Appended, RecordedEvent
from infrastructure.sqlite.connection import transaction
from infrastructure.sqlite.disk_space import RESERVE_BYTES, free_bytes
from infrastructure.sqlite.ledger import Ledger
from infrastructure.sqlite.projection import Projection
from infrastructure.sqlite.upkeep import Upkeep

GROUP: Final = 256
QUEUE: Final = 8192
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
    end: int


class _Replacement(NamedTuple):
    """Another read file for the writer, and who is told when it has taken it."""

    projection: Projection
    taken: Callable[[], None]
    before: asyncio.Future[Projection]


class _Forgetting(NamedTuple):
    """Streams whose keys are to be destroyed, and who is told when they are."""

    streams: Sequence[str]
    done: asyncio.Future[None]


class Writer:
    """Appends to the ledger and folds into the read file, in this order, from one thread.

    `publish` is called on the event loop with the events of each group, after the read file shows
    them and before their appends are answered.
    """

    def __init__(
        self,
        folder: Path,
        ledger: Ledger,
        upkeep: Upkeep,
        publish: Callable[[Sequence[RecordedEvent]], None],
    ) -> None:
        self._folder = folder
        self._ledger = ledger
        self._upkeep = upkeep
        self._publish = publish
        self._loop = asyncio.get_running_loop()
        self._gathered: list[_Waiting] = []
        self._queue: queue.SimpleQueue[Sequence[_Waiting] | None] = queue.SimpleQueue()
        self._replacement: _Replacement | None = None
        self._forgettings: deque[_Forgetting] = deque()
        self._count = 0
        self._closing = False
        self.end = ledger.position
        """The last position that is recorded; the read file may have stopped before it."""

        self._thread = threading.Thread(target=self._run, name="darkroom-writer", daemon=True)
        self._thread.start()

    @property
    def projection_error(self) -> str | None:
        """Why the read file does not follow the log, or None where it does."""
        return self._upkeep.error

    @property
    def unknown_events(self) -> Mapping[WireName, int]:
        """How many events of the log, by type, are of a newer Darkroom: kept, not shown."""
        return self._upkeep.unknown

    async def append(self, append: Append) -> Appended:
        """Answered once the outcome is on the disk and the read file shows it, if that has not stopped.

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

    async def replace(self, projection: Projection, taken: Callable[[], None]) -> Projection:
        """Go on with another read file, between two groups, and answer the one before, which is the caller's.

        `taken` is called on the event loop before anything is published that only the new file shows. Raises
        what folding the last events raises; all is as it was then.
        """
        before: asyncio.Future[Projection] = self._loop.create_future()
        self._replacement = _Replacement(projection, taken, before)
        self._queue.put([])
        return await before

    async def forget(self, streams: Sequence[str]) -> None:
        """Destroy the keys of streams, between two groups; see Keys.destroy."""
        if self._closing:
            raise ShuttingDown("The server is shutting down. Ask again in a moment.")
        forgetting = _Forgetting(streams, self._loop.create_future())
        self._forgettings.append(forgetting)
        self._queue.put([])
        await forgetting.done

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
            self._replace()
            self._forget()
            group = self._settle(waiting)
            self._loop.call_soon_threadsafe(self._deliver, group)

    def _take(self) -> tuple[list[_Waiting], bool]:
        """The next group: at least one append, unless the read file is behind and needs a turn."""
        group: list[_Waiting] = []
        try:
            gathered = self._queue.get(timeout=self._upkeep.idle_seconds)
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
            return _Group(waiting, [error] * len(waiting), (), self._ledger.position)

    def _commit(self, waiting: Sequence[_Waiting]) -> _Group:
        if waiting and not self._has_space():
            full = StorageFull("The disk is full. Nothing was changed; ask again when there is room.")
            return self._shown(waiting, [full] * len(waiting), [])
        return self._shown(waiting, *self._record(waiting))

    def _shown(
        self, waiting: Sequence[_Waiting], outcomes: Sequence[Outcome], events: Sequence[RecordedEvent]
    ) -> _Group:
        return _Group(waiting, outcomes, self._upkeep.take(events), self._ledger.position)

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

    def _replace(self) -> None:
        replacement, self._replacement = self._replacement, None
        if replacement is None:
            return
        begun = time.perf_counter()
        try:
            before, unseen = self._upkeep.replace(replacement.projection)
        except Exception as error:
            self._loop.call_soon_threadsafe(replacement.before.set_exception, error)
            return
        log.info("the writer has taken a new read file in %.1f ms", (time.perf_counter() - begun) * 1000)
        self._loop.call_soon_threadsafe(self._replaced, replacement, before, unseen)

    def _replaced(
        self, replacement: _Replacement, before: Projection, unseen: Sequence[RecordedEvent]
    ) -> None:
        replacement.taken()
        self._publish(unseen)
        replacement.before.set_result(before)

    def _forget(self) -> None:
        while self._forgettings:
            streams, done = self._forgettings.popleft()
            try:
                self._ledger.forget(streams)
            except Exception as error:
                self._loop.call_soon_threadsafe(_tell, done, error)
            else:
                self._loop.call_soon_threadsafe(_tell, done, None)

    def _has_space(self) -> bool:
        return free_bytes(self._folder) >= RESERVE_BYTES

    def _deliver(self, group: _Group) -> None:
        self._count -= len(group.waiting)
        self.end = group.end
        self._publish(group.events)
        for item, outcome in zip(group.waiting, group.outcomes, strict=True):
            if item.future.done():
                continue
            if isinstance(outcome, Exception):
                item.future.set_exception(outcome)
            else:
                item.future.set_result(outcome)


def _tell(future: asyncio.Future[None], error: Exception | None) -> None:
    """Whoever still waits."""
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
