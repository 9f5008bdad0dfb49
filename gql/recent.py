"""Images read once for all who ask about them at about the same time."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Coroutine
from typing import Final, TypeAlias

from domain.ports.log import EventLog
from domain.ports.read_model import ReadModel, Snapshot
from domain.ports.views import ImageView

_KEPT: Final = 256

Found: TypeAlias = Snapshot[ImageView | None]
_Key: TypeAlias = tuple[str, str, int]
"""Owner, image, and how often the log has forgotten something: what was read before is not told after it."""


class RecentImages:
    """What the read model said of images lately. Lives on the event loop."""

    def __init__(self, log: EventLog, read_model: ReadModel) -> None:
        self._log = log
        self._read_model = read_model
        self._found: OrderedDict[_Key, Found] = OrderedDict()
        self._reading: dict[_Key, asyncio.Task[Found]] = {}

    def image(self, owner: str, image_id: str) -> Coroutine[None, None, Found]:
        """An image as it is now."""
        return self.since(owner, image_id, self._log.head)

    async def since(self, owner: str, image_id: str, position: int) -> Found:
        """An image as it was at this position of the log or later; the position has been told already."""
        key = owner, image_id, self._log.forgettings
        for _ in range(2):  # one that is on its way may have begun before the position, but not the next
            kept = self._found.get(key)
            if kept is not None and kept.as_of >= position:
                return kept
            found = await self._read(key)
        return found

    async def _read(self, key: _Key) -> Found:
        """Join who is reading this image, who may go away without harm to the others."""
        reading = self._reading.get(key)
        if reading is None:
            reading = self._reading[key] = asyncio.create_task(self._look(key))
        return await asyncio.shield(reading)

    async def _look(self, key: _Key) -> Found:
        try:
            found = await self._read_model.image(*key[:2])
        finally:
            del self._reading[key]  # before this is over: whoever comes now must not have what is old by now
        self._found[key] = found
        self._found.move_to_end(key)
        if len(self._found) > _KEPT:
            self._found.popitem(last=False)
        return found
