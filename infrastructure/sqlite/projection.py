"""The fold of the log into the tables that are queried. May be thrown away at any time."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, assert_never

import msgspec

from domain.events import (
    Event,
    ImageDeleted,
    ImageDescribed,
    ImageRenamed,
    ImageRestored,
    ImageTagged,
    ImageUntagged,
    ImageUploaded,
    RenderingFailed,
    RenderingFinished,
    RenderingRequested,
    RenderingStarted,
    WireName,
)
from domain.header import ImageHeader
from domain.image import tagged, untagged
from domain.paging import micros
from domain.ports import RecordedEvent
from infrastructure.sqlite.connection import open_writer, transaction
from infrastructure.sqlite.program import projection_hash

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS checkpoint (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    position   INTEGER NOT NULL,
    store_id   TEXT    NOT NULL,
    projection TEXT    NOT NULL,
    tables     TEXT    NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS unknown_events (
    type           TEXT    NOT NULL,
    schema_version INTEGER NOT NULL,
    count          INTEGER NOT NULL,
    PRIMARY KEY (type, schema_version)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS images (
    position    INTEGER PRIMARY KEY,
    image_id    TEXT    NOT NULL UNIQUE,
    owner       TEXT    NOT NULL,
    version     INTEGER NOT NULL,
    uploaded_by TEXT    NOT NULL,
    uploaded_at INTEGER NOT NULL,
    name        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    tags        TEXT    NOT NULL,
    deleted     INTEGER NOT NULL,
    sha256      TEXT    NOT NULL,
    byte_size   INTEGER NOT NULL,
    media_type  TEXT    NOT NULL,
    width       INTEGER NOT NULL,
    height      INTEGER NOT NULL,
    orientation INTEGER NOT NULL,
    frames      INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS images_by_uploaded_at ON images (owner, deleted, uploaded_at, position);
CREATE INDEX IF NOT EXISTS images_by_name        ON images (owner, deleted, name, position);
CREATE INDEX IF NOT EXISTS images_by_width       ON images (owner, deleted, width, position);
CREATE INDEX IF NOT EXISTS images_by_height      ON images (owner, deleted, height, position);
CREATE INDEX IF NOT EXISTS images_by_byte_size   ON images (owner, deleted, byte_size, position);

CREATE TABLE IF NOT EXISTS image_tags (
    tag   TEXT    NOT NULL,
    image INTEGER NOT NULL,
    PRIMARY KEY (tag, image)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE IF NOT EXISTS image_text USING fts5 (body, tokenize = 'trigram');

CREATE TABLE IF NOT EXISTS renditions (
    image_id        TEXT    NOT NULL,
    rendition_id    TEXT    NOT NULL,
    requested       INTEGER NOT NULL,
    version         INTEGER NOT NULL,
    correlation_id  TEXT    NOT NULL,
    preset          TEXT    NOT NULL,
    recipe          TEXT    NOT NULL,
    output          TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    attempts        INTEGER NOT NULL,
    sha256          TEXT,
    byte_size       INTEGER,
    media_type      TEXT    NOT NULL,
    width           INTEGER,
    height          INTEGER,
    failure_code    TEXT,
    failure_message TEXT,
    PRIMARY KEY (image_id, rendition_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS renditions_pending
    ON renditions (requested) WHERE state IN ('PENDING', 'RENDERING');
"""


def tables_hash() -> str:
    """Of the text that defines the tables: queries are written for these, and know no others."""
    return hashlib.sha256(_SCHEMA.encode()).hexdigest()


class Projection:
    """The read file, as its one writer sees it."""

    def __init__(self, path: Path, store_id: str) -> None:
        self.db = open_writer(path, synchronous="NORMAL", schema=_SCHEMA)
        fresh = (1, 0, store_id, projection_hash(), tables_hash())
        self.db.execute("INSERT OR IGNORE INTO checkpoint VALUES (?, ?, ?, ?, ?)", fresh)
        self.unknown: Mapping[WireName, int] = self._unknown()
        """How many events are of a type or version that this Darkroom does not know: kept, not shown."""

    @property
    def position(self) -> int:
        return int(self.db.execute("SELECT position FROM checkpoint").fetchone()[0])

    @property
    def program(self) -> str:
        """The hash of the program that began this file."""
        return str(self.db.execute("SELECT projection FROM checkpoint").fetchone()[0])

    def _unknown(self) -> Mapping[WireName, int]:
        rows = self.db.execute("SELECT type, schema_version, count FROM unknown_events")
        return {WireName(name, version): count for name, version, count in rows}

    def fold(self, events: Sequence[RecordedEvent]) -> None:
        """Take in the events that follow the checkpoint, all or none; earlier ones are passed over."""
        with transaction(self.db):
            position = self.position
            changed: dict[str, None] = {}
            unknown = Counter(self.unknown)
            for recorded in events:
                if recorded.position <= position:
                    continue
                position += 1
                if recorded.position != position:
                    raise ValueError(f"event {recorded.position} does not follow {position - 1}")
                if recorded.event is None:
                    unknown[WireName(recorded.type, recorded.schema_version)] += 1
                else:
                    _Fold(self.db, recorded, changed).apply(recorded.event)
            for image_id in changed:
                _index_text(self.db, image_id)
            if unknown != self.unknown:
                rows = [(wire.name, wire.version, count) for wire, count in unknown.items()]
                self.db.executemany("INSERT OR REPLACE INTO unknown_events VALUES (?, ?, ?)", rows)
            self.db.execute("UPDATE checkpoint SET position = ?", (position,))
        self.unknown = unknown

    def close(self) -> None:
        self.db.close()


