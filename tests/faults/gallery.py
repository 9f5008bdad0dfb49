"""A small store with everything that writes to its disk, in process, and a few requests to it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from domain.commands import ChangeImage, DeleteImage, DescribeImage, RestoreImage
from domain.events import RenderingFailed, RenderingFinished, RenderingRequested
from domain.header import MediaType
from domain.ports.content import Hold
from domain.ports.rendering import Rendered, RenderJob, RenderOutcome
from domain.ports.views import ImageState, ImageView
from domain.presets import BUILT_IN, Presets
from domain.query import ImageFilter, ImageQuery
from domain.requests import Caller
from domain.service import ImageService, Upload
from infrastructure.content.disk import Disk
from infrastructure.content.store import FileContentStore
from infrastructure.deaths import Deaths
from infrastructure.renderings import RenderingRunner
from infrastructure.sqlite.store import Store, open_store
from tests.examples import ACTOR, HEADER, OWNER

CALLER: Final = Caller(ACTOR, OWNER)
PRESETS: Final = tuple(preset.name for preset in BUILT_IN)


class PlainRenderer:
    """Makes renditions that are no pictures, and keeps them as the real one does."""

    async def render(self, job: RenderJob, hold: Hold) -> Mapping[str, RenderOutcome]:
        return {rendition_id: await self._make(rendition_id, hold) for rendition_id in job.requests}

    async def _make(self, rendition_id: str, hold: Hold) -> RenderOutcome:
        content = b"rendition " + rendition_id.encode()
        sha256 = await asyncio.to_thread(hold.put, content)
        return Rendered(sha256=sha256, byte_size=len(content), media_type=MediaType.JPEG, width=1, height=1)


@dataclass(frozen=True)
class Gallery:
    store: Store
    content: FileContentStore
    images: ImageService

    async def upload(self, original: bytes, name: str) -> str:
        """The image's id."""
        async with self.content.stage() as staging:
            await staging.write(original)
            staged = await staging.finish()
            return (await self.images.upload(CALLER, staged, Upload(name=name), f"upload {name}")).image_id

    async def change(self, command: ChangeImage) -> str:
        return (await self.images.change(CALLER, command, None, sha256(repr(command).encode()))).image_id

    async def settled(self) -> None:
        """Every rendering that was asked for has come to its end, and the read file shows it."""
        unsettled, head = 0, self.store.log.head
        async with aclosing(self.store.log.follow(0)) as events:
            while unsettled or head:
                recorded = await anext(events)
                unsettled += isinstance(recorded.event, RenderingRequested)
                unsettled -= isinstance(recorded.event, RenderingFinished | RenderingFailed)
                head = head if recorded.position < head else 0

    async def shown(self) -> Sequence[ImageView]:
        query = ImageQuery(owner=OWNER, filter=ImageFilter(deleted=None), limit=100)
        return (await self.store.read_model.images(query)).value.images

    async def original(self, sha256: str) -> bytes:
        return await asyncio.to_thread(self._read, sha256)

    def _read(self, sha256: str) -> bytes:
        with self.content.open(sha256) as file:
            return file.read()


@asynccontextmanager
async def open_gallery(folder: Path, disk: Disk | None = None) -> AsyncIterator[Gallery]:
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(folder))
        content = FileContentStore(folder, lambda _: HEADER, reserve=0, disk=disk)
        await asyncio.to_thread(content.sweep)
        runner = RenderingRunner(store.log, store.read_model, content, PlainRenderer(), Deaths(), at_once=2)
        await stack.enter_async_context(runner.running())
        yield Gallery(store, content, ImageService(store.log, content, Presets(), PRESETS))


@dataclass(frozen=True)
class Shown:
    """What a person sees of an image; `original` is the hash of its bytes."""

    original: str
    name: str
    description: str = ""
    tags: tuple[str, ...] = ()
    deleted: bool = False

    @classmethod
    def of(cls, image: ImageView) -> Shown:
        deleted = image.state is ImageState.DELETED
        return cls(
            image.sha256, image.name, image.description, tuple(tag.text for tag in image.tags), deleted
        )

    def after(self, change: ChangeImage) -> Shown:
        match change:
            case DescribeImage(description=description, tags=tags):
                described = self.description if description is None else description
                return replace(self, description=described, tags=self.tags if tags is None else tags)
            case DeleteImage():
                return replace(self, deleted=True)
            case RestoreImage():
                return replace(self, deleted=False)
            case _:
                raise NotImplementedError


async def fill(folder: Path, count: int = 4) -> None:
    """Images with renditions; each is described and tagged, and the first one deleted."""
    async with open_gallery(folder) as gallery:
        for number in range(count):
            image_id = await gallery.upload(original(number), f"picture {number}")
            description = f"what picture {number} shows"
            await gallery.change(
                DescribeImage(image_id=image_id, description=description, tags=("one", "two"))
            )
            if number == 0:
                await gallery.change(DeleteImage(image_id=image_id))
        await gallery.settled()


def original(number: int, size: int = 3000) -> bytes:
    return (b"original %d " % number * size)[:size]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
