"""A read file: whether it shows what the log amounts to, up to its checkpoint."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice, takewhile
from pathlib import Path
from typing import Final

from infrastructure.sqlite.connection import reader_uri
from infrastructure.sqlite.program import projection_hash
from infrastructure.sqlite.projection import Projection
from infrastructure.verification.database import reading
from infrastructure.verification.finding import Finding, Kind, Progress
from infrastructure.verification.log import PAGE, LogFile

_CHECKPOINT: Final = "SELECT position, store_id, projection FROM main.checkpoint"
_TABLES: Final = """
    SELECT name, iif(type = 'virtual', 'rowid, *', '*') FROM pragma_table_list
    WHERE schema = 'folded' AND type <> 'shadow' AND name NOT LIKE 'sqlite_%'
"""


def check_read_file(path: Path, log: LogFile, progress: Progress) -> Iterator[Finding]:
    """Fold the log anew into a file elsewhere, and compare every table.

    One that other code has folded, or for another store, is left out: the next start makes it anew.
    """
    try:
        with (
            tempfile.TemporaryDirectory() as elsewhere,
            closing(Projection(Path(elsewhere) / path.name, str(log.store_id))) as folded,
            reading(path) as shown,
        ):
            shown.execute("ATTACH DATABASE ? AS folded", (reader_uri(Path(elsewhere) / path.name),))
            shown.execute("BEGIN")  # from here on the checkpoint and the tables belong together
            checkpoint = shown.execute(_CHECKPOINT).fetchone()
            if checkpoint is None or checkpoint[1:] != (log.store_id, projection_hash()):
                return
            position = int(checkpoint[0])
            if position > log.head:
                message = f"It shows position {position}, and the log ends at {log.head}."
                yield Finding(Kind.READ_MODEL, path.name, message)
                return
            _fold(log, folded, position, lambda done: progress(path.name, done, position))
            yield from _differences(shown, path.name)
    except sqlite3.Error as error:
        yield Finding(Kind.READ_MODEL, path.name, f"It cannot be compared with the log: {error}.")


def _fold(log: LogFile, projection: Projection, position: int, progress: Callable[[int], None]) -> None:
    rows = takewhile(lambda item: item[0].position <= position, log.rows())
    done = 0
    while batch := [log.event(row) for row, _ in islice(rows, PAGE)]:
        projection.fold(batch)
        done += len(batch)
        progress(done)


def _differences(db: sqlite3.Connection, name: str) -> Iterator[Finding]:
    for table, columns in db.execute(_TABLES).fetchall():
        for there, missing, says in (
            ("main", "folded", "shows what the log does not amount to"),
            ("folded", "main", "does not show what the log amounts to"),
        ):
            query = f"SELECT {columns} FROM {there}.{table} EXCEPT SELECT {columns} FROM {missing}.{table}"  # noqa: S608
            for row in db.execute(query):
                yield Finding(Kind.READ_MODEL, f"{name} {table}", f"The row of {row[0]} {says}.")
