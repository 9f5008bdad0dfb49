"""Records that originals are not decoded any more: an event for each image that has the bytes."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

import anyio

from domain.commands import QuarantineImage
from domain.errors import Erased, Unavailable
from domain.image import decide, image_stream
from domain.ports.log import Append, Context, EventLog, StreamAppend
from domain.ports.read_model import ReadModel
from domain.quarantine import Quarantine
from domain.requests import retried
from domain.service import image_past
from infrastructure.deaths import MOST, Deaths

ACTOR: Final = "darkroom"

log = logging.getLogger("darkroom.quarantines")


class QuarantineRunner:
    """Follows the deaths, beside the work that they end: whoever asked for that may have gone.

    Nothing is remembered. What is cut off, or fails, is told again when somebody asks for the original.
    """

    def __init__(self, event_log: EventLog, read_model: ReadModel, deaths: Deaths) -> None:
        self._log = event_log
        self._read_model = read_model
        self._deaths = deaths
        self._told: dict[str, None] = {}
        self._asked = anyio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Record while the context lasts."""
        loop = asyncio.get_running_loop()
        self._deaths.follow(lambda sha256: loop.call_soon_threadsafe(self._ask, sha256))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._work)
            yield
            tasks.cancel_scope.cancel()

    def _ask(self, sha256: str) -> None:
        if len(self._told) < MOST:
            self._told[sha256] = None
            self._asked.set()

    async def _work(self) -> None:
        while True:
            await self._asked.wait()
            self._asked = anyio.Event()
            while self._told:
                sha256 = next(iter(self._told))
                del self._told[sha256]
                await self._record(sha256)

    async def _record(self, sha256: str) -> None:
        quarantine = self._deaths.quarantine(sha256)
        if quarantine is None:
            return
        try:
            for image_id in await self._read_model.images_of(sha256):
                await quarantine_image(self._log, image_id, quarantine)
        except Exception:
            log.exception("quarantining the images of %s", sha256)


async def quarantine_image(
    event_log: EventLog, image_id: str, quarantine: Quarantine, cause: str = ""
) -> None:
    """Once; where the log cannot take it now, as soon as it can. What is purged is left as it is.

    `cause` is the correlation id of what has led to it. Raises VersionConflict where every race is lost.
    """
    command = QuarantineImage(image_id=image_id, quarantine=quarantine)
    while True:
        try:
            return await retried(partial(_decided, event_log, command, cause))
        except Unavailable as full:
            await anyio.sleep(full.retry_after)


async def _decided(event_log: EventLog, command: QuarantineImage, cause: str) -> None:
    stream = image_stream(command.image_id)
    recorded = await event_log.read_stream(stream)
    past = image_past(recorded)
    try:
        events = decide(past, command)
    except Erased:
        return
    context = Context(
        command_id=str(uuid.uuid4()),
        actor=ACTOR,
        owner=recorded[0].owner,
        correlation_id=cause,
        causation_id=cause,
    )
    if events:
        write = StreamAppend(stream, events, past[-1].version)
        await event_log.append(Append(context=context, writes=[write]))
