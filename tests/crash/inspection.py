"""The files of a data folder, looked at while no server runs: all that must be true of them.

The database files are copied before they are opened, with their write-ahead logs, so that what is
found is what the next start would find, and the next start finds it untouched.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import sqlite3
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from domain.events import (
    ImageUploaded,
    RenderingEvent,
    RenderingFailed,
    RenderingFinished,
    RenderingRequested,
    RenderingStarted,
)
from domain.paging import keyset
from domain.ports.log import RecordedEvent
from domain.ports.read_model import ReadModel
from domain.ports.views import ImageState, ImageView
from domain.query import ImageFilter, ImageQuery, Keyset
from domain.rendering import MAX_ATTEMPTS
from gql.schema.ids import image_global_id
from infrastructure.log.chain import Row, first_break
from infrastructure.memory.read_model import MemoryReadModel
from infrastructure.sqlite.keys import Keys
from infrastructure.sqlite.ledger import COLUMNS, Ledger
from infrastructure.sqlite.projection import Projection
from infrastructure.sqlite.read_model import SqliteReadModel
from infrastructure.sqlite.readers import Readers
from tests.crash.book import Book, Expected
from tests.crash.requests import Upload
from tests.server import position_of

OWNER: Final = "local"
TABLES: Final = {
    "checkpoint": "SELECT * FROM checkpoint",
    "unknown_events": "SELECT * FROM unknown_events",
    "images": "SELECT * FROM images ORDER BY position",
    "past_images": "SELECT * FROM past_images ORDER BY changed_at",
    "image_tags": "SELECT * FROM image_tags ORDER BY image, tag",
    "past_image_tags": "SELECT * FROM past_image_tags ORDER BY image, tag, since",
    "image_text": "SELECT rowid, body FROM image_text ORDER BY rowid",
    "past_texts": "SELECT * FROM past_texts ORDER BY since",
    "past_image_text": "SELECT rowid, body FROM past_image_text ORDER BY rowid",
    "renditions": "SELECT * FROM renditions ORDER BY requested",
    "albums": "SELECT * FROM albums ORDER BY position",
    "past_albums": "SELECT * FROM past_albums ORDER BY changed_at",
    "album_images": "SELECT * FROM album_images ORDER BY album, until, rank",
    "presets": "SELECT * FROM presets ORDER BY preset_id, since",
    "shown_presets": "SELECT * FROM shown_presets ORDER BY owner, preset, media_type, until",
    "operations": "SELECT * FROM operations ORDER BY position",
    "operation_images": "SELECT * FROM operation_images ORDER BY operation, image",
    "examinations": "SELECT * FROM examinations ORDER BY image",
    "quarantines": "SELECT * FROM quarantines ORDER BY image_id",
    "erasures": "SELECT * FROM erasures ORDER BY purged_at",
}
_WITHOUT_ROWS_OF_THEIR_OWN: Final = "%image_text_%"


@dataclass(frozen=True)
class Findings:
    """What is told of a folder in which all is well."""

    events: Sequence[RecordedEvent]
    attempts: Counter[int]
    """How many renderings took one attempt, two, three."""

    failures: Counter[str]
    orphans: int

    @property
    def renditions(self) -> list[str]:
        """All that were requested, in order."""
        return [
            f"rnd_{recorded.event.image_id}_{recorded.event.rendition_id}"
            for recorded in self.events
            if isinstance(recorded.event, RenderingRequested)
        ]


def inspect(folder: Path, book: Book, *, settled: bool) -> Findings:
    """Look at everything. `settled`: the server came to rest before it ended. Blocks."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        copy = Path(name)
        for path in folder.glob("*.db*"):
            if not path.name.endswith("-shm"):
                shutil.copy(path, copy)
        events = _log(copy, book)
        _read_file(copy, events, book, settled=settled)
    _uploads(events, book)
    attempts, failures = _renderings(events, settled=settled)
    orphans = _content(folder, events, book, settled=settled)
    return Findings(events, attempts, failures, orphans)


# -- the log


def _log(copy: Path, book: Book) -> list[RecordedEvent]:
    """The events, after it is certain that they are whole and in order."""
    with closing(Keys(copy / "keys.db")) as keys, closing(Ledger(copy / "log.db", keys)) as ledger:
        assert ledger.db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = ledger.db.execute(f"SELECT {COLUMNS}, hash FROM events ORDER BY position")
        assert first_break((Row(*row[:-1]), row[-1]) for row in rows) is None
        events = ledger.page(0, ledger.position)
        known = {command_id for (command_id,) in ledger.db.execute("SELECT command_id FROM commands")}
    assert [event.position for event in events] == list(range(1, len(events) + 1))
    assert len({event.event_id for event in events}) == len(events)
    versions: dict[str, int] = defaultdict(int)
    for event in events:
        versions[event.stream] += 1
        assert event.version == versions[event.stream], event
    assert book.answered.keys() <= known
    refused = {request.command_id for request in book.refused}
    assert not refused & (known | {event.command_id for event in events})
    return events


def _uploads(events: Sequence[RecordedEvent], book: Book) -> None:
    """What was acknowledged is there, what was refused is not, and nothing comes from nowhere."""
    found = [recorded.event for recorded in events if isinstance(recorded.event, ImageUploaded)]
    recorded = {image_global_id(event.image_id): (event.sha256, event.byte_size) for event in found}
    promised = {key: (image.sha256, image.byte_size) for key, image in book.images.items()}
    assert promised.items() <= recorded.items()
    counts = Counter(event.sha256 for event in found)
    assert set(counts.values()) <= {1}, "two images have one original"
    perhaps = _hashes([*book.in_the_air, *book.forgotten])
    assert counts.keys() <= {image.sha256 for image in book.images.values()} | perhaps
    assert not counts.keys() & _hashes(book.refused)
    last_of = {recorded.command_id: recorded.position for recorded in events}
    for command_id, (_, answer) in book.answered.items():
        assert answer.position is not None
        position = position_of(answer.position)
        assert position <= len(events)
        assert last_of.get(command_id, position) == position


