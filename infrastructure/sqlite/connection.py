"""SQLite files, opened the one way in which Darkroom uses them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

BUSY_MS: Final = 10_000

CHECKPOINT_PAGES: Final = 4000
CACHE_KIB: Final = 16 * 1024
"""Event ids fall on pages all over their index: the longer the log waits to be copied into the file, the
fewer times each page is copied. A tenth of the time of an append, for 16 MB of file and of memory."""


def open_writer(path: Path, *, synchronous: str, schema: str) -> sqlite3.Connection:
    """The one connection that writes and checkpoints a file, which is made where it is missing.

    Only it checkpoints: SQLite below 3.51.3 can lose a WAL reset that two connections race for.
    """
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=256)
    path.chmod(0o600)
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.executescript(schema)
    return connection


def reader_uri(path: Path) -> str:
    """For a connection that can neither write nor checkpoint."""
    return f"{path.absolute().as_uri()}?mode=ro"


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All or nothing. Begins as a writer: a reader that turns writer may fail at once."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


@contextmanager
def without_journal(db: sqlite3.Connection) -> Iterator[None]:
    """Write a new file with neither journal nor syncs. Should this not come to its end the file is lost."""
    db.execute("PRAGMA journal_mode = OFF")
    db.execute("PRAGMA synchronous = OFF")
    yield
    db.execute("PRAGMA journal_mode = WAL")
