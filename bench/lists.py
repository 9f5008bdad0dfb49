"""Pages of images: as of a moment against now, and deep in a list against its beginning."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final

from bench.report import Row
from domain.events import Event, ImageTagged, ImageUploaded, RenderingFinished, RenderingRequested
from domain.header import MediaType
from domain.image import image_stream
from domain.output import Output
from domain.paging import keyset
from domain.ports.log import RecordedEvent
from domain.provenance import Source
from domain.query import ImageOrder, ImageQuery, Keyset, SortKey
from domain.recipe import Recipe, Step
from domain.rendering import rendering_stream
from infrastructure.sqlite.projection import Projection
from infrastructure.sqlite.read_model import SqliteReadModel
from infrastructure.sqlite.readers import Readers

IMAGES, MANY, VERSIONS = 100_000, 1_000_000, 5_000
PAGE, DEPTH, ROUNDS, BATCH = 100, 900_000, 15, 1000
OWNER: Final = "local"
_BEGUN: Final = datetime(2026, 1, 1, tzinfo=UTC)


async def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return [*await _moments(folder / "moments.db"), *await _depths(folder / "depths.db")]


async def _moments(path: Path) -> list[Row]:
    """All images are tagged after the last upload: no row is now what it was before that."""
    story = _Story()
    with closing(Projection(path, "bench")) as projection:
        await asyncio.to_thread(_fold, projection, story.uploads())
        uploaded = story.position
        await asyncio.to_thread(_fold, projection, story.tags())
        tagged = story.position
        await asyncio.to_thread(_fold, projection, story.versions())
    rows: list[Row] = []
    async with _read_model(path) as model:
        for key in SortKey:
            first = ImageQuery(owner=OWNER, order=ImageOrder(key), limit=PAGE)
            deep = await _at_depth(model, first, IMAGES // 2)
            for place, query in (("first page", first), ("at 50,000", deep)):
                then, now = await _in_turns(model, replace(query, as_of=uploaded), query)
                rows.append(
                    _row(f"list of 100,000 by {key}, {place}, as of before a change of all", then, now)
                )
        newest = ImageQuery(owner=OWNER, limit=PAGE)
        then, now = await _in_turns(model, replace(newest, as_of=uploaded // 2), newest)
        rows.append(_row("list of 100,000, as of half of the uploads", then, now))
        rows.append(await _many_versions(model, tagged + VERSIONS // 2))
    return rows


async def _many_versions(model: SqliteReadModel, position: int) -> Row:
    times: dict[int | None, list[float]] = {position: [], None: []}
    for _ in range(ROUNDS):
        for as_of, found in times.items():
            begun = time.perf_counter()
            await model.image(OWNER, _image_id(0), as_of)
            found.append(time.perf_counter() - begun)
    then, now = (statistics.median(found) * 1000 for found in times.values())
    what = f"an image with {VERSIONS:,} versions, as of the middle one"
    return Row(what, "ms", then, now, "the same image now", most=3)


async def _depths(path: Path) -> list[Row]:
    """Rows without renditions, which have no part in finding a page."""
    with closing(Projection(path, "bench")) as projection:
        await asyncio.to_thread(_million, projection)
    rows = []
    async with _read_model(path) as model:
        for key in (SortKey.UPLOADED_AT, SortKey.WIDTH):
            first = ImageQuery(owner=OWNER, order=ImageOrder(key, descending=False), limit=PAGE)
            value = DEPTH if key is SortKey.UPLOADED_AT else DEPTH * 10 // MANY
            deep = replace(first, after=Keyset(value, DEPTH))
            ours, theirs = await _in_turns(model, deep, first)
            what = f"list of a million by {key}, behind the cursor of 900,000"
            rows.append(Row(what, "ms", ours, theirs, "its first page", most=2))
    return rows


def _row(what: str, then: float, now: float) -> Row:
    return Row(what, "ms", then, now, "the same list now", most=3)


async def _in_turns(model: SqliteReadModel, *queries: ImageQuery) -> list[float]:
    """Medians, in milliseconds."""
    times: list[list[float]] = [[] for _ in queries]
    for turn in range(ROUNDS + 1):
        for found, query in zip(times, queries, strict=True):
            begun = time.perf_counter()
            page = (await model.images(query)).value
            if turn:
                found.append(time.perf_counter() - begun)
            assert len(page.images) == PAGE
    return [statistics.median(found) * 1000 for found in times]


async def _at_depth(model: SqliteReadModel, query: ImageQuery, depth: int) -> ImageQuery:
    while depth:
        page = (await model.images(replace(query, limit=10_000))).value
        query = replace(query, after=keyset(page.images[-1], query.order))
        depth -= len(page.images)
    return query


@asynccontextmanager
async def _read_model(path: Path) -> AsyncIterator[SqliteReadModel]:
    readers = await Readers.open(path)
    try:
        yield SqliteReadModel(readers)
    finally:
        await readers.close()


def _fold(projection: Projection, events: Iterator[RecordedEvent]) -> None:
    while batch := list(islice(events, BATCH)):
        projection.fold(batch)


class _Story:
    """What happens, in order."""

    def __init__(self) -> None:
        self.position = 0

    def uploads(self) -> Iterator[RecordedEvent]:
        for number in range(IMAGES):
            image_id = _image_id(number)
            yield self._recorded(image_stream(image_id), 1, _uploaded(number))
            for preset in ("thumbnail", "grayscale-300"):
                for version, event in enumerate(_rendering(image_id, preset), 1):
                    yield self._recorded(rendering_stream(image_id, event.rendition_id), version, event)

    def tags(self) -> Iterator[RecordedEvent]:
        for number in range(IMAGES):
            yield self._tagged(number, 2, "holiday")

    def versions(self) -> Iterator[RecordedEvent]:
        for version in range(VERSIONS):
            yield self._tagged(0, version + 3, f"tag {version % 50}")

    def _tagged(self, number: int, version: int, tag: str) -> RecordedEvent:
        image_id = _image_id(number)
        event = ImageTagged(image_id=image_id, source=Source.PERSON, tags=(tag,))
        return self._recorded(image_stream(image_id), version, event)

    def _recorded(self, stream: str, version: int, event: Event) -> RecordedEvent:
        self.position += 1
        return RecordedEvent(
            position=self.position,
            stream=stream,
            version=version,
            event_id=b"",
            type="",
            schema_version=1,
            recorded_at=_BEGUN + timedelta(seconds=self.position),
            command_id="",
            correlation_id="",
            causation_id="",
            actor=OWNER,
            owner=OWNER,
            event=event,
        )


def _image_id(number: int) -> str:
    return f"{number * 2_654_435_761 % 2**32:08x}" * 4


def _uploaded(number: int) -> ImageUploaded:
    image_id = _image_id(number)
    return ImageUploaded(
        image_id=image_id,
        sha256=image_id * 2,
        byte_size=10_000 + number * 7919 % 1_000_000,
        media_type=MediaType.JPEG,
        width=100 + number % 4000,
        height=100 + number % 3000,
        orientation=1,
        frames=1,
        presets=(),
        name=f"IMG_{number * 31 % IMAGES:06}.jpg",
        description="The last evening.",
        tags=("beach",),
    )


def _rendering(image_id: str, preset: str) -> Sequence[RenderingRequested | RenderingFinished]:
    rendition_id = f"{preset[0]}{image_id[1:]}"
    requested = RenderingRequested(
        image_id=image_id,
        rendition_id=rendition_id,
        preset=preset,
        original=image_id * 2,
        recipe=Recipe((Step("resize", {"width": 256, "height": 256}),)),
        edits=0,
        output=Output(MediaType.WEBP, 80),
        engine="1",
    )
    finished = RenderingFinished(
        image_id=image_id,
        rendition_id=rendition_id,
        sha256=image_id * 2,
        byte_size=5000,
        media_type=MediaType.WEBP,
        width=256,
        height=200,
    )
    return requested, finished


def _million(projection: Projection) -> None:
    statement = """
        WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < :many)
        INSERT INTO images SELECT
            n, printf('%032x', n), :owner, :owner, n, printf('%064x', n), n, 'image/jpeg',
            n * 10 / :many, n % 100, 1, 1, n, 1, 0, printf('IMG_%d.jpg', n), '{}', '[]', '[]', '[]', n,
            NULL, NULL
        FROM n
    """
    projection.db.execute(statement, {"many": MANY, "owner": OWNER})
