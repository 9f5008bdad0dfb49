"""Makes the proxies of new originals, when there is nothing else to do."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from domain.errors import Refusal
from domain.events import ImageUploaded
from domain.header import ImageHeader
from domain.picture import Original
from domain.ports.log import EventLog

MOST_WAITING: Final = 1000
"""Those beyond, and those that a restart cuts off, get their proxy when a picture is asked for."""

log = logging.getLogger("darkroom.proxies")


class ProxyRunner:
    """`prepare` makes the proxy of an original, if it is worth one. One is made at a time."""

    def __init__(self, event_log: EventLog, prepare: Callable[[Original], Awaitable[None]]) -> None:
        self._log = event_log
        self._prepare = prepare

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Prepare what is uploaded while the context lasts."""
        asked, waiting = anyio.create_memory_object_stream[Original](MOST_WAITING)
        async with asked, waiting, anyio.create_task_group() as tasks:
            tasks.start_soon(self._listen, self._log.head, asked)
            tasks.start_soon(self._work, waiting)
            yield
            tasks.cancel_scope.cancel()

    async def _listen(self, after: int, asked: MemoryObjectSendStream[Original]) -> None:
        async for recorded in self._log.follow(after):
            if isinstance(recorded.event, ImageUploaded):
                try:
                    asked.send_nowait(_original(recorded.event))
                except anyio.WouldBlock:
                    log.info("no proxy is prepared of %s: too many wait", recorded.event.image_id)

    async def _work(self, waiting: MemoryObjectReceiveStream[Original]) -> None:
        async for original in waiting:
            try:
                await self._prepare(original)
            except Refusal as refusal:
                log.info("no proxy of %s: %s", original.sha256, refusal.message)
            except Exception:
                log.exception("making the proxy of %s", original.sha256)


def _original(event: ImageUploaded) -> Original:
    header = ImageHeader(event.media_type, event.width, event.height, event.frames, event.orientation)
    return Original(event.sha256, event.byte_size, header)
