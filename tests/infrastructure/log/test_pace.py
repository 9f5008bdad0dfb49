"""How often many are woken."""

from __future__ import annotations

import asyncio

from infrastructure.log.pace import Pace


class Sleepers:
    """So many tasks that wait; `rounds` counts how often they were woken."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.rounds = 0
        self.woken = asyncio.Event()

    def wake(self) -> int:
        self.rounds += 1
        self.woken.set()
        return self.number


async def test_nobody_waits_without_need() -> None:
    """The first time, and whenever nobody was there to be woken before."""
    sleepers = Sleepers(0)
    pace = Pace(sleepers.wake)
    for number in range(1, 4):
        pace.ask()
        assert sleepers.rounds == number
    sleepers.number = 10_000
    pace.ask()
    assert sleepers.rounds == 4


async def test_many_are_woken_once_for_all_that_happens_while_they_rest() -> None:
    """And they are woken for the last of it, though nobody asks again."""
    sleepers = Sleepers(2_000)
    pace = Pace(sleepers.wake)
    for _ in range(50):
        pace.ask()
        await asyncio.sleep(0)
    assert sleepers.rounds == 1
    sleepers.woken.clear()
    await asyncio.wait_for(sleepers.woken.wait(), 5)
    assert sleepers.rounds == 2


async def test_who_has_nothing_new_is_left_alone() -> None:
    """A rest is followed by nothing of itself."""
    sleepers = Sleepers(10)
    pace = Pace(sleepers.wake)
    pace.ask()
    await asyncio.sleep(0.05)
    assert sleepers.rounds == 1
