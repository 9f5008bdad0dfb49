"""The composition root: the one place that knows every part, and puts them together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.routing import Route, WebSocketRoute

from domain.album_service import AlbumService
from domain.events import WireName
from domain.header import ImageHeader
from domain.operations.catalogue import operations
from domain.paging import DEFAULT_PAGE
from domain.ports import EventLog
from domain.presets import Presets
from domain.requests import Caller
from domain.service import ImageService
from domain.webhook_service import WebhookService
from gql.context import Context, Urls
from gql.http.event_stream import EventStreams
from gql.http.execution import Execution
from gql.http.files import file_routes, original_url, rendition_url
from gql.http.graphql import GraphQLEndpoint
from gql.http.health import health_routes
from gql.http.hosts import KnownHosts
from gql.http.pages import pages
from gql.http.websocket import GraphQLSockets
from gql.limits import Limits
from gql.notification import notification
from gql.recent import RecentImages
from gql.schema import build_schema
from infrastructure import gate
from infrastructure.content.store import FileContentStore
from infrastructure.pixels.environment import verify
from infrastructure.pixels.pool import Pool
from infrastructure.pixels.renderer import ThreadRenderer
from infrastructure.renderings import RenderingRunner
from infrastructure.settings import Settings
from infrastructure.sqlite.store import open_store
from infrastructure.webhooks.addresses import AddressPolicy
from infrastructure.webhooks.deliveries import Deliveries
from infrastructure.webhooks.endpoint import AT_ONCE, Workshop
from infrastructure.webhooks.network import CheckedNetwork, Resolver
from infrastructure.webhooks.registry import WebhookRegistry
from infrastructure.webhooks.runner import WebhookRunner
from infrastructure.webhooks.sender import open_sender

LOCAL: Final = Caller(actor="local", owner="local")
"""Until there are accounts, whoever reaches the server is this one."""

WAITING_JOBS: Final = 64


@dataclass(frozen=True, slots=True)
class Application:
    asgi: Starlette
    sockets: GraphQLSockets
    streams: EventStreams

    async def send_away(self, within: float) -> None:
        """End all subscriptions, for the moment before the server stops; sockets in so many seconds."""
        self.streams.close()
        await self.sockets.close(within)


@asynccontextmanager
async def application(settings: Settings) -> AsyncIterator[Application]:
    """Darkroom, open for requests; at the end everything is closed in the opposite order.

    Raises DataFolderUnusable and UnsafeEnvironmentError.
    """
    await asyncio.to_thread(_load, settings)
    site = await asyncio.to_thread(pages)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(settings.data))
        content = FileContentStore(settings.data, _gate(settings))
        await asyncio.to_thread(content.sweep)
        pool = Pool(threads=settings.threads, waiting=WAITING_JOBS, memory=settings.pixel_memory)
        stack.push_async_callback(pool.aclose)
        renderer = ThreadRenderer(pool, content)
        runner = RenderingRunner(store.log, store.read_model, renderer, at_once=2 * settings.threads)
        workshop = await stack.enter_async_context(_webhooks(settings, store.log))

        presets = Presets()
        context = Context(
            caller=LOCAL,
            images=ImageService(store.log, content, presets, settings.upload_presets),
            albums=AlbumService(store.log),
            webhooks=workshop.service,
            known_webhooks=workshop.registry,
            log=store.log,
            read_model=store.read_model,
            recent=RecentImages(store.read_model),
            presets=presets,
            urls=Urls(original_url, rendition_url),
        )
        limits = Limits(file_bytes=settings.max_upload, page=DEFAULT_PAGE)
        execution = Execution(build_schema(), limits)
        endpoint = GraphQLEndpoint(
            execution=execution, context_factory=partial(_resuming, context), store=content, limits=limits
        )
        sockets = GraphQLSockets(execution=execution, context_factory=lambda _: context, limits=limits)
        routes = [
            Route("/graphql", endpoint),
            WebSocketRoute("/graphql", sockets),
            *health_routes(
                {"read model": lambda: store.writer.projection_error},
                warnings={
                    "rebuild of the read model": lambda: store.rebuilder.error,
                    "unknown events": lambda: _unknown(store.writer.unknown_events),
                },
            ),
            *file_routes(content, store.read_model, lambda _: LOCAL.owner),
            *site,
        ]
        asgi = Starlette(routes=routes, middleware=[Middleware(KnownHosts, hosts=settings.hosts)])
        await stack.enter_async_context(runner.running())
        await stack.enter_async_context(WebhookRunner(workshop).running())
        yield Application(asgi, sockets, endpoint.streams)


def _resuming(context: Context, connection: HTTPConnection) -> Context:
    """For a client whose stream of events has broken off."""
    last_event_id = getattr(connection.state, "last_event_id", None)
    return replace(context, last_event_id=last_event_id) if last_event_id else context


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


def _unknown(events: Mapping[WireName, int]) -> str | None:
    """What is said of events that a newer version wrote."""
    each = ", ".join(f"{count} of {wire.name} version {wire.version}" for wire, count in events.items())
    return f"{each}: kept, not shown" if each else None


def _gate(settings: Settings) -> Callable[[Path], ImageHeader]:
    return partial(gate.inspect_file, limits=gate.Limits(pixels=settings.max_pixels))
