"""The fold of the log into the tables that are queried. May be thrown away at any time."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import assert_never

from domain.events import (
    AlbumEvent,
    Event,
    ExaminationEvent,
    ImageEvent,
    OperationEvent,
    PresetEvent,
    RenderingEvent,
    WebhookEvent,
    WireName,
)
from domain.ports.log import RecordedEvent
from infrastructure.sqlite.connection import open_writer, transaction
from infrastructure.sqlite.folds.albums import AlbumFold
from infrastructure.sqlite.folds.examinations import ExaminationFold
from infrastructure.sqlite.folds.images import ImageFold
from infrastructure.sqlite.folds.operations import OperationFold
from infrastructure.sqlite.folds.presets import PresetFold
from infrastructure.sqlite.folds.renditions import RenditionFold
from infrastructure.sqlite.program import projection_hash
from infrastructure.sqlite.tables import SCHEMA


def tables_hash() -> str:
    """Of the text that defines the tables: queries are written for these, and know no others."""
    return hashlib.sha256(SCHEMA.encode()).hexdigest()


class Projection:
    """The read file, as its one writer sees it."""

    def __init__(self, path: Path, store_id: str) -> None:
        self.db = open_writer(path, synchronous="NORMAL", schema=SCHEMA)
        fresh = (1, 0, store_id, projection_hash(), tables_hash())
        self.db.execute("INSERT OR IGNORE INTO checkpoint VALUES (?, ?, ?, ?, ?)", fresh)
        self._images = ImageFold(self.db)
        self._renditions = RenditionFold(self.db)
        self._examinations = ExaminationFold(self.db)
        self._albums = AlbumFold(self.db)
        self._presets = PresetFold(self.db)
        self._operations = OperationFold(self.db)
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
                    self._apply(recorded, recorded.event)
            if unknown != self.unknown:
                rows = [(wire.name, wire.version, count) for wire, count in unknown.items()]
                self.db.executemany("INSERT OR REPLACE INTO unknown_events VALUES (?, ?, ?)", rows)
            self.db.execute("UPDATE checkpoint SET position = ?", (position,))
        self.unknown = unknown

    def close(self) -> None:
        self.db.close()

    def _apply(self, recorded: RecordedEvent, event: Event) -> None:
        if isinstance(event, RenderingEvent):
            self._renditions.apply(recorded, event)
        elif isinstance(event, ExaminationEvent):
            self._examinations.apply(recorded, event)
        elif isinstance(event, ImageEvent):
            self._images.apply(recorded, event)
        elif isinstance(event, AlbumEvent):
            self._albums.apply(recorded, event)
        elif isinstance(event, PresetEvent):
            self._presets.apply(recorded, event)
        elif isinstance(event, OperationEvent):
            self._operations.apply(recorded, event)
        elif isinstance(event, WebhookEvent):
            pass  # nothing of them is queried here
        else:
            assert_never(event)
