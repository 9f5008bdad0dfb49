"""All that a read file says, row by row."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from domain.ports.log import RecordedEvent
from infrastructure.sqlite.projection import Projection
from infrastructure.sqlite.scan import Scan

Tables = dict[str, list[Any]]


def tables(path: Path) -> Tables:
    """Every table but the shadows of the full-text index, whose shape says how it came about."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        shown = [name for name in names if not name.startswith("image_text_")]
        return {name: sorted(map(repr, db.execute(_all_of(name)))) for name in shown}


def folded(folder: Path, scratch: Path) -> Tables:
    """What the log of a data folder amounts to, folded event by event."""
    with closing(Scan(folder)) as scan, closing(Projection(scratch, scan.store_id)) as projection:
        for page in scan.pages(after=0):
            fold_singly(projection, page)
    return tables(scratch)


def fold_singly(projection: Projection, events: Sequence[RecordedEvent]) -> None:
    for event in events:
        projection.fold([event])


def _all_of(table: str) -> str:
    return f"SELECT rowid, * FROM {table}" if table == "image_text" else f"SELECT * FROM {table}"
