"""What was purged, until its key and bytes are known to be destroyed."""

from __future__ import annotations

import sqlite3

from domain.ports.log import RecordedEvent
from domain.ports.pending import Erasable


def erasure_pending(db: sqlite3.Connection, kind: Erasable, thing_id: str, purged: RecordedEvent) -> None:
    row = (purged.position, kind, thing_id, purged.owner, purged.version, purged.correlation_id)
    db.execute("INSERT INTO erasures VALUES (?, ?, ?, ?, ?, ?)", row)


def erasure_done(db: sqlite3.Connection, kind: Erasable, thing_id: str) -> None:
    db.execute("DELETE FROM erasures WHERE kind = ? AND thing_id = ?", (kind, thing_id))
