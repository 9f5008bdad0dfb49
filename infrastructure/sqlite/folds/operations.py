"""What events do to the rows of bulk operations."""

from __future__ import annotations

import sqlite3
from typing import Final, assert_never

from domain.events import (
    OperationCancelled,
    OperationEvent,
    OperationFinished,
    OperationProgressed,
    OperationStarted,
)
from domain.paging import micros
from domain.ports.log import RecordedEvent
from domain.ports.views import OperationState

_STARTED: Final = f"INSERT INTO operations VALUES ({', '.join('?' * 14)})"
_CHANGED: Final = """
    INSERT OR IGNORE INTO operation_images
    SELECT o.position, i.position FROM operations o, images i WHERE o.operation_id = ? AND i.image_id = ?
"""


_COUNTED: Final = """
    UPDATE operations SET version = ?, changed = ?, unchanged = ?, refused = ?, failed = ?
    WHERE operation_id = ?
"""
_STATE: Final = "UPDATE operations SET version = ?, state = ? WHERE operation_id = ?"
_FINISHED: Final = """
    UPDATE operations SET state = iif(state = 'CANCELLING', 'CANCELLED', 'FINISHED') WHERE operation_id = ?
"""


def changed_by_operation(db: sqlite3.Connection, operation_id: str, image_id: str) -> None:
    """Note that an operation has changed an image."""
    db.execute(_CHANGED, (operation_id, image_id))


class OperationFold:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def apply(self, recorded: RecordedEvent, event: OperationEvent) -> None:
        match event:
            case OperationStarted():
                self._started(recorded, event)
            case OperationProgressed():
                self._counted(recorded, event)
            case OperationFinished():
                self._counted(recorded, event)
                self._db.execute(_FINISHED, (event.operation_id,))
            case OperationCancelled(operation_id=operation_id):
                self._db.execute(_STATE, (recorded.version, OperationState.CANCELLING, operation_id))
            case _:
                assert_never(event)

    def _started(self, recorded: RecordedEvent, event: OperationStarted) -> None:
        row = (
            recorded.position,
            event.operation_id,
            recorded.owner,
            recorded.version,
            recorded.actor,
            micros(recorded.recorded_at),
            event.action,
            event.undoes,
            event.total,
            0,
            0,
            0,
            0,
            OperationState.RUNNING,
        )
        self._db.execute(_STARTED, row)

    def _counted(self, recorded: RecordedEvent, event: OperationProgressed | OperationFinished) -> None:
        counts = (event.changed, event.unchanged, event.refused, event.failed)
        self._db.execute(_COUNTED, (recorded.version, *counts, event.operation_id))
