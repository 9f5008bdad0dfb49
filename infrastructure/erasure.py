"""Destroys what was purged: keys, bytes, what was made of them, and what the read file still holds of it.

A reactor on the log without a state of its own. A purge is recorded first and carried out then; only
when nothing is left does the log say that it is erased. Every part of it may be repeated, so that whatever
was cut off is done again.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

import anyio

from domain.album import album_stream
from domain.errors import Unavailable, VersionConflict
from domain.events import AlbumErased, AlbumPurged, Event, ImageErased, ImagePurged
from domain.examination import examination_stream
from domain.image import image_stream
from domain.ports.content import ContentStore
from domain.ports.log import Append, Context, EventLog, StreamAppend
from domain.ports.pending import Erasable, PendingErasure
from domain.ports.read_model import ReadModel

ACTOR: Final = "darkroom"
PAGE: Final = 10_000
"""Erasures that share a rebuild of the read file, which is what costs."""

AT_ONCE: Final = 8
RETRY_SECONDS: Final = 0.5

log = logging.getLogger("darkroom.erasure")


class ReadModelBehind(Exception):
    """The read model does not show all that is recorded: it cannot say what is referred to."""


class Eraser:
    """`rebuild` makes the read model anew from the log, and lets nothing of the one before remain.
    `forget` removes what is derived from bytes with a hash, and is made again where it is needed."""

    def __init__(
        self,
        event_log: EventLog,
        read_model: ReadModel,
        content: ContentStore,
        rebuild: Callable[[], Awaitable[object]],
        forget: Callable[[str], Awaitable[None]],
    ) -> None:
        self._log = event_log
        self._read_model = read_model
        self._content = content
        self._rebuild = rebuild
        self._forget = forget
        self._places = anyio.Semaphore(AT_ONCE)
        self._asked = anyio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Erase while the context lasts. What is cut off at its end is done again at the next start."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._listen)
            tasks.start_soon(self._work)
            yield
            tasks.cancel_scope.cancel()

    async def _listen(self) -> None:
        async for recorded in self._log.follow(self._log.head):
            if isinstance(recorded.event, ImagePurged | AlbumPurged):
                self._asked.set()

    async def _work(self) -> None:
        while True:
            self._asked = anyio.Event()
            if await self._erased_all():
                await self._asked.wait()
            else:
                await anyio.sleep(RETRY_SECONDS)

    async def _erased_all(self) -> bool:
        """Erase what can be erased now; whether nothing is left to do."""
        try:
            pending = await self._read_model.pending_erasures(PAGE)
            if not pending:
                return True
            if settled := [each for each in pending if each.settled]:
                await self._erase(settled)
        except Unavailable as later:
            await anyio.sleep(later.retry_after)
        except Exception:
            log.exception("what was purged is not erased yet")
        return False

    async def _erase(self, pending: Sequence[PendingErasure]) -> None:
        """A rendering under way may still bring bytes, an examination findings, and somebody may be keeping
        the same bytes at this moment: such things wait for another turn."""
        await self._log.forget([stream for each in pending for stream in _sealed(each)])
        gone = [each for each in pending if await self._without_bytes(each)]
        if not gone:
            return
        await self._rebuild()
        async with anyio.create_task_group() as tasks:
            for each in gone:
                tasks.start_soon(self._record, each)

    async def _without_bytes(self, pending: PendingErasure) -> bool:
        """Remove what no other image has; false where some of it must wait."""
        removed = [
            await self._content.remove(sha256, partial(self._referred, sha256)) for sha256 in pending.blobs
        ]
        for sha256 in pending.blobs:
            await self._forget(sha256)
        return all(removed)

    async def _referred(self, sha256: str) -> bool:
        recorded = self._log.end
        referred = await self._read_model.referred([sha256])
        if referred.as_of < recorded:
            raise ReadModelBehind
        return sha256 in referred.value

    async def _record(self, pending: PendingErasure) -> None:
        stream = _stream(pending)
        context = Context(
            command_id=f"erasure-{stream}",
            actor=ACTOR,
            owner=pending.owner,
            correlation_id=pending.correlation_id,
            causation_id=pending.correlation_id,
        )
        append = Append(context=context, writes=[StreamAppend(stream, [_erased(pending)], pending.version)])
        async with self._places:
            try:
                await self._log.append(append)
            except VersionConflict:
                log.info("erased before: %s", stream)


def _stream(pending: PendingErasure) -> str:
    match pending.kind:
        case Erasable.IMAGE:
            return image_stream(pending.thing_id)
        case Erasable.ALBUM:
            return album_stream(pending.thing_id)


def _sealed(pending: PendingErasure) -> list[str]:
    """All streams in which something personal of it may stand."""
    match pending.kind:
        case Erasable.IMAGE:
            return [_stream(pending), examination_stream(pending.thing_id)]
        case Erasable.ALBUM:
            return [_stream(pending)]


def _erased(pending: PendingErasure) -> Event:
    match pending.kind:
        case Erasable.IMAGE:
            return ImageErased(image_id=pending.thing_id)
        case Erasable.ALBUM:
            return AlbumErased(album_id=pending.thing_id)
