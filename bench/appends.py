"""Appends per second through the event loop: ours, bare SQLite with and without groups, pyeventsourcing."""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, TypeAlias

from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteAggregateRecorder, SQLiteDatastore

from bench.report import Row
from domain.events import ImageDeleted, ImageUploaded
from domain.header import MediaType
from domain.ports.log import Append, Context, StreamAppend
from infrastructure.sqlite.ledger import COLUMNS, SCHEMA
from infrastructure.sqlite.store import Store, open_store

ROUNDS: Final = 7
APPENDS: Final = {1: 200, 64: 2560, 256: 5120}
"""How many appends a round has, by the number of clients that make them, each waiting for its last one."""

Append_: TypeAlias = Callable[[], Awaitable[None]]
Run: TypeAlias = Callable[[int], Awaitable[None]]
BareRow: TypeAlias = tuple[str | int | bytes, ...]


async def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with open_store(folder / "darkroom") as store, _group_commit(folder / "group.db") as group:
            contenders: dict[str, Run] = {
                "small": _by_clients(lambda: _small(store)),
                "upload": _by_clients(lambda: _upload(store)),
                "group": _by_clients(group),
                "plain": _plain(folder / "plain.db"),
                "eventsourcing": _eventsourcing(folder / "eventsourcing.db"),
            }
            return [row for clients in APPENDS for row in _rows(clients, await _rates(contenders, clients))]


async def _rates(contenders: Mapping[str, Run], clients: int) -> dict[str, float]:
    """Medians of appends per second; the contenders take turns."""
    rates: dict[str, list[float]] = {contender: [] for contender in contenders}
    for turn in range(ROUNDS + 1):
        for contender, run in contenders.items():
            begun = time.perf_counter()
            await run(clients)
            if turn:
                rates[contender].append(APPENDS[clients] / (time.perf_counter() - begun))
    return {contender: statistics.median(found) for contender, found in rates.items()}


def _rows(clients: int, rates: Mapping[str, float]) -> list[Row]:
    small, peer = rates["small"], rates["eventsourcing"]
    what = f"appends at {clients} client{'s' if clients > 1 else ''}"
    at_64 = clients == 64
    return [
        Row(
            f"{what}, small event",
            "/s",
            small,
            rates["plain"],
            "sqlite3, one commit per append, the same rows",
        ),
        Row(
            f"{what}, small event",
            "/s",
            small,
            rates["group"],
            "sqlite3, group commit, the same rows",
            least=0.35 if at_64 else None,
        ),
        Row(
            f"{what}, small event", "/s", small, peer, "pyeventsourcing on SQLite", least=4 if at_64 else None
        ),
        Row(f"{what}, sealed and indexed for search", "/s", rates["upload"], peer, "pyeventsourcing, plain"),
    ]


def _by_clients(append: Append_) -> Run:
    async def client(count: int) -> None:
        for _ in range(count):
            await append()

    async def run(clients: int) -> None:
        await asyncio.gather(*(client(APPENDS[clients] // clients) for _ in range(clients)))

    return run


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


def _open(path: Path) -> sqlite3.Connection:
    """Our table with its indexes, as durable as ours, without triggers."""
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.executescript(SCHEMA)
    for (trigger,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        db.execute(f"DROP TRIGGER {trigger}")
    return db


_INSERT: Final = f"INSERT INTO events ({COLUMNS}, hash) VALUES (NULL, {', '.join('?' * 13)})"


def _bare_row() -> BareRow:
    """What stands in a row of ours, with noise in place of what is computed."""
    image = uuid.uuid4().hex
    stream, payload = f"image-{image}", f'{{"image_id":"{image}"}}'
    command_id, noise = uuid.uuid4().hex, uuid.uuid4().bytes
    envelope = (command_id, command_id, "", "local", "local")
    return (stream, 1, noise, "ImageDeleted", 1, 1_795_000_000_000_000, *envelope, payload, noise * 2)


@asynccontextmanager
async def _group_commit(path: Path) -> AsyncIterator[Append_]:
    """Rows in a queue, and a thread that commits whatever waits: what any log with group commit has to do."""
    loop, waiting = asyncio.get_running_loop(), queue.SimpleQueue[_Row | None]()
    thread = threading.Thread(target=_commit_groups, args=(_open(path), loop, waiting))
    thread.start()

    async def append() -> None:
        future: asyncio.Future[None] = loop.create_future()
        waiting.put((_bare_row(), future))
        await future

    yield append
    waiting.put(None)
    await asyncio.to_thread(thread.join)


_Row: TypeAlias = tuple[BareRow, "asyncio.Future[None]"]


def _commit_groups(
    db: sqlite3.Connection, loop: asyncio.AbstractEventLoop, waiting: queue.SimpleQueue[_Row | None]
) -> None:
    def answer(group: list[_Row]) -> None:
        for _, future in group:
            future.set_result(None)

    while (first := waiting.get()) is not None:
        group = [first]
        while not waiting.empty() and len(group) < 256 and (item := waiting.get()) is not None:
            group.append(item)
        db.execute("BEGIN IMMEDIATE")
        db.executemany(_INSERT, [row for row, _ in group])
        db.execute("COMMIT")
        loop.call_soon_threadsafe(answer, group)


def _plain(path: Path) -> Run:
    """Each row in a transaction of its own; from one thread, which is fastest."""
    db = _open(path)

    def work(count: int) -> None:
        for _ in range(count):
            db.execute(_INSERT, _bare_row())

    return lambda clients: asyncio.to_thread(work, APPENDS[clients])


def _eventsourcing(path: Path) -> Run:
    """As many threads as clients, as its users have; each insertion is a transaction of its recorder."""
    recorder = SQLiteAggregateRecorder(SQLiteDatastore(str(path)))
    recorder.create_table()

    def client(count: int) -> None:
        for _ in range(count):
            image = uuid.uuid4()
            event = StoredEvent(image, 1, "ImageDeleted", b'{"image_id":"%s"}' % image.hex.encode())
            recorder.insert_events([event])

    async def run(clients: int) -> None:
        loop, each = asyncio.get_running_loop(), APPENDS[clients] // clients
        with ThreadPoolExecutor(clients) as pool:
            await asyncio.gather(*(loop.run_in_executor(pool, client, each) for _ in range(clients)))

    return run
