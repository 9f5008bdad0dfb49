"""What is asked for at once is done once, for as long as anybody waits for it."""

from __future__ import annotations

import asyncio
import gc

import pytest

from infrastructure.flights import Flights


class Work:
    """Counts how often it was begun, and ends when it is let."""

    def __init__(self) -> None:
        self.begun = 0
        self.cancelled = 0
        self.open = asyncio.Event()

    async def __call__(self) -> int:
        self.begun += 1
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return self.begun

    async def failing(self) -> int:
        await self()
        raise ZeroDivisionError


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_the_same_at_once_is_done_once() -> None:
    """And again when it is asked for afterwards; another is another."""
    flights, work, other = Flights[int](), Work(), Work()
    waiting = [asyncio.create_task(flights.join("a", work)) for _ in range(3)]
    waiting.append(asyncio.create_task(flights.join("b", other)))
    await settled()
    work.open.set()
    other.open.set()
    assert await asyncio.gather(*waiting) == [1, 1, 1, 1]
    assert await flights.join("a", work) == 2
    assert flights._flights == {}


async def test_one_that_goes_away_leaves_the_others_their_work() -> None:
    """Whoever was first is no different from the others."""
    flights, work = Flights[int](), Work()
    first, second = [asyncio.create_task(flights.join("a", work)) for _ in range(2)]
    await settled()
    first.cancel()
    await settled()
    assert first.cancelled()
    assert not work.cancelled
    work.open.set()
    assert await second == 1


async def test_when_all_have_gone_it_is_cancelled_and_may_begin_anew() -> None:
    """Whoever comes in the very moment does not get on a cancelled flight."""
    flights, work = Flights[int](), Work()
    waiting = [asyncio.create_task(flights.join("a", work)) for _ in range(2)]
    await settled()
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    again = asyncio.create_task(flights.join("a", work))
    await settled()
    work.open.set()
    assert await again == 2
    assert (work.begun, work.cancelled) == (2, 1)


async def test_a_failure_reaches_everybody_who_waits() -> None:
    """And asyncio has nothing to complain of."""
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    flights, work = Flights[int](), Work()
    work.open.set()
    waiting = [asyncio.create_task(flights.join("a", work.failing)) for _ in range(2)]
    for task in waiting:
        with pytest.raises(ZeroDivisionError):
            await task
    del waiting, task
    gc.collect()
    assert complaints == []
