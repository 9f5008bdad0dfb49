"""All of Darkroom but its delivery, put together: what an API serves, and what works without being asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from domain.album_service import AlbumService
from domain.bulk_service import BulkService
from domain.header import ImageHeader
from domain.operations.catalogue import operations
from domain.ports import EventLog, Histograms, Pictures, Tiles
from domain.preset_service import PresetService
from domain.preset_shelf import PresetShelf
from domain.presets import Presets
from domain.rendition_service import RenditionService
from domain.replay_service import ReplayService
from domain.requests import Caller
from domain.service import ImageService
from domain.webhook_service import WebhookService
from gql.http.recent_blobs import RecentBlobs
from gql.notification import notification
from infrastructure import gate
from infrastructure.content.store import FileContentStore
from infrastructure.erasure import Eraser
from infrastructure.examinations import ExaminationRunner
from infrastructure.histograms import PoolHistograms
from infrastructure.operations import BulkRunner
from infrastructure.picture_cache import PictureCache
from infrastructure.pictures import PoolPictures
from infrastructure.pixels.environment import verify
from infrastructure.pixels.examiner import PoolExaminer
from infrastructure.pixels.executor import DirectExecutor, Executor
from infrastructure.pixels.pool import Pool
from infrastructure.pixels.renderer import PoolRenderer
from infrastructure.proxies import Proxies
from infrastructure.proxy_runner import ProxyRunner
from infrastructure.pyramids import Pyramids
from infrastructure.renderings import RenderingRunner
from infrastructure.replays import ReplayRunner
from infrastructure.settings import Settings
from infrastructure.sqlite.store import Store, open_store
from infrastructure.webhooks.addresses import AddressPolicy
from infrastructure.webhooks.deliveries import Deliveries
from infrastructure.webhooks.endpoint import AT_ONCE, Workshop
from infrastructure.webhooks.network import CheckedNetwork, Resolver
from infrastructure.webhooks.registry import WebhookRegistry
from infrastructure.webhooks.removal import remove_webhooks
from infrastructure.webhooks.runner import WebhookRunner
from infrastructure.webhooks.sender import open_sender

LOCAL: Final = Caller(actor="local", owner="local")
"""Until there are accounts, whoever reaches the server is this one."""

WAITING_JOBS: Final = 64

RECENT_BLOBS: Final = 32 << 20
"""Bytes of small files that are kept in memory."""


@dataclass(frozen=True, slots=True)
class Backend:
    store: Store
    content: FileContentStore
    recent_blobs: RecentBlobs
    presets: Presets
    images: ImageService
    renditions: RenditionService
    saved_presets: PresetService
    albums: AlbumService
    bulk: BulkService
    replays: ReplayService
    workshop: Workshop
    pictures: Pictures
    tiles: Tiles
    histograms: Histograms
    url_keys: tuple[bytes, ...]
    executor: Executor
    _reactors: tuple[
        Eraser
        | RenderingRunner
        | ExaminationRunner
        | BulkRunner
        | ReplayRunner
        | WebhookRunner
        | ProxyRunner
        | Pyramids,
        ...,
    ]

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Render, examine, deliver, carry out, erase what was purged, while the context lasts."""
        async with AsyncExitStack() as stack:
            for reactor in self._reactors:
                await stack.enter_async_context(reactor.running())
            yield


