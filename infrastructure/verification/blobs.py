"""Which content the log asks for."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from domain.events import ImageErased, ImagePurged, ImageUploaded, RenderingFinished
from infrastructure.verification.log import LogFile


class NamedBlobs:
    """The hashes of the originals and renditions of all images that are not purged.

    There may be millions, so they are kept in a temporary file, not in memory.
    """

    def __init__(self, names: sqlite3.Connection) -> None:
        self._names = names

    def __contains__(self, sha256: str) -> bool:
        query = "SELECT 1 FROM blobs WHERE sha256 = ? LIMIT 1"
        return self._names.execute(query, (sha256,)).fetchone() is not None

    def __iter__(self) -> Iterator[str]:
        """Each once, in order."""
        for (sha256,) in self._names.execute("SELECT DISTINCT sha256 FROM blobs ORDER BY sha256"):
            yield sha256

    def __len__(self) -> int:
        return int(self._names.execute("SELECT count(DISTINCT sha256) FROM blobs").fetchone()[0])


@contextmanager
def named_blobs(log: LogFile) -> Iterator[NamedBlobs]:
    """Raises sqlite3.Error where the log cannot be read."""
    with closing(sqlite3.connect("", isolation_level=None)) as names:
        names.execute("CREATE TABLE blobs (image_id TEXT NOT NULL, sha256 TEXT NOT NULL)")
        names.execute("BEGIN")
        for row, _ in log.rows():
            event = log.event(row).event
            if isinstance(event, ImageUploaded | RenderingFinished):
                names.execute("INSERT INTO blobs VALUES (?, ?)", (event.image_id, event.sha256))
            elif isinstance(event, ImagePurged | ImageErased):  # a rendering may end in between
                names.execute("CREATE INDEX IF NOT EXISTS by_image ON blobs (image_id)")
                names.execute("DELETE FROM blobs WHERE image_id = ?", (event.image_id,))
        names.execute("CREATE INDEX by_sha256 ON blobs (sha256)")
        names.execute("COMMIT")
        yield NamedBlobs(names)
