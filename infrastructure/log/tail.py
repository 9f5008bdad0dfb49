"""The end of the log, kept in memory, where those who follow it wait for more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Final

from domain.ports import RecordedEvent

RECENT: Final = 4096
PAGE: Final = 256


class Tail:
    """The head, and the most recent events in one list that all followers share.

    Lives on the event loop: no method may be called from another thread.
    """

    def __init__(self, head: int) -> None:
        self.head = head
        self._recent: list[RecordedEvent] = []
        self._moved = asyncio.Event()
        self._forgotten = 0

    def publish(self, events: Sequence[RecordedEvent]) -> None:
        """Move the head over events that the read model shows already, and wake who waits."""
        if not events:
            return
        if events[0].position != self.head + 1:
            self._recent.clear()
        self._recent.extend(events)
        if len(self._recent) > 2 * RECENT:
            del self._recent[:-RECENT]
        self.head = events[-1].position
        self._moved.set()
        self._moved = asyncio.Event()

    def forget(self) -> None:
        """Let go of all events, and have followers read again what they hold and have not told yet: some
        of it has been erased."""
        self._recent.clear()
        self._forgotten += 1

    async def beyond(self, position: int) -> None:
        """Wait until the head has passed a position."""
        while self.head <= position:
            await self._moved.wait()

    async def follow(
        self, after: int, read: Callable[[int, int], Awaitable[Sequence[RecordedEvent]]]
    ) -> AsyncGenerator[RecordedEvent, None]:
        """Every event after a position, for ever.

        There is no hand-over from the past to the present: each turn asks only whether the cursor
        has reached the head, and takes what follows from wherever it is.
        """
        cursor = after
        while True:
            await self.beyond(cursor)
            forgotten = self._forgotten
            for event in self._after(cursor) or await read(cursor, PAGE):
                if self._forgotten != forgotten:
                    break
                if event.position != cursor + 1:
                    raise RuntimeError(f"the log continues at {event.position} after {cursor}")
                cursor = event.position
                yield event

    def _after(self, position: int) -> Sequence[RecordedEvent]:
        if not self._recent or position + 1 < self._recent[0].position:
            return ()
        start = position + 1 - self._recent[0].position
        return self._recent[start : start + PAGE]
