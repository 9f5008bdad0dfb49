"""What events do to the rows of presets."""

from __future__ import annotations

import sqlite3
from typing import Final, assert_never

from domain.events import PresetEvent, PresetRemoved, PresetSaved
from domain.ports import RecordedEvent
from infrastructure.sqlite.folds.json_text import to_json
from infrastructure.sqlite.tables import PRESENT

_ENDS: Final = f"UPDATE presets SET until = ? WHERE preset_id = ? AND until = {PRESENT}"
_SAVED: Final = f"INSERT INTO presets VALUES ({', '.join('?' * 12)})"
_FORGOTTEN: Final = "UPDATE presets SET description = '' WHERE preset_id = ?"


class PresetFold:
    """Each version has a row of its own. What is personal of a preset that was removed goes out of all."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def apply(self, recorded: RecordedEvent, event: PresetEvent) -> None:
        self._db.execute(_ENDS, (recorded.position, event.preset_id))
        match event:
            case PresetSaved():
                self._saved(recorded, event)
            case PresetRemoved(preset_id=preset_id):
                self._db.execute(_FORGOTTEN, (preset_id,))
            case _:
                assert_never(event)

    def _saved(self, recorded: RecordedEvent, event: PresetSaved) -> None:
        row = (
            event.preset_id,
            recorded.position,
            PRESENT,
            recorded.owner,
            recorded.version,
            event.name,
            event.description,
            to_json(event.recipe),
            event.media_type,
            event.quality,
            event.lossless,
            event.background,
        )
        self._db.execute(_SAVED, row)
