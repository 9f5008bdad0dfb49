"""What subscribers cost, and how soon they are told: ours, and stock Strawberry behind uvicorn."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final, TypeAlias

from bench.audience import Heard, audience
from bench.connection import Connection
from bench.photos import distinct, photograph
from bench.report import Row
from bench.servers import Server, darkroom, strawberry

IDLE: Final = 10_000
MANY: Final = 1_000
RATE: Final = 100
IMAGES: Final = 100
"""That are renamed in turns: the events of one image stay few."""
SECONDS: Final = 10
SETTLE_SECONDS: Final = 3.0

_UPLOAD: Final = """mutation ($file: Upload!) {
    uploadImage(input: {file: $file, presets: []}) { image { id } userErrors { code } } }"""
_RENAME: Final = """mutation ($id: ID!, $name: String!) {
    describeImage(input: {id: $id, name: $name}) { position userErrors { code } } }"""
_THEIR_RENAME: Final = "mutation ($name: String!) { rename(name: $name) }"

Append: TypeAlias = Callable[[], Coroutine[None, None, None]]


@dataclass(frozen=True)
class Told:
    """What was heard of `RATE` events a second, and seconds of CPU that each delivery took the server."""

    heard: Heard
    cpu: float


async def measure() -> list[Row]:
    async with _ours() as (server, append):
        idle = await _bytes_per_subscriber(server, IDLE)
        one, many = [await _told(server, append, count) for count in (1, MANY)]
    async with _theirs() as (server, append):
        their_idle = await _bytes_per_subscriber(server, MANY)
        their_one, their_many = [await _told(server, append, count) for count in (1, MANY)]
    peer = "stock Strawberry, which keeps nothing"
    what = f"request to delivery, {RATE} events/s"
    return [
        Row(
            f"memory of an idle subscriber, of {IDLE:,}", "KB", idle / 1024, their_idle / 1024, peer, most=64
        ),
        *_rows(f"{what}, 1 subscriber", one, their_one),
        *_rows(f"{what}, {MANY:,} subscribers", many, their_many),
    ]


def _rows(what: str, ours: Told, theirs: Told) -> list[Row]:
    latencies = [
        Row(
            f"{what}, p{part * 100:g}",
            "ms",
            1000 * ours.heard.percentile(part),
            1000 * theirs.heard.percentile(part),
            "the same",
        )
        for part in (0.5, 0.99)
    ]
    cpu, their_cpu = 1_000_000 * ours.cpu, 1_000_000 * theirs.cpu
    return [*latencies, Row(f"{what}, CPU of the server for each", "µs", cpu, their_cpu, "the same")]


async def _bytes_per_subscriber(server: Server, subscribers: int) -> float:
    """Resident; what one subscriber takes who is there before the others is not counted."""
    async with audience(server.port, 1):
        await asyncio.sleep(SETTLE_SECONDS)
        before = server.memory
        async with audience(server.port, subscribers):
            await asyncio.sleep(SETTLE_SECONDS)
            return (server.memory - before) / subscribers


async def _told(server: Server, append: Append, subscribers: int) -> Told:
    async with audience(server.port, subscribers) as listening:
        await asyncio.sleep(SETTLE_SECONDS)
        await listening.begin()
        before = server.cpu
        await _at_rate(append)
        await asyncio.sleep(SETTLE_SECONDS)
        heard = await listening.end()
        cpu = server.cpu - before
    print(
        f"{subscribers} subscribers: {heard.events} of {subscribers * RATE * SECONDS} deliveries, "
        f"{heard.fewest} to the one with the fewest; CPU of the server {cpu:.2f} s, "
        f"of the subscribers {heard.cpu:.2f} s",
        file=sys.stderr,
    )
    return Told(heard, cpu / heard.events)


async def _at_rate(append: Append) -> None:
    """Events at even intervals, whether those before have been answered or not."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    async with asyncio.TaskGroup() as appending:
        for number in range(RATE * SECONDS):
            await asyncio.sleep(begun + number / RATE - loop.time())
            appending.create_task(append())


@asynccontextmanager
async def _ours() -> AsyncIterator[tuple[Server, Append]]:
    with tempfile.TemporaryDirectory() as name:
        async with darkroom(Path(name)) as server:
            picture = photograph(64, 64)
            uploading = Connection(server.port)
            fields = {
                "operations": json.dumps({"query": _UPLOAD, "variables": {"file": None}}),
                "map": '{"file": ["variables.file"]}',
            }
            images = []
            for number in range(IMAGES):
                file = ("file", distinct(picture, number))
                answer = json.loads(await uploading.post_form("/graphql", fields, file))
                images.append(answer["data"]["uploadImage"]["image"]["id"])
            uploading.close()
            async with _appending(server, _RENAME, images) as append:
                yield server, append


@asynccontextmanager
async def _theirs() -> AsyncIterator[tuple[Server, Append]]:
    async with strawberry() as server, _appending(server, _THEIR_RENAME, [""]) as append:
        yield server, append


@asynccontextmanager
async def _appending(server: Server, mutation: str, images: Sequence[str]) -> AsyncIterator[Append]:
    """Each append gives something the present time as its name, over whichever connection is free."""
    free: list[Connection] = []
    numbers = count()

    async def append() -> None:
        number = next(numbers)
        variables = {"id": images[number % len(images)], "name": f"{time.time():.6f}"}
        body = json.dumps({"query": mutation, "variables": variables}).encode()
        connection = free.pop() if free else Connection(server.port)
        answer = json.loads(await connection.post_json("/graphql", body))
        free.append(connection)
        if "errors" in answer:
            raise RuntimeError(answer)

    try:
        yield append
    finally:
        for connection in free:
            connection.close()
