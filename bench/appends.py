"""Appends per second of 64 clients: ours, one commit per append, and pyeventsourcing."""

from __future__ import annotations

import asyncio
import sqlite3
import statistics
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteAggregateRecorder, SQLiteDatastore

from bench.report import Row
from domain.events import ImageDeleted, ImageUploaded
from domain.header import MediaType
from domain.ports import Append, Context, StreamAppend
from infrastructure.sqlite.store import Store, open_store

CLIENTS, EACH, ROUNDS = 64, 40, 7


async def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with open_store(folder / "darkroom") as store:
            contenders = {
                "small": lambda: _clients(lambda: _small(store)),
                "upload": lambda: _clients(lambda: _upload(store)),
                "plain": _plain(folder / "plain.db"),
                "eventsourcing": _eventsourcing(folder / "eventsourcing.db"),
            }
            rates: dict[str, list[float]] = {contender: [] for contender in contenders}
            for turn in range(ROUNDS + 1):
                for contender, run in contenders.items():
                    begun = time.perf_counter()
                    await run()
                    if turn:
                        rates[contender].append(CLIENTS * EACH / (time.perf_counter() - begun))
    median = {contender: statistics.median(found) for contender, found in rates.items()}
    small, upload = median["small"], median["upload"]
    plain, peer = median["plain"], median["eventsourcing"]
    what = f"appends at {CLIENTS} clients"
    return [
        Row(f"{what}, small event", "/s", small, plain, "sqlite3, one commit per append"),
        Row(f"{what}, small event", "/s", small, peer, "pyeventsourcing on SQLite", least=4),
        Row(f"{what}, sealed and indexed for search", "/s", upload, peer, "pyeventsourcing, plain"),
    ]


async def _clients(append: Callable[[], Awaitable[None]]) -> None:
    async def client() -> None:
        for _ in range(EACH):
            await append()

    await asyncio.gather(*(client() for _ in range(CLIENTS)))


async def _small(store: Store) -> None:
    image = uuid.uuid4().hex
    await store.log.append(_command(f"image-{image}", ImageDeleted(image_id=image)))


async def _upload(store: Store) -> None:
    image = uuid.uuid4().hex
    event = ImageUploaded(
        image_id=image,
        sha256=image * 2,
        byte_size=500_000,
        media_type=MediaType.JPEG,
        width=1536,
        height=1040,
        orientation=1,
        frames=1,
        name="beach at sunset.jpg",
        description="The last evening.",
        tags=("beach", "holiday"),
    )
    await store.log.append(_command(f"image-{image}", event))


def _command(stream: str, event: ImageUploaded | ImageDeleted) -> Append:
    context = Context(command_id=uuid.uuid4().hex, actor="local", owner="local")
    return Append(context=context, writes=[StreamAppend(stream, [event])])


def _plain(path: Path) -> Callable[[], Awaitable[None]]:
    """A row of the same size, as durable, in a transaction of its own; from one thread, which is fastest."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    columns = (
        "position INTEGER PRIMARY KEY, stream TEXT, version INTEGER, payload TEXT, UNIQUE (stream, version)"
    )
    db.execute(f"CREATE TABLE events ({columns})")

    def run() -> None:
        for _ in range(CLIENTS * EACH):
            image = uuid.uuid4().hex
            values = (f"image-{image}", 1, f'{{"image_id":"{image}"}}')
            db.execute("INSERT INTO events (stream, version, payload) VALUES (?, ?, ?)", values)

    return lambda: asyncio.to_thread(run)


def _eventsourcing(path: Path) -> Callable[[], Awaitable[None]]:
    """As many threads as clients, as its users have; each insertion is a transaction of its recorder."""
    recorder = SQLiteAggregateRecorder(SQLiteDatastore(str(path)))
    recorder.create_table()
    pool = ThreadPoolExecutor(CLIENTS)

    def client() -> None:
        for _ in range(EACH):
            image = uuid.uuid4()
            event = StoredEvent(image, 1, "ImageDeleted", b'{"image_id":"%s"}' % image.hex.encode())
            recorder.insert_events([event])

    async def run() -> None:
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(loop.run_in_executor(pool, client) for _ in range(CLIENTS)))

    return run
