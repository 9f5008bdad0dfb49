"""A bounded pool of threads, for work that takes long and takes memory."""

import asyncio
import os
import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from domain.errors import Busy, ShuttingDown
from infrastructure.pixels.environment import give_memory_back

T = TypeVar("T")

NICE: Final = 10
"""Busy threads of low priority leave the event loop, and the disk's wake-ups, their share of the cores."""

IDLE_SECONDS: Final = 5.0
"""After so long without work, memory that is kept for the next picture goes back to the system."""


@dataclass(frozen=True, slots=True)
class _Waiter:
    cost: int
    admitted: asyncio.Future[None]


class Pool:
    """Runs functions in threads: so many at once, of so many bytes together; so many more may wait.

    Who comes first is served first. A job that does not fit into the memory left waits until it does,
    and those behind it wait too: none is passed by, so that neither large nor small jobs starve. A job
    of more than the whole budget runs alone. All methods belong to one event loop.
    """

    def __init__(self, *, threads: int, waiting: int, memory: int) -> None:
        self._threads = threads
        self._most_waiting = waiting
        self._memory = memory
        self._executor = ThreadPoolExecutor(threads, "pixels", initializer=_lower_priority)
        self._queue: deque[_Waiter] = deque()
        self._running = 0
        self._used = 0
        self._closing = False
        self._finished = asyncio.Event()
        self._trim: asyncio.TimerHandle | None = None

    async def run(self, function: Callable[..., T], /, *args: object, cost: int) -> T:
        """What a function returns or raises. `cost` is the memory in bytes that it takes at most.

        A caller that is cancelled while it waits frees its place; what runs already runs to its end.
        Raises Busy at once when too many wait, and ShuttingDown.
        """
        await self._admission(cost)
        job = asyncio.get_running_loop().run_in_executor(self._executor, function, *args)
        job.add_done_callback(partial(self._done, cost))
        return await asyncio.shield(job)

    async def aclose(self) -> None:
        """Let what runs come to its end, and refuse what waits."""
        self._closing = True
        while self._queue:
            waiter = self._queue.popleft()
            if not waiter.admitted.done():
                waiter.admitted.set_exception(_closed())
        self._cancel_trim()
        if self._running:
            await self._finished.wait()
        self._executor.shutdown(wait=False)

    async def _admission(self, cost: int) -> None:
        if self._closing:
            raise _closed()
        if not self._queue and self._fits(cost):
            self._admit(cost)
            return
        if len(self._queue) >= self._most_waiting:
            raise Busy("Too many pictures are waiting to be worked on.")
        waiter = _Waiter(cost, asyncio.get_running_loop().create_future())
        self._queue.append(waiter)
        try:
            await waiter.admitted
        except asyncio.CancelledError:
            self._withdraw(waiter)
            raise

    def _withdraw(self, waiter: _Waiter) -> None:
        """Give back a place in the queue, or memory that was admitted in the very moment of cancellation."""
        if waiter in self._queue:
            self._queue.remove(waiter)
            self._admit_waiting()
        elif not waiter.admitted.cancelled() and waiter.admitted.exception() is None:
            self._release(waiter.cost)

    def _fits(self, cost: int) -> bool:
        return self._running < self._threads and (not self._running or self._used + cost <= self._memory)

    def _admit(self, cost: int) -> None:
        self._running += 1
        self._used += cost
        self._cancel_trim()

    def _admit_waiting(self) -> None:
        while self._queue and self._fits(self._queue[0].cost):
            waiter = self._queue.popleft()
            if not waiter.admitted.done():
                self._admit(waiter.cost)
                waiter.admitted.set_result(None)

    def _done(self, cost: int, job: asyncio.Future[T]) -> None:
        if not job.cancelled():
            job.exception()  # else asyncio complains where its caller has gone and does not fetch it
        self._release(cost)

    def _release(self, cost: int) -> None:
        self._running -= 1
        self._used -= cost
        self._admit_waiting()
        if not self._running:
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
