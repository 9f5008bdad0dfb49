"""The end of the log, kept in memory, where those who follow it wait for more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import Final, TypeAlias

from domain.ports.log import RecordedEvent
from infrastructure.log.pace import Pace

RECENT: Final = 4096
PAGE: Final = 256

Read: TypeAlias = Callable[[int, int], Awaitable[Sequence[RecordedEvent]]]


class Tail:
    """The head, and the most recent events in one list that all followers share.

    Lives on the event loop: no method may be called from another thread.
    """

    def __init__(self, head: int) -> None:
        self.head = head
        self._recent: list[RecordedEvent] = []
        self._moved = asyncio.Event()
        self.forgettings = 0
        """How often something was forgotten."""

        self._waiting = 0
        self._pace = Pace(self._wake)

    def publish(self, events: Sequence[RecordedEvent]) -> None:
        """Move the head over events that the read model shows already, and have those woken who wait."""
        if not events:
            return
        if events[0].position != self.head + 1:
            self._recent.clear()
        self._recent.extend(events)
        if len(self._recent) > 2 * RECENT:
            del self._recent[:-RECENT]
        self.head = events[-1].position
        self._pace.ask()

    def forget(self) -> None:
        """Let go of all events, because some of what they say has been erased. Who follows them singly is
        told no more of it, not even of those that were on their way already."""
        self._recent.clear()
        self.forgettings += 1

    async def beyond(self, position: int) -> None:
        """Wait until the head has passed a position."""
        while self.head <= position:
            self._waiting += 1
            try:
                await self._moved.wait()
            finally:
                self._waiting -= 1

    async def follow(self, after: int, read: Read) -> AsyncGenerator[RecordedEvent, None]:
        """Every event after a position, for ever."""
        async with aclosing(self.follow_batches(after, read)) as batches:
            async for events in batches:
                before = self.forgettings
                for event in events:
                    if self.forgettings == before:
                        yield event
                    else:
                        yield (await read(event.position - 1, 1))[0]

    async def follow_batches(self, after: int, read: Read) -> AsyncGenerator[Sequence[RecordedEvent], None]:
        """Every event after a position, for ever, up to 256 at once.

        There is no hand-over from the past to the present: each turn asks only whether the cursor
        has reached the head, and takes what follows from wherever it is.
        """
        cursor = after
        while True:
            await self.beyond(cursor)
            before = self.forgettings
            events = self._after(cursor) or await read(cursor, PAGE)
            if self.forgettings != before:
                continue
            for expected, event in enumerate(events, cursor + 1):
                if event.position != expected:
                    raise RuntimeError(f"the log continues at {event.position} after {expected - 1}")
            cursor += len(events)
            yield events

    def _after(self, position: int) -> Sequence[RecordedEvent]:
        if not self._recent or position + 1 < self._recent[0].position:
            return ()
        start = position + 1 - self._recent[0].position
        return self._recent[start : start + PAGE]

    def _wake(self) -> int:
        self._moved.set()
        self._moved = asyncio.Event()
        return self._waiting
