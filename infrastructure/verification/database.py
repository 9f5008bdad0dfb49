"""A database file of a data folder, opened to be read and nothing else."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from infrastructure.sqlite.connection import BUSY_MS, reader_uri
from infrastructure.verification.finding import Finding, Kind

_MOST: Final = 100
"""Lines that SQLite is asked for about one damaged file."""


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that changes nothing. Text that is no UTF-8 comes as bytes.

    A file without a write-ahead log beside it is open nowhere, and is read as it lies there: SQLite
    would otherwise make that log, even to read.
    """
    at_rest = not path.with_name(f"{path.name}-wal").exists()
    uri = reader_uri(path) + ("&immutable=1" if at_rest else "")
    with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
        connection.text_factory = _text
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        yield connection


def check_file(path: Path) -> Iterator[Finding]:
    """What SQLite itself finds: pages, cells and indexes, not the values in them."""
    if not path.exists():
        yield Finding(Kind.FILE, path.name, "The file is missing.")
        return
    try:
        with reading(path) as connection:
            for (line,) in connection.execute(f"PRAGMA integrity_check({_MOST})"):
                if line != "ok":
                    yield Finding(Kind.FILE, path.name, str(line))
    except sqlite3.Error as error:
        yield Finding(Kind.FILE, path.name, f"SQLite cannot read the file: {error}.")


def _text(content: bytes) -> str | bytes:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content
