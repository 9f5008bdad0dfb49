"""What events do to the rows of presets."""

from __future__ import annotations

import sqlite3
from typing import Final, assert_never

from domain.events import PresetEvent, PresetRemoved, PresetReplayed, PresetRolledBack, PresetSaved
from domain.header import MediaType
from domain.ports.log import RecordedEvent
from domain.presets import Preset, output_for
from infrastructure.sqlite.folds.json_text import manner, to_json
from infrastructure.sqlite.preset_rows import DEFINITION, preset_view
from infrastructure.sqlite.tables import PRESENT

_ENDS: Final = f"UPDATE presets SET until = ? WHERE preset_id = ? AND until = {PRESENT}"
_SAVED: Final = f"INSERT INTO presets VALUES ({', '.join('?' * 12)})"
_FORGOTTEN: Final = "UPDATE presets SET description = '' WHERE preset_id = ?"
_VERSION: Final = f"SELECT {DEFINITION}, 0 FROM presets p WHERE p.preset_id = ? AND p.version = ?"
_HIDDEN: Final = f"UPDATE shown_presets SET until = ? WHERE owner = ? AND preset = ? AND until = {PRESENT}"
_SHOWN: Final = f"INSERT INTO shown_presets VALUES (?, ?, ?, ?, {PRESENT}, ?, ?)"


class PresetFold:
    """Each version has a row of its own. What is personal of a preset that was removed goes out of all; what
    images show stays when it is removed."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def apply(self, recorded: RecordedEvent, event: PresetEvent) -> None:
        match event:
            case PresetSaved():
                self._saved(recorded, event)
            case PresetReplayed() | PresetRolledBack():
                self._show(recorded, event.preset_id, event.version)
            case PresetRemoved(preset_id=preset_id):
                self._db.execute(_ENDS, (recorded.position, preset_id))
                self._db.execute(_FORGOTTEN, (preset_id,))
            case _:
                assert_never(event)

    def _saved(self, recorded: RecordedEvent, event: PresetSaved) -> None:
        self._db.execute(_ENDS, (recorded.position, event.preset_id))
        version = event.version or recorded.version
        row = (
            event.preset_id,
            recorded.position,
            PRESENT,
            recorded.owner,
            version,
            event.name,
            event.description,
            to_json(event.recipe),
            event.media_type,
            event.quality,
            event.lossless,
            event.background,
        )
        self._db.execute(_SAVED, row)
        if version == 1:
            self._show(recorded, event.preset_id, version)

    def _show(self, recorded: RecordedEvent, preset_id: str, version: int) -> None:
        preset = preset_view(self._db.execute(_VERSION, (preset_id, version)).fetchone())
        self._db.execute(_HIDDEN, (recorded.position, recorded.owner, preset.name))
        rows = [
            (recorded.owner, preset.name, media_type, recorded.position, version, _manner(preset, media_type))
            for media_type in MediaType
        ]
        self._db.executemany(_SHOWN, rows)


def _manner(preset: Preset, media_type: MediaType) -> str:
    return manner(preset.recipe, output_for(preset, media_type))
