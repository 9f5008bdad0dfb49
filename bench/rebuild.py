"""The read file made anew from a log of 100,000 events, against the parts of that work alone.

By CPU time, that of the child process with its start included: a rebuild is niced, and takes what is left.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import sqlite3
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias
from unittest.mock import patch

from bench.report import Row
from domain.events import (
    Event,
    ImageTagged,
    ImageUploaded,
    RenderingFinished,
    RenderingRequested,
    RenderingStarted,
)
from domain.header import MediaType
from domain.image import image_stream
from domain.output import Output
from domain.ports.log import Append, Context, StreamAppend
from domain.recipe import Recipe, Step
from domain.rendering import rendering_stream
from infrastructure.sqlite import projection as projection_module
from infrastructure.sqlite.connection import open_writer, transaction, without_journal
from infrastructure.sqlite.keys import Keys
from infrastructure.sqlite.ledger import Ledger
from infrastructure.sqlite.projection import Projection
from infrastructure.sqlite.scan import Scan
from infrastructure.sqlite.store import Store, open_store

IMAGES: Final = 12_500
ROUNDS: Final = 3
APPENDS_ALONE: Final = 300

Statement: TypeAlias = tuple[str, Sequence[Sequence[object]]]


class _Rates(NamedTuple):
    """Events per second of CPU."""

    rebuild: float
    fold: float
    bare: float
    scan: float
    json: float


class _Under(NamedTuple):
    """Milliseconds of single appends, one after the other."""

    swap: float
    alone: Sequence[float]
    meanwhile: Sequence[float]


async def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        count = await asyncio.to_thread(_fill, folder)
        async with open_store(folder) as store:
            statements = await asyncio.to_thread(_statements, folder)
            rates = [await _rates(folder, store, statements, count) for _ in range(ROUNDS)]
            under = await _appends_meanwhile(store)
    rebuild, fold, bare, scan, plain = (statistics.median(column) for column in zip(*rates, strict=True))
    alone, meanwhile = under.alone, under.meanwhile
    return [
        Row(
            f"rebuild of {count:,} events", "/s", rebuild, fold, "the fold of decoded events alone", least=0.6
        ),
        Row(f"rebuild of {count:,} events", "/s", rebuild, bare, "sqlite3, the same statements alone"),
        Row("reading the log, opened and typed", "/s", scan, plain, "json.loads of the same payloads"),
        Row("appends wait for the new file", "ms", under.swap, None, ""),
        Row(
            "append during a rebuild, median",
            "ms",
            _quantile(meanwhile, 50),
            _quantile(alone, 50),
            "before it",
        ),
        Row(
            "append during a rebuild, 99 %", "ms", _quantile(meanwhile, 99), _quantile(alone, 99), "before it"
        ),
        Row("append during a rebuild, worst", "ms", max(meanwhile), max(alone), "before it"),
    ]


def _quantile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]


async def _rates(folder: Path, store: Store, statements: Sequence[Statement], count: int) -> _Rates:
    begun = _cpu()
    await store.rebuild()
    rebuild = _cpu() - begun
    fold = await asyncio.to_thread(_fold, folder)
    bare = await asyncio.to_thread(_replay, folder / "bare.db", statements)
    scan, plain = await asyncio.to_thread(_scan, folder)
    return _Rates(*(count / seconds for seconds in (rebuild, fold, bare, scan, plain)))


def _cpu() -> float:
    """Seconds of CPU, ours and those of children that have ended."""
    return sum(os.times()[:4])


async def _appends_meanwhile(store: Store) -> _Under:
    alone = [await _append(store) for _ in range(APPENDS_ALONE)]
    said = _Said()
    log = logging.getLogger("darkroom.log")
    log.setLevel(logging.INFO)
    log.addHandler(said)
    meanwhile: list[float] = []
    rebuilding = asyncio.create_task(store.rebuild())
    while not rebuilding.done():
        meanwhile.append(await _append(store))
    await rebuilding
    log.removeHandler(said)
    return _Under(said.swap, alone, meanwhile)


class _Said(logging.Handler):
    """The time of the swap, as the writer tells it."""

    swap = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        if match := re.search(r"a new read file in ([\d.]+) ms", record.getMessage()):
            self.swap = float(match[1])


async def _append(store: Store) -> float:
    image_id = uuid.uuid4().hex
    begun = time.perf_counter()
    await store.log.append(_command(image_stream(image_id), _uploaded(image_id)))
    return (time.perf_counter() - begun) * 1000


# -- the log


def _fill(folder: Path) -> int:
    """Straight through the ledger; the number of events."""
    with closing(Keys(folder / "keys.db")) as keys, closing(Ledger(folder / "log.db", keys)) as ledger:
        with transaction(ledger.db):
            for _ in range(IMAGES):
                for command in _life(uuid.uuid4().hex):
                    ledger.record(command)
        return ledger.position


def _life(image_id: str) -> Iterator[Append]:
    """Uploaded, rendered by two presets, tagged: eight events."""
    yield _command(image_stream(image_id), _uploaded(image_id))
    for preset in ("thumbnail", "grayscale-300"):
        rendition_id = uuid.uuid4().hex
        stream = rendering_stream(image_id, rendition_id)
        yield _command(stream, *_rendering(image_id, rendition_id, preset))
    yield _command(image_stream(image_id), ImageTagged(image_id=image_id, tags=("evening",)))


def _uploaded(image_id: str) -> ImageUploaded:
    return ImageUploaded(
        image_id=image_id,
        sha256=image_id * 2,
        byte_size=500_000,
        media_type=MediaType.JPEG,
        width=1536,
        height=1040,
        orientation=1,
        frames=1,
        name=f"beach at sunset {image_id[:6]}.jpg",
        description="The last evening.",
        tags=("beach", "holiday"),
    )


def _rendering(image_id: str, rendition_id: str, preset: str) -> tuple[Event, ...]:
    return (
        RenderingRequested(
            image_id=image_id,
            rendition_id=rendition_id,
            preset=preset,
            original=image_id * 2,
            recipe=Recipe((Step("resize", {"width": 256, "height": 256}),)),
            output=Output(MediaType.WEBP, 80),
            engine="1",
        ),
        RenderingStarted(image_id=image_id, rendition_id=rendition_id, attempt=1),
        RenderingFinished(
            image_id=image_id,
            rendition_id=rendition_id,
            sha256=rendition_id * 2,
            byte_size=9000,
            media_type=MediaType.WEBP,
            width=256,
            height=173,
        ),
    )


def _command(stream: str, *events: Event) -> Append:
    context = Context(command_id=uuid.uuid4().hex, actor="local", owner="local")
    return Append(context=context, writes=[StreamAppend(stream, events)])


# -- the peers


class _Recorder:
    """A connection that keeps what it is asked to execute."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self.statements: list[Statement] = []

    @property
    def in_transaction(self) -> bool:
        return self._db.in_transaction

    def execute(self, query: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        self.statements.append((query, [values]))
        return self._db.execute(query, values)

    def executemany(self, query: str, rows: Iterable[Sequence[object]]) -> sqlite3.Cursor:
        kept = list(rows)
        self.statements.append((query, kept))
        return self._db.executemany(query, kept)

    def close(self) -> None:
        self._db.close()


def _statements(folder: Path) -> list[Statement]:
    """All that a fold of the log executes."""
    recorders: list[_Recorder] = []

    def recording(path: Path, *, synchronous: str, schema: str) -> _Recorder:
        recorders.append(_Recorder(open_writer(path, synchronous=synchronous, schema=schema)))
        return recorders[-1]

    with (
        patch.object(projection_module, "open_writer", recording),
        closing(Scan(folder)) as scan,
        closing(Projection(folder / "recorded.db", scan.store_id)) as projection,
    ):
        recorders[0].statements.clear()
        for page in scan.pages(after=0):
            projection.fold(page)
    return recorders[0].statements


def _fold(folder: Path) -> float:
    """Seconds for the events in memory, typed and open, into a file without journal, as in a rebuild."""
    path = folder / "folded.db"
    seconds = 0.0
    with (
        closing(Scan(folder)) as scan,
        closing(Projection(path, scan.store_id)) as projection,
        without_journal(projection.db),
    ):
        for page in scan.pages(after=0):
            begun = _cpu()
            projection.fold(page)
            seconds += _cpu() - begun
    path.unlink()
    return seconds


def _replay(path: Path, statements: Sequence[Statement]) -> float:
    """Seconds for the same statements with the same values."""
    with closing(Projection(path, "")) as projection, without_journal(projection.db):
        db = projection.db
        begun = _cpu()
        for query, rows in statements:
            if query.startswith(("INSERT", "UPDATE", "DELETE")):
                db.executemany(query, rows)
            else:
                for values in rows:
                    db.execute(query, values).fetchall()
        seconds = _cpu() - begun
    path.unlink()
    return seconds


def _scan(folder: Path) -> tuple[float, float]:
    """Seconds to read all events typed, with their personal values opened; and to parse their payloads."""
    with closing(Scan(folder)) as scan:
        begun = _cpu()
        for page in scan.pages(after=0):
            assert page
        ours = _cpu() - begun
    with closing(sqlite3.connect(folder / "log.db")) as db:
        begun = _cpu()
        for (payload,) in db.execute("SELECT payload FROM events ORDER BY position"):
            json.loads(payload)
        return ours, _cpu() - begun
