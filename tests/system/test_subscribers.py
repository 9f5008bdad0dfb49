"""Subscribers over real sockets: cut off, silent, slow, and very many."""

from __future__ import annotations

import asyncio
import json
import socket as sockets
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any, Final
from urllib.parse import urlsplit

import psutil

from tests.event_source import EventSource
from tests.server import Gone, Server, position_of, running_server
from tests.system.doors import PICTURES
from tests.system.watch import MIB

EVENTS: Final = """
    subscription ($after: Cursor) {
        events(after: $after) { __typename cursor ... on ImageDescribed { description } }
    }
"""
DESCRIBE: Final = """
    mutation ($id: ID!, $text: String!) {
        describeImage(input: {id: $id, description: $text}) { userErrors { code } }
    }
"""
HANDSHAKE: Final = (
    "GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)
LIVES: Final = 3
CUTS_PER_LIFE: Final = 12
IDLE: Final = 2_000
IDLE_BYTES: Final = 64 * 1024
STALLED: Final = 40
LONG: Final = 9_000
DESCRIPTIONS: Final = 200


async def images(server: Server, count: int) -> list[str]:
    uploads = [await server.upload(PICTURES.make(n), f"{n}.jpg", presets=[]) for n in range(count)]
    return [upload["image"]["id"] for upload in uploads]


# -- cut off


class Follower:
    """Notes the position of every event that it is told, over one transport."""

    def __init__(self, cursor: str) -> None:
        self.positions: list[int] = []
        self.cursor = cursor

    async def listen(self, server: Server, most: int) -> None:
        with suppress(Gone):
            async with aclosing(self.items(server)) as items:
                async for item in items:
                    self.cursor = item["cursor"]
                    if item["__typename"] != "CaughtUp":
                        self.positions.append(position_of(self.cursor))
                    most -= 1
                    if not most:
                        return

    async def items(self, server: Server) -> AsyncGenerator[dict[str, Any], None]:
        async with aclosing(server.subscribe(EVENTS, after=self.cursor)) as results:
            async for result in results:
                yield result["events"]


class StreamFollower(Follower):
    """Resumes by nothing but the id of the last event; `after` stays what it was in the beginning."""

    def __init__(self, cursor: str) -> None:
        super().__init__(cursor)
        self._source = EventSource(EVENTS, {"after": cursor})

    async def items(self, server: Server) -> AsyncGenerator[dict[str, Any], None]:
        async with aclosing(self._source.events(server.http)) as events:
            async for event in events:
                assert event.name == "next", event
                assert event.id == event.result["data"]["events"]["cursor"]
                yield event.result["data"]["events"]


async def test_nothing_is_missed_and_nothing_comes_twice(tmp_path: Path) -> None:
    """Over dozens of broken connections and the death of the server, on both transports."""
    random = Random(1)
    async with running_server(tmp_path / "data", upload_presets="") as server:
        start = await server.head()
        followers = [Follower(start), StreamFollower(start)]
        pictures = iter(range(1_000))
        for life in range(LIVES):
            if life:
                await server.start()
            for _ in range(CUTS_PER_LIFE):
                listening = [
                    asyncio.create_task(each.listen(server, random.randrange(1, 8))) for each in followers
                ]
                for _ in range(3):
                    await server.upload(PICTURES.make(next(pictures)), "a.jpg")
                await asyncio.sleep(random.random() / 50)
                for task in listening:
                    task.cancel()
                await asyncio.wait(listening)
            last = [asyncio.create_task(each.listen(server, 1_000)) for each in followers]
            head = position_of(await server.head())
            async with asyncio.timeout(60):
                while any(len(each.positions) < head for each in followers):
                    await asyncio.sleep(0.01)
            await server.kill()
            await asyncio.wait(last)
        for each in followers:
            assert each.positions == list(range(1, head + 1))


async def test_a_server_that_stops_lets_streams_go(tmp_path: Path) -> None:
    """At once and in good order, so that the client comes back."""
    async with running_server(tmp_path / "data") as server:
        source = EventSource("subscription { events { __typename cursor } }")
        async with aclosing(source.events(server.http)) as events:
            await anext(events)
            async with asyncio.timeout(20):
                stopping = asyncio.create_task(server.stop())
                assert [event async for event in events] == []
                assert await stopping == 0
        assert not source.complete


# -- slow


def frame(message: dict[str, object]) -> bytes:
    """As a client sends it (RFC 6455 §5.3), masked with zeros."""
    content = json.dumps(message).encode()
    return bytes((0x81, 0x80 | 126)) + len(content).to_bytes(2) + bytes(4) + content


async def connected(server: Server, *, window: int | None = None) -> sockets.socket:
    connection = sockets.socket()
    connection.setblocking(False)
    if window is not None:
        connection.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, window)
    address = urlsplit(server.url)
    await asyncio.get_running_loop().sock_connect(connection, (address.hostname, address.port))
    return connection


