"""An upload, seen by its client: acknowledged, and settled."""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import websockets

from bench import peers
from bench.connection import Connection
from bench.photos import camera_photographs, distinct, photograph
from bench.pictures import at_rest
from bench.raw_parts import RawParts
from bench.report import Row
from bench.servers import Server, darkroom, flask

ROUNDS, SEQUENTIAL, CLIENTS, EACH = 7, 20, 16, 6
WHOLE = {"2 MP": 16, "12 MP": 6}
"""Uploads in a round of photographs of a camera, beside their raw parts."""

UPLOAD = """mutation ($file: Upload!) {
    uploadImage(input: {file: $file}) { image { id } position userErrors { code } }
}"""
SETTLED = "subscription { renditionSettled { cursor rendition { id state } } }"

Upload = Callable[[bytes], Awaitable[None]]


async def measure() -> list[Row]:
    """CPU milliseconds of the server per upload, one after the other; uploads per second of 16 clients."""
    picture, numbers = photograph(), count(1)
    await peers.fetched()
    photographs = await asyncio.to_thread(_photographs)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ours = await stack.enter_async_context(darkroom(folder / "darkroom"))
        theirs = await stack.enter_async_context(flask(folder / "flask"))
        our_upload = await stack.enter_async_context(_darkroom_client(ours))
        their_upload = await stack.enter_async_context(_flask_client(theirs))
        pair = ((ours, our_upload), (theirs, their_upload))
        parts = {
            size: stack.enter_context(closing(RawParts(folder / size, large=size == "12 MP")))
            for size in WHOLE
        }
        cpu: list[list[float]] = [[], []]
        rate: list[list[float]] = [[], []]
        whole: dict[str, list[list[float]]] = {size: [[], []] for size in WHOLE}
        for turn in range(ROUNDS + 1):
            for side, (server, upload) in enumerate(pair):
                spent = await _cpu_per_upload(server, upload, picture, numbers, SEQUENTIAL)
                speed = await _uploads_per_second(upload, picture, numbers)
                await at_rest(server)
                if turn:
                    cpu[side].append(spent)
                    rate[side].append(speed)
            for size, many in WHOLE.items():
                one = photographs[size]
                spent = await _cpu_per_upload(ours, our_upload, one, numbers, many)
                others = [distinct(one, next(numbers)) for _ in range(many)]
                bare = await asyncio.to_thread(parts[size].cpu_per_upload, others)
                if turn:
                    whole[size][0].append(spent)
                    whole[size][1].append(bare)
        memory = (ours.memory, theirs.memory)
    peer = "its raw parts: files, pixels, hashes, commits alone"
    return [
        Row("CPU per upload of a 1.6 MP JPEG", "ms", *_medians(cpu), "Flask + cv2 + sqlite3", most=1.2),
        Row(f"uploads at {CLIENTS} clients", "/s", *_medians(rate), "the same", least=1.5),
        Row("memory after the uploads", "MB", memory[0] / 1e6, memory[1] / 1e6, "the same"),
        *(
            Row(f"CPU per upload of {size}, all told", "ms", *_medians(found), peer, most=1.4)
            for size, found in whole.items()
        ),
    ]


def _photographs() -> dict[str, bytes]:
    return {size: found[0] for size, found in camera_photographs(peers.photographs()).items()}


def _medians(found: list[list[float]]) -> tuple[float, float]:
    return statistics.median(found[0]), statistics.median(found[1])


async def _cpu_per_upload(
    server: Server, upload: Upload, picture: bytes, numbers: count[int], uploads: int
) -> float:
    """With what is done later: the proxy, and the examination."""
    before = server.cpu
    for _ in range(uploads):
        await upload(distinct(picture, next(numbers)))
    await at_rest(server)
    return (server.cpu - before) / uploads * 1000


async def _uploads_per_second(upload: Upload, picture: bytes, numbers: count[int]) -> float:
    async def client() -> None:
        for _ in range(EACH):
            await upload(distinct(picture, next(numbers)))

    begun = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return CLIENTS * EACH / (time.perf_counter() - begun)


@asynccontextmanager
async def _flask_client(server: Server) -> AsyncIterator[Upload]:
    with closing(_Connections(server.port)) as connections:

        async def upload(picture: bytes) -> None:
            with connections.one() as http:
                await http.post_form("/upload", {"description": "a photo"}, ("file", picture))

        yield upload


@asynccontextmanager
async def _darkroom_client(server: Server) -> AsyncIterator[Upload]:
    """An upload is over when the subscription has told of both its renditions."""
    settled = _Settled()
    fields = {
        "operations": json.dumps({"query": UPLOAD, "variables": {"file": None}}),
        "map": '{"0":["variables.file"]}',
    }
    protocol = websockets.Subprotocol("graphql-transport-ws")
    async with websockets.connect(
        server.url("/graphql", "ws"), subprotocols=[protocol], compression=None
    ) as socket:
        await socket.send('{"type":"connection_init"}')
        await socket.recv()
        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": SETTLED}}))
        listening = asyncio.create_task(settled.listen(socket))
        with closing(_Connections(server.port)) as connections:

            async def upload(picture: bytes) -> None:
                with connections.one() as http:
                    answer = json.loads(await http.post_form("/graphql", fields, ("0", picture)))
                await settled.of(answer["data"]["uploadImage"]["image"]["id"])

            yield upload
        listening.cancel()


class _Connections:
    """As many connections as there are requests at once."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._free: list[Connection] = []

    @contextmanager
    def one(self) -> Iterator[Connection]:
        connection = self._free.pop() if self._free else Connection(self._port)
        yield connection
        self._free.append(connection)

    def close(self) -> None:
        for connection in self._free:
            connection.close()


class _Settled:
    """Counts the renditions that have come to their end, by image."""

    def __init__(self) -> None:
        self._ends: dict[str, int] = {}
        self._waiting: dict[str, asyncio.Event] = {}

    async def listen(self, socket: Any) -> None:  # noqa: ANN401
        async for message in socket:
            rendition = json.loads(message)["payload"]["data"]["renditionSettled"]["rendition"]
            assert rendition["state"] == "READY"
            image = "img_" + rendition["id"].split("_")[1]
            self._ends[image] = self._ends.get(image, 0) + 1
            if self._ends[image] == 2:
                self._waiting.setdefault(image, asyncio.Event()).set()

    async def of(self, image: str) -> None:
        await asyncio.wait_for(self._waiting.setdefault(image, asyncio.Event()).wait(), 60)
