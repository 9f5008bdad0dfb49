"""Which images are in an album, in which order, and since when."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from infrastructure.sqlite.tables import PRESENT

_GAP: Final = 2**40
"""Between neighbours: some forty insertions at one place before the album is numbered anew."""

_THERE: Final = f"album = ? AND until = {PRESENT}"


class AlbumImages:
    """The images of one album, as one event changes them. Only what comes or goes is written."""

    def __init__(self, db: sqlite3.Connection, album: int, size: int, *, at: int) -> None:
        self._db = db
        self._album = album
        self._at = at
        self.size = size

    def add(self, image_ids: Sequence[str], index: int) -> None:
        ranks = self._ranks(index, len(image_ids))
        if ranks is None:
            self._spread()
            ranks = self._ranks(index, len(image_ids))
        if ranks is None:
            raise ValueError(f"no ranks for {len(image_ids)} images")
        self._insert(image_ids, ranks)

    def remove(self, image_ids: Sequence[str]) -> None:
        query = f"UPDATE album_images SET until = ? WHERE {_THERE} AND image_id = ?"
        self._db.executemany(query, [(self._at, self._album, image_id) for image_id in image_ids])
        self.size -= len(image_ids)

    def become(self, image_ids: Sequence[str]) -> int:
        """These and no others. What they begin and end with as before is left alone. Answers how many."""
        before = self._image_ids()
        head = _alike(before, image_ids)
        tail = _alike(before[head:][::-1], image_ids[head:][::-1])
        self.remove(before[head : len(before) - tail])
        self.add(image_ids[head : len(image_ids) - tail], head)
        return self.size

    def _image_ids(self) -> list[str]:
        query = f"SELECT image_id FROM album_images WHERE {_THERE} ORDER BY rank"
        return [image_id for (image_id,) in self._db.execute(query, (self._album,))]

    def _ranks(self, index: int, count: int) -> range | None:
        """Evenly between the neighbours; None where there is no room."""
        before, after = self._neighbours(index)
        if before is None:
            before = (0 if after is None else after) - (count + 1) * _GAP
        if after is None:
            after = before + (count + 1) * _GAP
        step = (after - before) // (count + 1)
        return range(before + step, before + step * count + 1, step) if step else None

    def _neighbours(self, index: int) -> tuple[int | None, int | None]:
        query = f"SELECT rank FROM album_images WHERE {_THERE} ORDER BY rank"
        if index >= self.size:
            last = self._db.execute(f"{query} DESC LIMIT 1", (self._album,)).fetchone()
            return (None if last is None else last[0]), None
        found = self._db.execute(f"{query} LIMIT 2 OFFSET ?", (self._album, max(index - 1, 0))).fetchall()
        if index == 0:
            return None, found[0][0]
        return found[0][0], found[1][0]

    def _spread(self) -> None:
        """Number the album anew."""
        image_ids = self._image_ids()
        self._db.execute(f"UPDATE album_images SET until = ? WHERE {_THERE}", (self._at, self._album))
        self.size = 0
        self._insert(image_ids, range(_GAP, _GAP * len(image_ids) + 1, _GAP))

    def _insert(self, image_ids: Sequence[str], ranks: range) -> None:
        rows = [
            (self._album, PRESENT, rank, image_id, self._at)
            for rank, image_id in zip(ranks, image_ids, strict=True)
        ]
        self._db.executemany("INSERT INTO album_images VALUES (?, ?, ?, ?, ?)", rows)
        self.size += len(rows)


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many of the first are the same."""
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))))
