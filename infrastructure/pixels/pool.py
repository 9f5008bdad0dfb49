"""A bounded pool of threads, for work that takes long and takes memory."""

import asyncio
import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from typing import Final, TypeVar

from domain.errors import Busy, ShuttingDown
from infrastructure.pixels.environment import give_memory_back

T = TypeVar("T")

NICE: Final = 10
"""Busy threads of low priority leave the event loop, and the disk's wake-ups, their share of the cores."""

IDLE_SECONDS: Final = 5.0
"""After so long without work, memory that is kept for the next picture goes back to the system."""


SMALL: Final = 96 << 20
"""Bytes of memory up to which a job is small: it takes tens of milliseconds, and somebody waits for it."""


class Lane(Enum):
    SMALL = auto()
    LARGE = auto()
    BACKGROUND = auto()


@dataclass(slots=True, eq=False)
class _Waiter:
    """`number` counts those who came. `aside`: admitted to the place that small jobs have of their own."""

    number: int
    cost: int
    admitted: asyncio.Future[None]
    aside: bool = False


class Pool:
    """Runs functions in threads: so many at once, of so many bytes together; so many more may wait.

    Who comes first is served first. A job that does not fit into the memory left waits until it does,
    and those behind it wait too: none is passed by, so that large jobs do not starve. A job of more than
    the whole budget runs alone.

    Small jobs do not starve either: one thread, and as much of the memory as a small job takes, are theirs
    alone. The first of them to wait runs there beside all others. Work in the background runs where nobody
    else waits, and leaves a thread free where there are several. All methods belong to one event loop.
    """

    def __init__(self, *, threads: int, waiting: int, memory: int, small: int = SMALL) -> None:
        """`waiting` jobs may wait in each lane. Jobs of at most `small` bytes are small."""
        self._threads = threads
        self._most_waiting = waiting
        self._memory = memory - small
        self._small = small
        self._executor = ThreadPoolExecutor(threads + 1, "pixels", initializer=_lower_priority)
        self._queues: dict[Lane, deque[_Waiter]] = {lane: deque() for lane in Lane}
        self._came = 0
        self._running = 0
        self._used = 0
        self._aside = False
        self._closing = False
        self._finished = asyncio.Event()
        self._trim: asyncio.TimerHandle | None = None

    async def run(
        self, function: Callable[..., T], /, *args: object, cost: int, background: bool = False
    ) -> T:
        """What a function returns or raises. `cost` is the memory in bytes that it takes at most.

        A caller that is cancelled while it waits frees its place; what runs already runs to its end.
        Raises Busy at once when too many wait in its lane, and ShuttingDown.
        """
        lane = Lane.BACKGROUND if background else Lane.SMALL if cost <= self._small else Lane.LARGE
        waiter = await self._admission(lane, cost)
        job = asyncio.get_running_loop().run_in_executor(self._executor, function, *args)
        job.add_done_callback(partial(self._done, waiter))
        return await asyncio.shield(job)

    async def aclose(self) -> None:
        """Let what runs come to its end, and refuse what waits."""
        self._closing = True
        for queue in self._queues.values():
            while queue:
                waiter = queue.popleft()
                if not waiter.admitted.done():
                    waiter.admitted.set_exception(_closed())
        self._cancel_trim()
        if self._working:
            await self._finished.wait()
        self._executor.shutdown(wait=False)

    @property
    def _working(self) -> bool:
        return self._aside or self._running > 0

    async def _admission(self, lane: Lane, cost: int) -> _Waiter:
        if self._closing:
            raise _closed()
        self._came += 1
        waiter = _Waiter(self._came, cost, asyncio.get_running_loop().create_future())
        queue = self._queues[lane]
        queue.append(waiter)
        self._admit_waiting()
        if len(queue) > self._most_waiting:
            queue.remove(waiter)
            raise Busy("Too many pictures are waiting to be worked on.")
        try:
            await waiter.admitted
        except asyncio.CancelledError:
            self._withdraw(waiter, queue)
            raise
        return waiter

    def _withdraw(self, waiter: _Waiter, queue: deque[_Waiter]) -> None:
        """Give back a place in the queue, or memory that was admitted in the very moment of cancellation."""
        if waiter in queue:
            queue.remove(waiter)
            self._admit_waiting()
        elif not waiter.admitted.cancelled() and waiter.admitted.exception() is None:
            self._release(waiter)

    def _admit_waiting(self) -> None:
        while (lane := self._next()) is not None:
            waiter = self._queues[lane].popleft()
            if not waiter.admitted.done():
                self._admit(waiter)

    def _next(self) -> Lane | None:
        """The lane whose first job can begin now."""
        first = [lane for lane in (Lane.SMALL, Lane.LARGE) if self._queues[lane]]
        if not first:
            return Lane.BACKGROUND if self._has_leisure() else None
        earliest = min(first, key=lambda lane: self._queues[lane][0].number)
        if self._fits(self._queues[earliest][0].cost):
            return earliest
        return Lane.SMALL if Lane.SMALL in first and not self._aside else None

    def _has_leisure(self) -> bool:
        """Whether the first job of the background can begin while nobody else waits."""
        queue = self._queues[Lane.BACKGROUND]
        free = self._threads - self._running
        return bool(queue) and free >= min(2, self._threads) and self._fits(queue[0].cost)

    def _fits(self, cost: int) -> bool:
        return self._running < self._threads and (not self._running or self._used + cost <= self._memory)

    def _admit(self, waiter: _Waiter) -> None:
        """Beside the others where it does not fit among them."""
        if self._fits(waiter.cost):
            self._running += 1
            self._used += waiter.cost
        else:
            self._aside = waiter.aside = True
        self._cancel_trim()
        waiter.admitted.set_result(None)

    def _done(self, waiter: _Waiter, job: asyncio.Future[T]) -> None:
        if not job.cancelled():
            job.exception()  # else asyncio complains where its caller has gone and does not fetch it
        self._release(waiter)

    def _release(self, waiter: _Waiter) -> None:
        if waiter.aside:
            self._aside = False
        else:
            self._running -= 1
            self._used -= waiter.cost
        self._admit_waiting()
        if not self._working:
            self._rest()

    def _rest(self) -> None:
        if self._closing:
            self._finished.set()
        else:
            loop = asyncio.get_running_loop()
            self._trim = loop.call_later(IDLE_SECONDS, self._executor.submit, give_memory_back)

    def _cancel_trim(self) -> None:
        if self._trim is not None:
            self._trim.cancel()
            self._trim = None


def _closed() -> ShuttingDown:
    return ShuttingDown("Darkroom is shutting down.")


def _lower_priority() -> None:
    """Make this thread nice; Linux alone has priorities by thread."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