class _Fold:
    """One event's effect on the tables, but for the words that an image is found by.

    Their index is the dearest of all, and one command may change an image's words three times: images whose
    words change are noted in `changed`, and indexed when all events are in.
    """

    def __init__(self, db: sqlite3.Connection, recorded: RecordedEvent, changed: dict[str, None]) -> None:
        self._db = db
        self._recorded = recorded
        self._changed = changed

    def apply(self, event: Event) -> None:
        match event:
            case ImageUploaded():
                self._uploaded(event)
            case ImageRenamed(image_id=image_id, name=name):
                self._change(image_id, name=name)
                self._changed[image_id] = None
            case ImageDescribed(image_id=image_id, description=description):
                self._change(image_id, description=description)
                self._changed[image_id] = None
            case ImageTagged(image_id=image_id, tags=tags):
                self._retag(image_id, tagged(self._tags(image_id), tags))
            case ImageUntagged(image_id=image_id, tags=tags):
                self._retag(image_id, untagged(self._tags(image_id), tags))
            case ImageDeleted(image_id=image_id):
                self._change(image_id, deleted=1)
            case ImageRestored(image_id=image_id):
                self._change(image_id, deleted=0)
            case RenderingRequested():
                self._requested(event)
            case RenderingStarted(attempt=attempt):
                self._rendering(event, state="RENDERING", attempts=attempt)
            case RenderingFinished():
                self._finished(event)
            case RenderingFailed(code=code, message=message):
                self._rendering(event, state="FAILED", failure_code=code, failure_message=message)
            case _:
                assert_never(event)

    def _uploaded(self, event: ImageUploaded) -> None:
        recorded = self._recorded
        header = ImageHeader(event.media_type, event.width, event.height, event.frames, event.orientation)
        width, height = header.shown_size
        self._insert(
            "images",
            position=recorded.position,
            image_id=event.image_id,
            owner=recorded.owner,
            version=recorded.version,
            uploaded_by=recorded.actor,
            uploaded_at=micros(recorded.recorded_at),
            name=event.name,
            description=event.description,
            tags=_json(event.tags),
            deleted=0,
            sha256=event.sha256,
            byte_size=event.byte_size,
            media_type=event.media_type,
            width=width,
            height=height,
            orientation=event.orientation,
            frames=event.frames,
        )
        self._index_tags(recorded.position, event.tags)
        self._changed[event.image_id] = None

    def _retag(self, image_id: str, tags: tuple[str, ...]) -> None:
        position = self._one("SELECT position FROM images WHERE image_id = ?", image_id)[0]
        gone = {tag.casefold() for tag in self._tags(image_id)} - {tag.casefold() for tag in tags}
        rows = [(tag, position) for tag in gone]
        self._db.executemany("DELETE FROM image_tags WHERE tag = ? AND image = ?", rows)
        self._index_tags(position, tags)
        self._change(image_id, tags=_json(tags))
        self._changed[image_id] = None

    def _tags(self, image_id: str) -> tuple[str, ...]:
        row = self._one("SELECT tags FROM images WHERE image_id = ?", image_id)
        return msgspec.json.decode(row[0], type=tuple[str, ...])

    def _index_tags(self, position: int, tags: tuple[str, ...]) -> None:
        rows = [(tag.casefold(), position) for tag in tags]
        self._db.executemany("INSERT OR IGNORE INTO image_tags VALUES (?, ?)", rows)

    def _requested(self, event: RenderingRequested) -> None:
        recorded = self._recorded
        self._insert(
            "renditions",
            image_id=event.image_id,
            rendition_id=event.rendition_id,
            requested=recorded.position,
            version=recorded.version,
            correlation_id=recorded.correlation_id,
            preset=event.preset,
            recipe=_json(event.recipe),
            output=_json(event.output),
            state="PENDING",
            attempts=0,
            media_type=event.output.media_type,
        )

    def _finished(self, event: RenderingFinished) -> None:
        self._rendering(
            event,
            state="READY",
            sha256=event.sha256,
            byte_size=event.byte_size,
            media_type=event.media_type,
            width=event.width,
            height=event.height,
        )

    def _change(self, image_id: str, **values: object) -> None:
        query = _update("images", *values, key="image_id = ?")
        self._db.execute(query, (self._recorded.version, *values.values(), image_id))

    def _rendering(
        self, event: RenderingStarted | RenderingFinished | RenderingFailed, **values: object
    ) -> None:
        query = _update("renditions", *values, key="image_id = ? AND rendition_id = ?")
        key = (event.image_id, event.rendition_id)
        self._db.execute(query, (self._recorded.version, *values.values(), *key))

    def _insert(self, table: str, **values: object) -> None:
        self._db.execute(_insertion(table, *values), tuple(values.values()))

    def _one(self, query: str, key: str) -> Any:  # noqa: ANN401  (a row of any columns)
        return self._db.execute(query, (key,)).fetchone()


@cache
def _insertion(table: str, *columns: str) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608


@cache
def _update(table: str, *columns: str, key: str) -> str:
    values = ", ".join(f"{name} = ?" for name in columns)
    return f"UPDATE {table} SET version = ?, {values} WHERE {key}"  # noqa: S608


def _index_text(db: sqlite3.Connection, image_id: str) -> None:
    query = "SELECT position, name, description, tags FROM images WHERE image_id = ?"
    position, name, description, tags = db.execute(query, (image_id,)).fetchone()
    text = "\n".join((name, description, *msgspec.json.decode(tags)))
    db.execute("REPLACE INTO image_text (rowid, body) VALUES (?, ?)", (position, text))


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
