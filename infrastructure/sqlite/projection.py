"""The fold of the log into the tables that are queried. May be thrown away at any time."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
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

    @property
    def position(self) -> int:
        return int(self.db.execute("SELECT position FROM checkpoint").fetchone()[0])

    @property
    def program(self) -> str:
        """The hash of the program that began this file."""
        return str(self.db.execute("SELECT projection FROM checkpoint").fetchone()[0])

    def fold(self, events: Sequence[RecordedEvent]) -> None:
        """Take in the events that follow the checkpoint, all or none; earlier ones are passed over."""
        with transaction(self.db):
            position = self.position
            for recorded in events:
                if recorded.position <= position:
                    continue
                position += 1
                if recorded.position != position:
                    raise ValueError(f"event {recorded.position} does not follow {position - 1}")
                if recorded.event is not None:
                    _Fold(self.db, recorded).apply(recorded.event)
            self.db.execute("UPDATE checkpoint SET position = ?", (position,))

    def close(self) -> None:
        self.db.close()


class _Fold:
    """One event's effect on the tables."""

    def __init__(self, db: sqlite3.Connection, recorded: RecordedEvent) -> None:
        self._db = db
        self._recorded = recorded

    def apply(self, event: Event) -> None:
        match event:
            case ImageUploaded():
                self._uploaded(event)
            case ImageRenamed(image_id=image_id, name=name):
                self._change(image_id, name=name)
                self._index_text(image_id)
            case ImageDescribed(image_id=image_id, description=description):
                self._change(image_id, description=description)
                self._index_text(image_id)
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
        text = _searchable(event.name, event.description, event.tags)
        self._db.execute("INSERT INTO image_text (rowid, body) VALUES (?, ?)", (recorded.position, text))

    def _retag(self, image_id: str, tags: tuple[str, ...]) -> None:
        self._change(image_id, tags=_json(tags))
        position = self._one("SELECT position FROM images WHERE image_id = ?", image_id)[0]
        self._db.execute("DELETE FROM image_tags WHERE image = ?", (position,))
        self._index_tags(position, tags)
        self._index_text(image_id)

    def _tags(self, image_id: str) -> tuple[str, ...]:
        row = self._one("SELECT tags FROM images WHERE image_id = ?", image_id)
        return msgspec.json.decode(row[0], type=tuple[str, ...])

    def _index_tags(self, position: int, tags: tuple[str, ...]) -> None:
        rows = [(tag.casefold(), position) for tag in tags]
        self._db.executemany("INSERT OR IGNORE INTO image_tags VALUES (?, ?)", rows)

    def _index_text(self, image_id: str) -> None:
        query = "SELECT position, name, description, tags FROM images WHERE image_id = ?"
        position, name, description, tags = self._one(query, image_id)
        text = _searchable(name, description, msgspec.json.decode(tags))
        self._db.execute("UPDATE image_text SET body = ? WHERE rowid = ?", (text, position))

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
        columns = ", ".join(f"{name} = ?" for name in values)
        query = f"UPDATE images SET version = ?, {columns} WHERE image_id = ?"  # noqa: S608
        self._db.execute(query, (self._recorded.version, *values.values(), image_id))

    def _rendering(
        self, event: RenderingStarted | RenderingFinished | RenderingFailed, **values: object
    ) -> None:
        columns = ", ".join(f"{name} = ?" for name in values)
        query = f"UPDATE renditions SET version = ?, {columns} WHERE image_id = ? AND rendition_id = ?"  # noqa: S608
        key = (event.image_id, event.rendition_id)
        self._db.execute(query, (self._recorded.version, *values.values(), *key))

    def _insert(self, table: str, **values: object) -> None:
        marks = ", ".join("?" * len(values))
        query = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})"  # noqa: S608
        self._db.execute(query, tuple(values.values()))

    def _one(self, query: str, key: str) -> Any:  # noqa: ANN401  (a row of any columns)
        return self._db.execute(query, (key,)).fetchone()


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _searchable(name: str, description: str, tags: tuple[str, ...]) -> str:
    return "\n".join((name, description, *tags))
