"""Subscribers and a server that goes away: killed or told to stop, they miss nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest

from tests.server import Gone, Server, position_of, running_server
from tests.system.doors import PICTURES, Outcome
from tests.system.raw import END, beginning, connected, head, size

EVENTS: Final = """
    subscription ($after: Cursor) { events(after: $after) { __typename cursor ... on Event { eventId } } }
"""
SETTLED: Final = """
    subscription ($after: Cursor) { renditionSettled(after: $after) { cursor rendition { id state } } }
"""
STARTED: Final = """
    subscription ($after: Cursor) {
        events(after: $after, filter: { types: ["RenderingStarted"] }) { ... on RenderingStarted { attempt } }
    }
"""
LIVES: Final = 4
UPLOADS: Final = 12
"""In each life of the server; it ends when a few of their renditions are done."""

LEAVE: Final[dict[str, Callable[[Server], Awaitable[object]]]] = {
    "kill -9": Server.kill,
    "stop": Server.stop,
}


class Subscriber:
    """Keeps the cursor of the last thing that it was told, and begins there again."""

    def __init__(self, field: str, document: str, cursor: str) -> None:
        self.told: list[dict[str, Any]] = []
        self._field = field
        self._document = document
        self._cursor = cursor

    async def listen(self, server: Server) -> None:
        with suppress(Gone):
            async with aclosing(server.subscribe(self._document, after=self._cursor)) as results:
                async for result in results:
                    item = result[self._field]
                    self._cursor = item["cursor"]
                    if item.get("__typename") != "CaughtUp":
                        self.told.append(item)

    async def has(self, number: int) -> None:
        async with asyncio.timeout(30):
            while len(self.told) < number:
                await asyncio.sleep(0.01)

    @property
    def positions(self) -> list[int]:
        return [position_of(item["cursor"]) for item in self.told]


@pytest.mark.parametrize("leave", LEAVE.values(), ids=LEAVE)
async def test_nothing_is_missed_and_nothing_comes_twice(
    tmp_path: Path, leave: Callable[[Server], Awaitable[object]]
) -> None:
    """Every position once and in order, and every rendition once, over the lives of several servers."""
    numbers = count(1)
    async with running_server(tmp_path / "data") as server:
        start = await server.head()
        events = Subscriber("events", EVENTS, start)
        settled = Subscriber("renditionSettled", SETTLED, start)
        for life in range(1, LIVES + 1):
            if life > 1:
                await server.start()
            async with asyncio.TaskGroup() as listening:
                listening.create_task(events.listen(server))
                listening.create_task(settled.listen(server))
                for number in range(UPLOADS):
                    await server.upload(PICTURES.make(next(numbers)), f"{life}-{number}.jpg")
                wanted = 2 * UPLOADS * life
                await settled.has(wanted if life == LIVES else wanted - UPLOADS)
                await events.has(position_of(await server.head()) if life == LIVES else 1)
                await leave(server)
    assert events.positions == list(range(1, len(events.told) + 1))
    assert len({item["eventId"] for item in events.told}) == len(events.told)
    assert settled.positions == sorted(settled.positions)
    assert len(settled.told) == len({item["rendition"]["id"] for item in settled.told}) == wanted
    assert {item["rendition"]["state"] for item in settled.told} == {"READY"}


async def test_a_server_that_is_told_to_stop_closes_everything(tmp_path: Path) -> None:
    """Subscribers are sent away, no write-ahead log stays, and no attempt at a rendition was cut off."""
    async with running_server(tmp_path / "data") as server:
        start = await server.head()
        settled = Subscriber("renditionSettled", SETTLED, start)
        listening = asyncio.create_task(settled.listen(server))
        for number in range(UPLOADS):
            await server.upload(PICTURES.make(number), f"{number}.jpg")
        assert await server.stop() == 0
        await listening
        databases = {path.name for path in (tmp_path / "data").glob("*.db*")}
        assert databases == {"keys.db", "log.db", "read-1.db", "webhooks.db"}
        await server.start()
        listening = asyncio.create_task(settled.listen(server))
        await settled.has(2 * UPLOADS)
        async with aclosing(server.subscribe(STARTED, after=start)) as results:
            attempts = [(await anext(results))["events"]["attempt"] for _ in range(2 * UPLOADS)]
        assert attempts == [1] * (2 * UPLOADS)
        await server.kill()
        await listening


async def test_an_upload_under_way_is_finished_before_a_server_stops(tmp_path: Path) -> None:
    """It is acknowledged when its last byte has come, and there after the next start."""
    content = beginning(PICTURES.make(3))
    length = f"Content-Length: {size(PICTURES.make(3), 0)}"
    async with running_server(tmp_path / "data") as server:
        async with connected(server.url) as connection:
            await connection.send(head(server.url, length) + content[:100_000])
            await asyncio.sleep(0.2)
            stopping = asyncio.create_task(server.stop())
            await asyncio.sleep(0.5)
            await connection.send(content[100_000:] + END)
            assert await connection.outcome() == Outcome(200, "")
        assert await stopping == 0
        await server.start()
        assert (await server.query("{ images { totalCount } }"))["images"]["totalCount"] == 1
