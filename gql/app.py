"""The composition root of the delivery: routes, schema and transports on top of a backend."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp

from domain.events import WireName
from domain.paging import DEFAULT_PAGE
from domain.preset_shelf import PresetShelf
from gql.backend import LOCAL, Backend, open_backend
from gql.context import Context, Urls
from gql.http import previews, transforms
from gql.http.event_stream import EventStreams
from gql.http.execution import Execution
from gql.http.files import Images, file_routes, original_url, rendition_url
from gql.http.graphql import GraphQLEndpoint
from gql.http.health import health_routes
from gql.http.hosts import KnownHosts
from gql.http.iiif.endpoint import IiifImages, iiif_url
from gql.http.made import MadePictures
from gql.http.pages import pages
from gql.http.preset_pictures import PresetPictures
from gql.http.previews import Preview
from gql.http.problems import no_route
from gql.http.shortcuts import Shortcuts
from gql.http.signed_pictures import Asked, SignedPictures
from gql.http.signer import Signer
from gql.http.transforms import Transform
from gql.http.websocket import GraphQLSockets
from gql.limits import Limits
from gql.recent import RecentImages
from gql.schema import build_schema
from infrastructure.settings import Settings


@dataclass(frozen=True, slots=True)
class Application:
    asgi: ASGIApp
    sockets: GraphQLSockets
    streams: EventStreams
    protections: str
    """What stands between the files of strangers and the machine, for people."""

    async def send_away(self, within: float) -> None:
        """End all subscriptions, for the moment before the server stops; sockets in so many seconds."""
        self.streams.close()
        await self.sockets.close(within)


@asynccontextmanager
async def application(settings: Settings) -> AsyncIterator[Application]:
    """Darkroom, open for requests; at the end everything is closed in the opposite order.

    Raises DataFolderUnusable and UnsafeEnvironmentError.
    """
    site = await asyncio.to_thread(pages)
    async with open_backend(settings) as backend:
        signer = Signer(backend.url_keys)
        recent = RecentImages(backend.store.log, backend.store.read_model)
        context = _context(backend, settings, signer, recent)
        limits = Limits(file_bytes=settings.max_upload, page=DEFAULT_PAGE)
        execution = Execution(build_schema(), limits)
        endpoint = GraphQLEndpoint(
            execution=execution,
            context_factory=partial(_resuming, context),
            store=backend.content,
            limits=limits,
        )
        sockets = GraphQLSockets(execution=execution, context_factory=lambda _: context, limits=limits)
        shown = [
            *_made(backend, settings, signer, recent),
            *file_routes(backend.content, backend.recent_blobs, recent, _owner),
        ]
        others = [Route("/graphql", endpoint), WebSocketRoute("/graphql", sockets), *_health(backend), *site]
        starlette = Starlette(routes=[*shown, *others], exception_handlers={HTTPException: no_route})
        asgi = KnownHosts(Shortcuts(shown, starlette), settings.hosts)
        async with backend.working():
            protections = await asyncio.to_thread(backend.pixels.executor.protections)
            yield Application(asgi, sockets, endpoint.streams, str(protections))


def _context(backend: Backend, settings: Settings, signer: Signer, recent: RecentImages) -> Context:
    store, signed = backend.store, partial(_signed_url, signer)
    return Context(
        caller=LOCAL,
        images=backend.services.images,
        renditions=backend.services.renditions,
        saved_presets=backend.services.saved_presets,
        albums=backend.services.albums,
        webhooks=backend.workshop.service,
        known_webhooks=backend.workshop.registry,
        bulk=backend.services.bulk,
        replays=backend.services.replays,
        log=store.log,
        read_model=store.read_model,
        recent=recent,
        presets=backend.services.presets,
        histograms=backend.pixels.histograms,
        urls=Urls(
            original_url,
            rendition_url,
            signed,
            partial(iiif_url, signer),
            signed if settings.transforms == "signed" else None,
        ),
        shows_locations=settings.locations == "show",
    )


def _made(backend: Backend, settings: Settings, signer: Signer, images: Images) -> list[Route]:
    """Pictures on demand."""
    made = MadePictures(backend.pixels.pictures)
    shelf = PresetShelf(backend.store.log, backend.services.presets)
    iiif = IiifImages(backend.pixels.pictures, backend.pixels.tiles, images, signer, _owner)
    routes = [PresetPictures(made, shelf.shown, images, _owner).route, *iiif.routes]
    kinds: dict[str, type[Asked]] = {previews.PURPOSE: Preview}
    if settings.transforms == "signed":
        kinds[transforms.PURPOSE] = Transform
    for purpose, kind in kinds.items():
        routes.append(
            SignedPictures(
                purpose=purpose,
                kind=kind,
                made=made,
                images=images,
                signer=signer,
                owner_of=_owner,
            ).route
        )
    return routes


def _owner(_: Request) -> str:
    return LOCAL.owner


def _signed_url(signer: Signer, image_id: str, asked: Preview | Transform) -> str:
    return asked.url(image_id, signer)


def _health(backend: Backend) -> list[Route]:
    store = backend.store
    return health_routes(
        {"read model": lambda: store.writer.projection_error},
        warnings={
            "rebuild of the read model": lambda: store.rebuilder.error,
            "unknown events": lambda: _unknown(store.writer.unknown_events),
        },
        protections=partial(asyncio.to_thread, backend.pixels.executor.protections),
    )


def _resuming(context: Context, connection: HTTPConnection) -> Context:
    """For a client whose stream of events has broken off."""
    last_event_id = getattr(connection.state, "last_event_id", None)
    return replace(context, last_event_id=last_event_id) if last_event_id else context


def _unknown(events: Mapping[WireName, int]) -> str | None:
    """What is said of events that a newer version wrote."""
    each = ", ".join(f"{count} of {wire.name} version {wire.version}" for wire, count in events.items())
    return f"{each}: kept, not shown" if each else None