def _hashes(requests: Iterable[object]) -> set[str]:
    return {request.sha256 for request in requests if isinstance(request, Upload)}


# -- the renderings


def _renderings(events: Sequence[RecordedEvent], *, settled: bool) -> tuple[Counter[int], Counter[str]]:
    """Each goes from its request over at most three attempts to its one end."""
    streams: dict[str, list[RenderingEvent]] = defaultdict(list)
    commands: dict[str, Counter[type]] = defaultdict(Counter)
    for recorded in events:
        if isinstance(recorded.event, RenderingEvent):
            streams[recorded.stream].append(recorded.event)
        if isinstance(recorded.event, ImageUploaded | RenderingRequested):
            commands[recorded.command_id][type(recorded.event)] += 1
    for counts in commands.values():
        assert counts == {ImageUploaded: 1, RenderingRequested: 2}, "an upload was recorded in part"
    attempts: Counter[int] = Counter()
    failures: Counter[str] = Counter()
    for happened in streams.values():
        ends = [event for event in happened if isinstance(event, RenderingFinished | RenderingFailed)]
        starts = [event.attempt for event in happened if isinstance(event, RenderingStarted)]
        assert isinstance(happened[0], RenderingRequested)
        assert starts == list(range(1, len(starts) + 1))
        assert len(starts) <= MAX_ATTEMPTS
        assert len(happened) == 1 + len(starts) + len(ends)
        assert len(ends) == 1 if settled else len(ends) <= 1, happened
        assert not ends or happened[-1] is ends[0]
        attempts[len(starts)] += 1
        failures.update(event.code for event in ends if isinstance(event, RenderingFailed))
    return attempts, failures


# -- the content


def _content(folder: Path, events: Sequence[RecordedEvent], book: Book, *, settled: bool) -> int:
    """Every blob that is named is there, and every blob that is there is what its name says.

    What nobody names comes from uploads and renderings that a kill cut off, and from nowhere else.
    """
    there = {path.name: path for path in (folder / "content").rglob("*") if path.is_file()}
    for name, path in there.items():
        with path.open("rb") as file:
            assert hashlib.file_digest(file, "sha256").hexdigest() == name
    named = {
        recorded.event.sha256
        for recorded in events
        if isinstance(recorded.event, ImageUploaded | RenderingFinished)
    }
    assert named <= there.keys(), "content is missing"
    assert not there.keys() & _hashes(book.refused)
    orphans = there.keys() - named - _hashes([*book.in_the_air, *book.forgotten])
    counts = Counter(type(recorded.event) for recorded in events)
    unsettled = counts[RenderingRequested] - counts[RenderingFinished] - counts[RenderingFailed]
    assert len(orphans) <= unsettled + counts[RenderingFailed]
    if settled:
        assert list((folder / "staging").iterdir()) == []
    return len(there.keys() - named)


# -- the read file


def _read_file(copy: Path, events: Sequence[RecordedEvent], book: Book, *, settled: bool) -> None:
    """It shows what the log amounts to, up to its checkpoint, and so do the promises of the book."""
    (path,) = copy.glob("read-*.db")
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        db.execute("INSERT INTO image_text (image_text) VALUES ('integrity-check')")
        names = db.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE ?",
            (_WITHOUT_ROWS_OF_THEIR_OWN,),
        )
        assert {name for (name,) in names} == TABLES.keys()
        position, store_id = db.execute("SELECT position, store_id FROM checkpoint").fetchone()
    assert position == len(events) if settled else position <= len(events)
    folded = events[:position]
    fresh = copy / "fresh.db"
    with closing(Projection(fresh, store_id)) as projection:
        projection.fold(folded)
    assert _tables(path) == _tables(fresh)
    memory = MemoryReadModel()
    memory.fold(folded)
    images = asyncio.run(_compared(path, memory))
    if position == len(events):
        _promises(images, book)


def _tables(path: Path) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(path)) as db:
        return {name: db.execute(query).fetchall() for name, query in TABLES.items()}


async def _compared(path: Path, memory: MemoryReadModel) -> list[ImageView]:
    """All images, after both read models have answered the same."""
    readers = await Readers.open(path)
    try:
        images = await _all_images(SqliteReadModel(readers))
    finally:
        await readers.close()
    assert images == await _all_images(memory)
    return images


async def _all_images(model: ReadModel) -> list[ImageView]:
    images: list[ImageView] = []
    after: Keyset | None = None
    while True:
        query = ImageQuery(owner=OWNER, filter=ImageFilter(deleted=None), limit=1000, after=after)
        page = (await model.images(query)).value
        images.extend(page.images)
        if not page.has_next:
            return images
        after = keyset(page.images[-1], query.order)


def _promises(images: Sequence[ImageView], book: Book) -> None:
    """Whatever else was going on, each client finds its images as it left them."""
    shown = {image_global_id(image.image_id): _as_expected(image) for image in images}
    for image_id in book.images.keys() - book.uncertain:
        assert shown[image_id] == book.images[image_id]


def _as_expected(image: ImageView) -> Expected:
    deleted = image.state is ImageState.DELETED
    tags = frozenset(tag.text for tag in image.tags)
    return Expected(image.sha256, image.byte_size, image.name, image.description, tags, deleted)
