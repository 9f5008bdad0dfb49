"""Small files that were read a moment ago."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

LARGEST: Final = 256 * 1024
"""Bytes up to which a file is small, as thumbnails are: a hop to a thread takes longer than to read it."""


class RecentBlobs:
    """So many bytes of files, those used last, by their hashes. Lives on the event loop."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._used = 0
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._forgettings = 0

    def find(self, sha256: str) -> bytes | None:
        """The file with this hash, if it was kept."""
        kept = self._kept.get(sha256)
        if kept is not None:
            self._kept.move_to_end(sha256)
        return kept

    async def read(self, sha256: str, read: Callable[[], Awaitable[bytes]]) -> bytes:
        """The file with this hash, as it was kept or as it is read now."""
        kept = self.find(sha256)
        if kept is not None:
            return kept
        before = self._forgettings
        content = await read()
        if self._forgettings == before and sha256 not in self._kept:
            self._keep(sha256, content)
        return content

    def forget(self, sha256: str) -> None:
        """Nothing of it remains, nor of what is being read at this moment."""
        self._forgettings += 1
        self._used -= len(self._kept.pop(sha256, b""))

    def _keep(self, sha256: str, content: bytes) -> None:
        if len(content) > min(LARGEST, self._limit):
            return
        self._kept[sha256] = content
        self._used += len(content)
        while self._used > self._limit:
            self._used -= len(self._kept.popitem(last=False)[1])
