"""Connections that read: a few a file, each with a thread of its own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from typing import Any, Final

import aiosqlite

from infrastructure.sqlite.connection import BUSY_MS, reader_uri
from infrastructure.sqlite.hamming import FUNCTION, hamming

CONNECTIONS: Final = 2


class Readers:
    """Hands each query to the next connection. One query is one look at one state of the file."""

    def __init__(self, connections: Sequence[aiosqlite.Connection]) -> None:
        self._all = connections
        self._next = cycle(connections)

    @classmethod
    async def open(cls, path: Path, *, attach: tuple[str, Path] | None = None) -> Readers:
        """`attach`: a second file, by the name under which queries know it."""
        return cls([await _connect(path, attach) for _ in range(CONNECTIONS)])

    async def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        rows = await next(self._next).execute_fetchall(query, values)
        return [tuple(row) for row in rows]

    def exchange(self, other: Readers) -> None:
        """Ask the other's connections from now on, and leave it one's own, where queries may be in flight."""
        self._all, other._all = other._all, self._all
        self._next, other._next = other._next, self._next

    async def close(self) -> None:
        """Returns when the queries in flight have been answered."""
        for connection in self._all:
            await connection.close()


async def _connect(path: Path, attach: tuple[str, Path] | None) -> aiosqlite.Connection:
    connection = await aiosqlite.connect(
        reader_uri(path), uri=True, isolation_level=None, cached_statements=256
    )
    await connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    if attach is not None:
        name, other = attach
        await connection.execute(f"ATTACH DATABASE ? AS {name}", (reader_uri(other),))
    await connection.execute("PRAGMA query_only = ON")
    await connection.create_function(FUNCTION, 2, hamming, deterministic=True)
    return connection
