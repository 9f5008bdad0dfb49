"""All of Darkroom but its delivery, put together: what an API serves, and what works without being asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from domain.album_service import AlbumService
from domain.bulk_service import BulkService
from domain.header import ImageHeader
from domain.operations.catalogue import operations
from domain.ports.log import EventLog
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
from infrastructure.deaths import Deaths
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
from infrastructure.quarantines import QuarantineRunner
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


class _Reactor(Protocol):
    def running(self) -> AbstractAsyncContextManager[object]: ...


@dataclass(frozen=True, slots=True)
class PixelWork:
    """All that works on pixels, in one pool of threads."""

    executor: Executor
    deaths: Deaths
    renderer: PoolRenderer
    examiner: PoolExaminer
    histograms: PoolHistograms
    pictures: PoolPictures
    tiles: Pyramids


@dataclass(frozen=True, slots=True)
class Services:
    """All that carries out what is asked for."""

    presets: Presets
    images: ImageService
    renditions: RenditionService
    saved_presets: PresetService
    albums: AlbumService
    bulk: BulkService
    replays: ReplayService


@dataclass(frozen=True, slots=True)
class Backend:
    settings: Settings
    store: Store
    content: FileContentStore
    recent_blobs: RecentBlobs
    pixels: PixelWork
    services: Services
    workshop: Workshop

    @property
    def url_keys(self) -> tuple[bytes, ...]:
        return tuple(key.encode() for key in self.settings.url_keys) or (self.store.url_secret,)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Render, examine, deliver, carry out, erase what was purged, while the context lasts."""
        async with AsyncExitStack() as stack:
            for reactor in self._reactors():
                await stack.enter_async_context(reactor.running())
            yield

    def _reactors(self) -> tuple[_Reactor, ...]:
        log, read_model, pixels, services = self.store.log, self.store.read_model, self.pixels, self.services
        deaths, at_once = pixels.deaths, 2 * self.settings.threads
        shelf = PresetShelf(log, services.presets)
        return (
            WebhookRunner(self.workshop),
            Eraser(log, read_model, self.content, self.store.rebuild, self._forget),
            QuarantineRunner(log, read_model, deaths),
            RenderingRunner(log, read_model, self.content, pixels.renderer, deaths, at_once),
            BulkRunner(log, read_model, services.images, services.albums, self._erase_rest),
            ReplayRunner(log, read_model, services.renditions, shelf),
            ProxyRunner(log, pixels.pictures.prepare),
            ExaminationRunner(log, read_model, pixels.examiner),
            pixels.tiles,
        )

    async def _forget(self, sha256: str) -> None:
        """What is derived from these bytes, and the bytes themselves where they are in memory."""
        self.recent_blobs.forget(sha256)
        self.pixels.deaths.forget(sha256)
        await self.pixels.pictures.forget(sha256)
        await self.pixels.tiles.forget(sha256)

    async def _erase_rest(self, caller: Caller) -> None:
        """What an owner has beside images and albums."""
        await remove_webhooks(self.workshop, caller)
        await self.services.saved_presets.remove_all(caller)


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
        yield Backend(
            settings=settings,
            store=store,
            content=content,
            recent_blobs=RecentBlobs(RECENT_BLOBS),
            pixels=await stack.enter_async_context(_pixel_work(settings, content)),
            services=_services(settings, store, content),
            workshop=await stack.enter_async_context(_webhooks(settings, store.log)),
        )


@asynccontextmanager
async def _pixel_work(settings: Settings, content: FileContentStore) -> AsyncIterator[PixelWork]:
    async with AsyncExitStack() as stack:
        pool = Pool(threads=settings.threads, waiting=WAITING_JOBS, memory=settings.pixel_memory)
        stack.push_async_callback(pool.aclose)
        executor = await asyncio.to_thread(_executor, settings)
        stack.push_async_callback(asyncio.to_thread, executor.close)
        proxies = Proxies(settings.data)
        await asyncio.to_thread(proxies.sweep)
        deaths, cache = Deaths(), PictureCache(settings.picture_cache)
        pyramids = Pyramids(pool, executor, content, deaths, settings.data)
        await asyncio.to_thread(pyramids.sweep)
        yield PixelWork(
            executor=executor,
            deaths=deaths,
            renderer=PoolRenderer(pool, executor, content, deaths),
            examiner=PoolExaminer(pool, executor, content, deaths),
            histograms=PoolHistograms(pool, executor, content, deaths),
            pictures=PoolPictures(pool, executor, content, deaths, proxies, cache),
            tiles=pyramids,
        )


def _services(settings: Settings, store: Store, content: FileContentStore) -> Services:
    log, read_model, presets = store.log, store.read_model, Presets()
    return Services(
        presets=presets,
        images=ImageService(log, content, presets, settings.upload_presets),
        renditions=RenditionService(log, presets),
        saved_presets=PresetService(log, presets),
        albums=AlbumService(log),
        bulk=BulkService(log, read_model),
        replays=ReplayService(log, read_model, presets),
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
