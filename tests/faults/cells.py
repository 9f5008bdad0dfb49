"""Where the values of a table lie in a SQLite file (https://www.sqlite.org/fileformat2.html)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final, NamedTuple

_INTERIOR: Final = 0x05
_LEAF: Final = 0x0D
_INTEGER_SIZES: Final = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)
"""Bytes of a value by its serial type, where that is below 12."""


class Region(NamedTuple):
    """Bytes of one row that belong together; `offsets` are theirs in the file."""

    rowid: int
    name: str
    offsets: Sequence[int]


def regions(path: Path, table: str) -> Iterator[Region]:
    """Of every row: its number, its frame (lengths and types), and each column that has bytes."""
    with closing(sqlite3.connect(path)) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    yield from _Table(path.read_bytes(), columns).page(root)


class _Table:
    def __init__(self, content: bytes, columns: Sequence[str]) -> None:
        self._content = content
        self._columns = columns
        self._page_size = int.from_bytes(content[16:18], "big")

    def page(self, number: int) -> Iterator[Region]:
        start = (number - 1) * self._page_size
        kind, cells = self._content[start], self._number(start + 3, 2)
        pointers = start + (12 if kind == _INTERIOR else 8)
        for cell in range(cells):
            offset = start + self._number(pointers + 2 * cell, 2)
            if kind == _INTERIOR:
                yield from self.page(self._number(offset, 4))
            else:
                assert kind == _LEAF
                yield from self._row(offset)
        if kind == _INTERIOR:
            yield from self.page(self._number(start + 8, 4))

    def _row(self, offset: int) -> Iterator[Region]:
        size, after_size = self._varint(range(offset, offset + 9), 0)
        rowid, after = self._varint(range(offset, offset + 18), after_size)
        record = self._record(offset + after, size)
        header, at = self._varint(record, 0)
        yield Region(rowid, "row number", range(offset + after_size, offset + after))
        yield Region(rowid, "frame", [*range(offset, offset + after_size), *record[:header]])
        start = header
        for column in self._columns:
            kind, at = self._varint(record, at)
            length = _INTEGER_SIZES[kind] if kind < 12 else (kind - 12) // 2
            if length:
                yield Region(rowid, column, record[start : start + length])
            start += length
        assert (at, start) == (header, size)

    def _record(self, offset: int, size: int) -> list[int]:
        """The offsets of a record's bytes, the last of which may lie on other pages."""
        usable = self._page_size
        local = size
        if size > usable - 35:
            least = (usable - 12) * 32 // 255 - 23
            fitting = least + (size - least) % (usable - 4)
            local = fitting if fitting <= usable - 35 else least
        offsets = list(range(offset, offset + local))
        following = offset + local
        while len(offsets) < size:
            page = (self._number(following, 4) - 1) * usable
            offsets.extend(range(page + 4, page + 4 + min(usable - 4, size - len(offsets))))
            following = page
        return offsets

    def _varint(self, offsets: Sequence[int], at: int) -> tuple[int, int]:
        """The number that begins there, and where it ends. None of ours takes nine bytes."""
        value = 0
        while True:
            byte = self._content[offsets[at]]
            value, at = value << 7 | byte & 0x7F, at + 1
            if byte < 0x80:
                return value, at

    def _number(self, offset: int, size: int) -> int:
        return int.from_bytes(self._content[offset : offset + size], "big")
