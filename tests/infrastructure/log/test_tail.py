"""The end of the log in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from datetime import UTC, datetime

import pytest

from domain.ports.log import RecordedEvent
from infrastructure.log import tail as module
from infrastructure.log.tail import Tail


def event(position: int) -> RecordedEvent:
    return RecordedEvent(
        position=position,
        stream="s",
        version=position,
        event_id=bytes(16),
        type="T",
        schema_version=1,
        recorded_at=datetime.now(UTC),
        command_id="",
        correlation_id="",
        causation_id="",
        actor="",
        owner="",
        event=None,
    )


class History:
    """A log that counts how often it is read."""

    def __init__(self) -> None:
        self.events: list[RecordedEvent] = []
        self.reads = 0

    def grow(self, count: int) -> list[RecordedEvent]:
        more = [event(len(self.events) + n + 1) for n in range(count)]
        self.events.extend(more)
        return more

    async def read(self, after: int, limit: int) -> Sequence[RecordedEvent]:
        self.reads += 1
        return self.events[after : after + limit]


async def take(tail: Tail, history: History, after: int, count: int) -> list[int]:
    taken: list[int] = []
    async with aclosing(tail.follow(after, history.read)) as following:
        async for recorded in following:
            taken.append(recorded.position)
            if len(taken) == count:
                break
    return taken


async def test_what_is_recent_is_not_read_again() -> None:
    """However many follow."""
    history, tail = History(), Tail(0)
    tail.publish(history.grow(100))
    takes = await asyncio.gather(*(take(tail, history, 50, 50) for _ in range(10)))
    assert takes == [list(range(51, 101))] * 10
    assert history.reads == 0


async def test_what_is_older_comes_from_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """And goes over into what is recent without a seam, while more happens."""
    monkeypatch.setattr(module, "RECENT", 8)
    history, tail = History(), Tail(0)
    for _ in range(10):
        tail.publish(history.grow(10))
    following = asyncio.create_task(take(tail, history, 0, 130))
    for _ in range(3):
        await asyncio.sleep(0)
        tail.publish(history.grow(10))
    assert await following == list(range(1, 131))
    assert history.reads > 0


async def test_a_head_that_jumps_is_followed() -> None:
    """Events that were not handed over are read from the log."""
    history, tail = History(), Tail(0)
    tail.publish(history.grow(3))
    following = asyncio.create_task(take(tail, history, 0, 9))
    await asyncio.sleep(0)
    history.grow(3)
    tail.publish(history.grow(3))
    assert await following == list(range(1, 10))


async def test_a_gap_in_the_log_is_an_error() -> None:
    """Better no event than one too few."""
    history, tail = History(), Tail(5)
    history.grow(5)
    del history.events[2]
    with pytest.raises(RuntimeError, match="continues at 4 after 2"):
        await take(tail, history, 0, 5)