@asynccontextmanager
async def open_backend(settings: Settings) -> AsyncIterator[Backend]:
    """Everything opened, nothing begun; at the end all is closed in the opposite order.

    Raises DataFolderUnusable and UnsafeEnvironmentError.
    """
    await asyncio.to_thread(_load, settings)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(settings.data))
        content = FileContentStore(settings.data, _gate(settings))
        await asyncio.to_thread(content.sweep)
        pool = Pool(threads=settings.threads, waiting=WAITING_JOBS, memory=settings.pixel_memory)
        stack.push_async_callback(pool.aclose)
        executor = await asyncio.to_thread(_executor, settings)
        stack.push_async_callback(asyncio.to_thread, executor.close)
        renderer = PoolRenderer(pool, executor, content)
        proxies = Proxies(settings.data)
        await asyncio.to_thread(proxies.sweep)
        cache = PictureCache(settings.picture_cache)
        pictures = PoolPictures(pool, executor, content, proxies, cache)
        pyramids = Pyramids(pool, executor, content, settings.data)
        await asyncio.to_thread(pyramids.sweep)
        recent_blobs = RecentBlobs(RECENT_BLOBS)
        examiner = PoolExaminer(pool, executor, content)
        workshop = await stack.enter_async_context(_webhooks(settings, store.log))
        presets = Presets()
        images = ImageService(store.log, content, presets, settings.upload_presets)
        renditions = RenditionService(store.log, presets)
        saved_presets = PresetService(store.log, presets)
        albums = AlbumService(store.log)
        yield Backend(
            store=store,
            content=content,
            recent_blobs=recent_blobs,
            presets=presets,
            images=images,
            renditions=renditions,
            saved_presets=saved_presets,
            albums=albums,
            bulk=BulkService(store.log, store.read_model),
            replays=ReplayService(store.log, store.read_model, presets),
            workshop=workshop,
            pictures=pictures,
            tiles=pyramids,
            histograms=PoolHistograms(pool, executor, content),
            url_keys=tuple(key.encode() for key in settings.url_keys) or (store.url_secret,),
            executor=executor,
            _reactors=(
                WebhookRunner(workshop),
                Eraser(
                    store.log,
                    store.read_model,
                    content,
                    store.rebuild,
                    partial(_forget, pictures, pyramids, recent_blobs),
                ),
                RenderingRunner(store.log, store.read_model, content, renderer, 2 * settings.threads),
                BulkRunner(
                    store.log, store.read_model, images, albums, partial(_erase_rest, workshop, saved_presets)
                ),
                ReplayRunner(store.log, store.read_model, renditions, PresetShelf(store.log, presets)),
                ProxyRunner(store.log, pictures.prepare),
                ExaminationRunner(store.log, store.read_model, examiner),
                pyramids,
            ),
        )


@asynccontextmanager
async def _webhooks(settings: Settings, log: EventLog) -> AsyncIterator[Workshop]:
    """All that deliveries to webhooks are made with."""
    policy = AddressPolicy(settings.webhook_allow)
    network = CheckedNetwork(policy, Resolver())
    async with (
        Deliveries(settings.data / "webhooks.db", log.store_id).opened() as deliveries,
        open_sender(network, AT_ONCE) as sender,
    ):
        yield Workshop(
            event_log=log,
            registry=WebhookRegistry(log, deliveries),
            deliveries=deliveries,
            sender=sender,
            body=notification(log.store_id),
            service=WebhookService(log, policy),
        )


async def _forget(pictures: Pictures, tiles: Tiles, recent_blobs: RecentBlobs, sha256: str) -> None:
    """What is derived from these bytes, and the bytes themselves where they are in memory."""
    recent_blobs.forget(sha256)
    await pictures.forget(sha256)
    await tiles.forget(sha256)


async def _erase_rest(workshop: Workshop, presets: PresetService, caller: Caller) -> None:
    """What an owner has beside images and albums."""
    await remove_webhooks(workshop, caller)
    await presets.remove_all(caller)


def _load(settings: Settings) -> None:
    """Import and check what pixels are worked on with, while nobody waits yet."""
    verify(settings.max_pixels)
    operations()


def _executor(settings: Settings) -> Executor:
    if settings.isolation == "thread":
        return DirectExecutor()
    from infrastructure.pixels.worker_executor import WorkerExecutor  # noqa: PLC0415 -- for Linux alone

    return WorkerExecutor(settings.max_pixels)


def _gate(settings: Settings) -> Callable[[Path], ImageHeader]:
    return partial(gate.inspect_file, limits=gate.Limits(pixels=settings.max_pixels))
