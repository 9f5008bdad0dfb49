"""A store with images, albums and bulk operations, on adapters in memory or on files, and no server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from domain.album_service import AlbumService
from domain.bulk_service import BulkService
from domain.commands import ChangeImage, StartOperation
from domain.events import BulkAction, OperationFinished
from domain.ports.content import ContentStore
from domain.ports.log import EventLog
from domain.ports.read_model import ReadModel
from domain.ports.views import ImageView, OperationView
from domain.presets import Presets
from domain.query import ImageFilter, ImageQuery
from domain.requests import Caller
from domain.service import ImageService, Upload
from infrastructure.content.store import FileContentStore
from infrastructure.memory.content import MemoryContentStore
from infrastructure.memory.log import MemoryEventLog
from infrastructure.memory.read_model import MemoryReadModel
from infrastructure.operations import BulkRunner
from infrastructure.sqlite.store import Store, open_store
from tests.examples import ACTOR, HEADER, OWNER

E = TypeVar("E")


async def no_webhooks(_: Caller) -> None:
    """Of a store that has none."""


CALLER = Caller(ACTOR, OWNER)
ALL = ImageFilter(deleted=None)


@dataclass(frozen=True)
class Archive:
    log: EventLog
    read_model: ReadModel
    content: ContentStore
    images: ImageService = field(init=False)
    albums: AlbumService = field(init=False)
    bulk: BulkService = field(init=False)

    def __post_init__(self) -> None:
        images = ImageService(self.log, self.content, Presets(), ())
        object.__setattr__(self, "images", images)
        object.__setattr__(self, "albums", AlbumService(self.log))
        object.__setattr__(self, "bulk", BulkService(self.log, self.read_model))

    def runner(self) -> BulkRunner:
        return BulkRunner(self.log, self.read_model, self.images, self.albums, no_webhooks)

    async def upload(
        self,
        content: bytes,
        caller: Caller = CALLER,
        *,
        name: str = "a.jpg",
        description: str = "",
        tags: tuple[str, ...] = (),
    ) -> str:
        async with self.content.stage() as staging:
            await staging.write(content)
            upload = Upload(name=name, description=description, tags=tags)
            return (await self.images.upload(caller, await staging.finish(), upload, None)).image_id

    async def uploads(self, count: int, *, description: str = "", tags: tuple[str, ...] = ()) -> list[str]:
        return [
            await self.upload(b"picture %d" % number, description=description, tags=tags)
            for number in range(count)
        ]

    async def change(self, command: ChangeImage) -> None:
        await self.images.change(CALLER, command, None, None)

    async def start(
        self,
        action: BulkAction,
        images: list[str] | ImageFilter = ALL,
        *tags: str,
        command_id: str | None = None,
    ) -> str:
        selected = images if isinstance(images, ImageFilter) else tuple(images)
        command = StartOperation(action=action, images=selected, tags=tags)
        return (await self.bulk.start(CALLER, command, command_id)).operation_id

    async def run(self) -> None:
        """Carry out what has been started, to its end."""
        async with self.runner().running(), asyncio.timeout(30):
            while await self.read_model.running_operations(1):
                await asyncio.sleep(0.001)

    async def ended(self, operation_id: str) -> OperationFinished:
        async with asyncio.timeout(30), aclosing(self.log.follow(0)) as following:
            async for recorded in following:
                event = recorded.event
                if isinstance(event, OperationFinished) and event.operation_id == operation_id:
                    return event
        raise AssertionError

    async def operation(self, operation_id: str) -> OperationView:
        view = (await self.read_model.operation(OWNER, operation_id)).value
        assert view is not None
        return view

    async def counts(self, operation_id: str) -> tuple[int, int, int]:
        view = await self.operation(operation_id)
        return view.changed, view.unchanged, view.refused

    async def image(self, image_id: str) -> ImageView:
        view = (await self.read_model.image(OWNER, image_id)).value
        assert view is not None
        return view

    async def shown(self, wanted: ImageFilter = ALL, owner: str = OWNER) -> list[ImageView]:
        query = ImageQuery(owner=owner, filter=wanted, limit=100_000)
        return list((await self.read_model.images(query)).value.images)

    async def events(self, kind: type[E]) -> list[E]:
        recorded = await self.log.read(0, 1_000_000)
        return [each.event for each in recorded if isinstance(each.event, kind)]


def in_memory() -> Archive:
    read_model = MemoryReadModel()
    return Archive(MemoryEventLog(read_model.fold), read_model, MemoryContentStore(lambda _: HEADER))


@asynccontextmanager
async def on_files(folder: Path) -> AsyncIterator[tuple[Archive, Store]]:
    async with open_store(folder) as store:
        content = FileContentStore(folder, lambda _: HEADER, reserve=0)
        await asyncio.to_thread(content.sweep)
        yield Archive(store.log, store.read_model, content), store
