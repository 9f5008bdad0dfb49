"""Subscribers who come back after every death of the server and go on from their cursors."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from typing import Final

from tests.server import Client, Gone, position_of

EVENTS: Final = """
    subscription ($after: Cursor) {
        events(after: $after) { __typename cursor ... on Event { eventId type } }
    }
"""
SETTLED: Final = """
    subscription ($after: Cursor) { renditionSettled(after: $after) { cursor rendition { id state } } }
"""
SETTLING_SECONDS: Final = 300.0
_BEGINNINGS: Final = ("ImageUploaded", "RenderingRequested")
"""Each calls for work that comes to one end: an examination, a rendition."""

_ENDS: Final = ("ImageExamined", "ExaminationFailed", "RenderingFinished", "RenderingFailed")


class LogFollower:
    """Sees positions 1, 2, 3 … and complains of the first that is missing or comes again."""

    def __init__(self, cursor: str) -> None:
        assert position_of(cursor) == 0
        self.event_ids: list[str] = []
        self.unsettled = 0
        self._cursor = cursor

    async def follow(self, client: Client) -> None:
        with suppress(Gone):
            async with aclosing(client.subscribe(EVENTS, after=self._cursor)) as results:
                async for result in results:
                    self._take(result["events"])

    async def settled(self, client: Client) -> None:
        """Wait until no work is left to do, and all that has happened has been seen."""
        async with asyncio.timeout(SETTLING_SECONDS):
            while self.unsettled or len(self.event_ids) < position_of(await client.head()):
                await asyncio.sleep(0.1)

    def _take(self, item: dict[str, str]) -> None:
        position = position_of(item["cursor"])
        if item["__typename"] == "CaughtUp":
            assert position == len(self.event_ids)
            return
        assert position == len(self.event_ids) + 1, f"{position} after {len(self.event_ids)}"
        self._cursor = item["cursor"]
        self.event_ids.append(item["eventId"])
        self.unsettled += (item["type"] in _BEGINNINGS) - (item["type"] in _ENDS)


class RenditionFollower:
    """Is told the end of each rendition; `settled` has its id as often as it was told."""

    def __init__(self, cursor: str) -> None:
        self.settled: list[str] = []
        self._cursor = cursor

    async def follow(self, client: Client) -> None:
        with suppress(Gone):
            async with aclosing(client.subscribe(SETTLED, after=self._cursor)) as results:
                async for result in results:
                    item = result["renditionSettled"]
                    assert position_of(item["cursor"]) > position_of(self._cursor)
                    self._cursor = item["cursor"]
                    assert item["rendition"]["state"] in {"READY", "FAILED"}
                    self.settled.append(item["rendition"]["id"])
