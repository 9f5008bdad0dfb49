"""Logs on the disk that hold what no Darkroom of today would write."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from infrastructure.log.chain import GENESIS, Row, link
from infrastructure.sqlite.ledger import COLUMNS

_INSERT = f"INSERT INTO events ({COLUMNS}, hash) VALUES ({', '.join('?' * 14)})"
_LAST = "SELECT position, hash, recorded_at FROM events ORDER BY position DESC LIMIT 1"


def add_row(folder: Path, type_: str, payload: str = "{}", schema_version: int = 1) -> int:
    """Append a row as another program would, the chain unbroken; the result is its position."""
    with closing(sqlite3.connect(folder / "log.db", isolation_level=None)) as db:
        last = db.execute(
            "SELECT position, hash, recorded_at FROM events ORDER BY position DESC LIMIT 1"
        ).fetchone()
        position, previous, recorded_at = last or (0, GENESIS, 0)
        row = Row(
            position=position + 1,
            stream=f"made-up-{position + 1}",
            version=1,
            event_id=os.urandom(16),
            type=type_,
            schema_version=schema_version,
            recorded_at=recorded_at,
            command_id="c",
            correlation_id="c",
            causation_id="",
            actor="somebody",
            owner="owner-1",
            payload=payload,
        )
        db.execute(_INSERT, (*row, link(previous, row)))
    return row.position


def change_payload(folder: Path, position: int, payload: str) -> None:
    """Behind the back of the triggers; the chain breaks there."""
    with closing(sqlite3.connect(folder / "log.db", isolation_level=None)) as db:
        db.execute("DROP TRIGGER IF EXISTS events_are_never_changed")
        db.execute("UPDATE events SET payload = ? WHERE position = ?", (payload, position))
