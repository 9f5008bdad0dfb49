"""Pictures that were made a moment ago."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from domain.picture import Picture

LARGEST_SHARE: Final = 4
"""A picture of more than this part of all bytes is not kept: it would push out too many others."""


class PictureCache:
    """So many bytes of pictures, those used last, by their ids and the hash of their original."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._used = 0
        self._kept: OrderedDict[tuple[str, str], Picture] = OrderedDict()

    def find(self, original: str, picture_id: str) -> Picture | None:
        key = original, picture_id
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def keep(self, original: str, picture_id: str, picture: Picture) -> None:
        self._drop((original, picture_id))
        if len(picture.content) > self._limit // LARGEST_SHARE:
            return
        self._kept[original, picture_id] = picture
        self._used += len(picture.content)
        while self._used > self._limit:
            self._drop(next(iter(self._kept)))

    def forget(self, original: str) -> None:
        """All that was made of an original."""
        for key in [key for key in self._kept if key[0] == original]:
            self._drop(key)

    def _drop(self, key: tuple[str, str]) -> None:
        dropped = self._kept.pop(key, None)
        if dropped is not None:
            self._used -= len(dropped.content)
