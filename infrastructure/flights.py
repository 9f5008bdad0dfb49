"""Work under way: what is asked for again in the meantime is not done again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class _Flight(Generic[T]):
    task: asyncio.Task[T]
    passengers: int = 0


class Flights(Generic[T]):
    """One who goes away does not disturb the others; when all have gone, the work is cancelled."""

    def __init__(self) -> None:
        self._flights: dict[str, _Flight[T]] = {}

    async def join(self, key: str, begin: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result, or what was raised, of the work under this key; begun where none is under way."""
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(asyncio.create_task(begin()))
            flight.task.add_done_callback(partial(self._landed, key))
        flight.passengers += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.passengers -= 1
            if not flight.passengers and not flight.task.done():
                flight.task.cancel()
                self._forget(key, flight.task)

    def _landed(self, key: str, task: asyncio.Task[T]) -> None:
        if not task.cancelled():
            task.exception()  # else asyncio complains where nobody is left to be told
        self._forget(key, task)

    def _forget(self, key: str, task: asyncio.Task[T]) -> None:
        """Another flight may have begun under this key."""
        if key in self._flights and self._flights[key].task is task:
            del self._flights[key]
