"""Carries out bulk operations: each image is a command of its own, done once, whatever happens meanwhile.

What has not ended in the log is taken up again after a restart. Nothing else is remembered: how far an
operation is stands in the log, and what was done beyond that is answered, not done again, because each
image has a command id of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

import anyio

from domain.album_service import AlbumService
from domain.bulk import (
    Counts,
    command_for,
    finish,
    progress,
)
from domain.bulk_service import Loaded
from domain.commands import EraseAlbum
from domain.errors import Refusal
from domain.events import BulkAction
from domain.paging import micros
from domain.ports.log import Context, EventLog
from domain.ports.read_model import AlbumQuery, ReadModel
from domain.query import ImageFilter, ImageOrder, ImageQuery, Keyset
from domain.requests import Caller
from domain.service import ImageService, Outcome
from infrastructure.operation_log import child_context, patiently, record
from infrastructure.operation_runner import OperationRunner

PAGE: Final = 100
log = logging.getLogger("darkroom.operations")


class _Page(NamedTuple):
    """The next images, and how far the operation is when they have been seen to."""

    image_ids: Sequence[str]
    through: int


class BulkRunner(OperationRunner):
    """Works through running operations, a page of images at a time.

    `erase_rest` removes what else there is of an owner of whom nothing shall be left.
    """

    def __init__(
        self,
        event_log: EventLog,
        read_model: ReadModel,
        images: ImageService,
        albums: AlbumService,
        erase_rest: Callable[[Caller], Awaitable[None]],
    ) -> None:
        super().__init__(event_log, read_model, replays=False)
        self._images = images
        self._albums = albums
        self._erase_rest = erase_rest

    async def _advance(self, loaded: Loaded) -> None:
        page = _Page((), 0) if loaded.operation.cancelled else await self._page(loaded)
        if page.image_ids:
            counts = await self._change(loaded, page.image_ids)
            await record(self._log, loaded, lambda operation: progress(operation, page.through, counts))
        else:
            await self._end(loaded)

    async def _page(self, loaded: Loaded) -> _Page:
        operation, owner = loaded.operation, loaded.first.owner
        selection, through = operation.started.selection, operation.through
        if operation.started.action is BulkAction.UNDO:
            changed = await self._read_model.changed_by(operation.started.undoes, through, PAGE)
            return _Page([image_id for _, image_id in changed], changed[-1][0] if changed else through)
        if selection.image_ids is not None:
            image_ids = selection.image_ids[through : through + PAGE]
            return _Page(image_ids, through + len(image_ids))
        if selection.filter is not None:
            return await self._found(owner, selection.filter, selection.as_of, through)
        return _Page((), through)  # erased, which is the last thing before the end

    async def _found(self, owner: str, wanted: ImageFilter, as_of: int, through: int) -> _Page:
        """In the order of their positions, which is that of their uploads."""
        query = ImageQuery(
            owner=owner,
            filter=wanted,
            order=ImageOrder(descending=False),
            limit=PAGE,
            after=await self._keyset(through),
            as_of=as_of,
        )
        images = (await self._read_model.images(query)).value.images
        return _Page([image.image_id for image in images], images[-1].position if images else through)

    async def _keyset(self, position: int) -> Keyset | None:
        """An image's place is that of its upload, whose moment the log knows."""
        uploaded = await self._log.read(position - 1, 1) if position else ()
        return Keyset(micros(uploaded[0].recorded_at), position) if uploaded else None

    async def _change(self, loaded: Loaded, image_ids: Sequence[str]) -> Counts:
        """Several at once, which share a commit."""
        outcomes: list[Counts] = []

        async def change(image_id: str) -> None:
            async with self._places:
                outcomes.append(await self._change_one(loaded, image_id))

        async with anyio.create_task_group() as tasks:
            for image_id in image_ids:
                tasks.start_soon(change, image_id)
        return sum(outcomes, Counts())

    async def _change_one(self, loaded: Loaded, image_id: str) -> Counts:
        command = command_for(loaded.operation.started, image_id)
        context = child_context(loaded, image_id)
        try:
            done = await patiently(lambda: self._images.carry_out(context, command))
        except Refusal as refusal:
            log.info("the image %s was refused: %s", image_id, refusal.code)
            return Counts(refused=1)
        return Counts(changed=1) if done.outcome is Outcome.CHANGED else Counts(unchanged=1)

    async def _end(self, loaded: Loaded) -> None:
        """Forget what was asked before the end is recorded, so that nobody has to remember to do it."""
        if loaded.operation.started.action is BulkAction.ERASE and not loaded.operation.cancelled:
            await self._erase_albums(loaded)
            await self._erase_rest(Caller(loaded.first.actor, loaded.first.owner))
        await self._log.forget([loaded.first.stream])
        await record(self._log, loaded, finish)

    async def _erase_albums(self, loaded: Loaded) -> None:
        after: int | None = None
        while True:
            query = AlbumQuery(owner=loaded.first.owner, limit=PAGE, after=after, deleted=None)
            page = (await self._read_model.albums(query)).value
            for album in page.albums:
                context = child_context(loaded, album.album_id)
                await self._erase_album(context, album.album_id)
                after = album.position
            if not page.has_next:
                return

    async def _erase_album(self, context: Context, album_id: str) -> None:
        try:
            await patiently(lambda: self._albums.carry_out(context, EraseAlbum(album_id=album_id)))
        except Refusal as refusal:
            log.info("the album %s was refused: %s", album_id, refusal.code)
