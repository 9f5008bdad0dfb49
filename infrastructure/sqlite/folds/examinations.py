"""What events do to the rows of examinations: one for each image, from its upload on."""

from __future__ import annotations

import sqlite3
from typing import Final, assert_never

from domain.events import ExaminationEvent, ExaminationFailed, ExaminationStarted, ImageExamined
from domain.examination import findings
from domain.findings import Findings
from domain.paging import micros
from domain.ports.log import RecordedEvent
from infrastructure.sqlite.folds.json_text import to_json
from infrastructure.sqlite.hamming import signed
from infrastructure.sqlite.tables import ERASED

_PENDING: Final = """
    INSERT INTO examinations (image, image_id, correlation_id, version, state, attempts)
    VALUES (?, ?, ?, 0, 'PENDING', 0)
"""
_STARTED: Final = "UPDATE examinations SET version = ?, state = 'RUNNING', attempts = ? WHERE image_id = ?"
_SETTLED: Final = "UPDATE examinations SET version = ?, state = ? WHERE image_id = ?"
_FOUND: Final = """
    UPDATE examinations SET settled = ?, pixel_hash = ?, perceptual_hash = ?, camera = ?, findings = ?
    WHERE image_id = ?
"""
_EXAMINED: Final = f"UPDATE images SET examined_at = ?, taken_at = ? WHERE image_id = ? AND state <> {ERASED}"
_FORGOTTEN: Final = """
    UPDATE examinations
    SET settled = NULL, pixel_hash = NULL, perceptual_hash = NULL, camera = NULL, findings = NULL
    WHERE image_id = ?
"""


class ExaminationFold:
    """A row keeps the position at which something was found: all there is of its past."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def apply(self, recorded: RecordedEvent, event: ExaminationEvent) -> None:
        image_id, version = event.image_id, recorded.version
        match event:
            case ExaminationStarted(attempt=attempt):
                self._db.execute(_STARTED, (version, attempt, image_id))
            case ImageExamined():
                self._db.execute(_SETTLED, (version, "DONE", image_id))
                found = findings(event)
                if found is not None:
                    self._found(recorded.position, image_id, found)
            case ExaminationFailed():
                self._db.execute(_SETTLED, (version, "FAILED", image_id))
            case _:
                assert_never(event)

    def _found(self, position: int, image_id: str, found: Findings) -> None:
        """Nothing is shown of an image that has been purged meanwhile."""
        taken_at = found.metadata.taken_at
        moment = None if taken_at is None else micros(taken_at)
        if not self._db.execute(_EXAMINED, (position, moment, image_id)).rowcount:
            return
        row = (
            position,
            found.pixel_hash,
            signed(found.perceptual_hash),
            found.metadata.camera,
            to_json(found),
        )
        self._db.execute(_FOUND, (*row, image_id))


def examination_pending(db: sqlite3.Connection, image_id: str, recorded: RecordedEvent) -> None:
    """An image has come."""
    db.execute(_PENDING, (recorded.position, image_id, recorded.correlation_id))


def findings_forgotten(db: sqlite3.Connection, image_id: str) -> None:
    """An image is purged."""
    db.execute(_FORGOTTEN, (image_id,))