async def subscribed(connection: sockets.socket, query: str, **variables: object) -> None:
    """Over WebSocket, as soon as the socket and the protocol are open."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(connection, HANDSHAKE.encode())
    await loop.sock_recv(connection, 4096)
    await loop.sock_sendall(connection, frame({"type": "connection_init"}))
    await loop.sock_recv(connection, 4096)
    payload = {"query": query, "variables": variables}
    await loop.sock_sendall(connection, frame({"type": "subscribe", "id": "1", "payload": payload}))


async def streaming(connection: sockets.socket, query: str, **variables: object) -> None:
    """As server-sent events."""
    body = json.dumps({"query": query, "variables": variables})
    head = (
        "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Accept: text/event-stream\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )
    await asyncio.get_running_loop().sock_sendall(connection, head.encode())


async def received(connection: sockets.socket, marks: Sequence[bytes]) -> list[int]:
    """How often each of these stands in what comes, up to the first time that the last one does."""
    content = b""
    while marks[-1] not in content:
        content += await asyncio.get_running_loop().sock_recv(connection, MIB)
    return [content.count(mark) for mark in marks]


async def description(results: AsyncIterator[Any]) -> str:
    """The next one that is told; what becomes of the originals in the background is passed by."""
    async for result in results:
        if "description" in result["events"]:
            return str(result["events"]["description"])
    raise AssertionError("the events have ended")


async def test_who_does_not_read_costs_little_and_harms_nobody(tmp_path: Path) -> None:
    """Others are told everything meanwhile; and whoever reads again goes on where it stopped."""
    async with running_server(tmp_path / "data", upload_presets="") as server, AsyncExitStack() as stack:
        subjects = await images(server, 20)
        start = await server.head()
        stalled = [await connected(server, window=4096) for _ in range(STALLED)]
        for number, connection in enumerate(stalled):
            stack.callback(connection.close)
            await (streaming if number % 2 else subscribed)(connection, EVENTS, after=start)
        process = psutil.Process(server.process.pid)
        before = process.memory_info().rss
        marks = [f"<{number}>" for number in range(DESCRIPTIONS)]
        async with asyncio.timeout(60), aclosing(server.subscribe(EVENTS, after=start)) as results:
            for number, mark in enumerate(marks):
                text = mark + "x" * LONG
                await server.query(DESCRIBE, id=subjects[number % len(subjects)], text=text)
                assert await description(results) == text
        grown = process.memory_info().rss - before
        print(f"grown by {grown / MIB:.1f} MB; {STALLED * DESCRIPTIONS * LONG / MIB:.0f} MB were not read")
        assert grown < 40 * MIB
        for connection in stalled[:2]:
            async with asyncio.timeout(60):
                assert await received(connection, [mark.encode() for mark in marks]) == [1] * DESCRIPTIONS


# -- many


@asynccontextmanager
async def idle(server: Server, count: int) -> AsyncIterator[None]:
    """So many subscribers, whom nothing is told but that there is nothing."""
    async with AsyncExitStack() as stack:

        async def some(number: int) -> None:
            for _ in range(number):
                connection = await connected(server)
                stack.callback(connection.close)
                await subscribed(connection, EVENTS)
                await asyncio.get_running_loop().sock_recv(connection, 4096)

        await asyncio.gather(*(some(count // 10) for _ in range(10)))
        yield


async def test_two_thousand_idle_subscribers(tmp_path: Path) -> None:
    """Each takes less than 64 KB, and an event reaches one beside them as soon as ever."""
    async with running_server(tmp_path / "data", upload_presets="") as server:
        (subject,) = await images(server, 1)
        process = psutil.Process(server.process.pid)
        async with idle(server, 10):
            before = process.memory_info().rss
            async with idle(server, IDLE), aclosing(server.subscribe(EVENTS)) as results:
                each = (process.memory_info().rss - before) / IDLE
                print(f"{each / 1024:.1f} KB each")
                assert each < IDLE_BYTES
                await anext(results)
                async with asyncio.timeout(20):
                    await server.query(DESCRIBE, id=subject, text="Hello.")
                    assert await description(results) == "Hello."
