"""What events do to the rows of renditions."""

from __future__ import annotations

import sqlite3
from typing import Final, assert_never

from domain.events import (
    RenderingEvent,
    RenderingFailed,
    RenderingFinished,
    RenderingRequested,
    RenderingStarted,
)
from domain.ports.log import RecordedEvent
from domain.ports.views import RenditionState
from domain.recipe import Recipe
from infrastructure.sqlite.folds.json_text import manner, own_recipe, to_json
from infrastructure.sqlite.tables import PRESENT

_REQUESTED: Final = """
    INSERT INTO renditions (image_id, rendition_id, requested, until, version, correlation_id, preset,
                            preset_version, engine, manner, recipe, edits, output, state, attempts,
                            media_type)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)
"""
_WHICH: Final = f"WHERE image_id = ? AND rendition_id = ? AND until = {PRESENT}"
_AGAIN: Final = f"UPDATE renditions SET until = ? {_WHICH}"
_STARTED: Final = f"""
    UPDATE renditions SET version = ?, started = coalesce(started, ?), state = ?, attempts = ? {_WHICH}
"""
_FINISHED: Final = f"""
    UPDATE renditions SET version = ?, settled = ?, state = ?, sha256 = ?, byte_size = ?, media_type = ?,
                          width = ?, height = ? {_WHICH}
"""
_FAILED: Final = f"""
    UPDATE renditions SET version = ?, settled = ?, state = ?, failure_code = ?, failure_message = ? {_WHICH}
"""


class RenditionFold:
    """A row keeps the positions at which it was requested, started and settled: all there is of its past.

    What has failed and is requested again goes on in another row.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def apply(self, recorded: RecordedEvent, event: RenderingEvent) -> None:
        key = (event.image_id, event.rendition_id)
        at, version = recorded.position, recorded.version
        match event:
            case RenderingRequested():
                self._requested(recorded, event)
            case RenderingStarted(attempt=attempt):
                self._db.execute(_STARTED, (version, at, RenditionState.RENDERING, attempt, *key))
            case RenderingFinished():
                made = (event.sha256, event.byte_size, event.media_type, event.width, event.height)
                self._db.execute(_FINISHED, (version, at, RenditionState.READY, *made, *key))
            case RenderingFailed(code=code, message=message):
                self._db.execute(_FAILED, (version, at, RenditionState.FAILED, code, message, *key))
            case _:
                assert_never(event)

    def _requested(self, recorded: RecordedEvent, event: RenderingRequested) -> None:
        if recorded.version > 1:
            self._db.execute(_AGAIN, (recorded.position, event.image_id, event.rendition_id))
        own, added = event.recipe.steps[: event.edits], event.recipe.steps[event.edits :]
        row = (
            event.image_id,
            event.rendition_id,
            recorded.position,
            PRESENT,
            recorded.version,
            recorded.correlation_id,
            event.preset,
            event.preset_version,
            event.engine,
            manner(Recipe(added), event.output),
            to_json(event.recipe),
            own_recipe(Recipe(own)),
            to_json(event.output),
            RenditionState.PENDING,
            event.output.media_type,
        )
        self._db.execute(_REQUESTED, row)
