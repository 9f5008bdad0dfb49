"""Subscriptions on a log, without a network between: from the document to what would be sent."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

from domain.album_service import AlbumService
from domain.bulk_service import BulkService
from domain.errors import NotFound
from domain.events import Event, image_of
from domain.levels import Levels
from domain.picture import Original
from domain.ports.log import Appended, EventLog
from domain.ports.read_model import ReadModel, Snapshot
from domain.ports.views import ImageView
from domain.ports.webhooks import DeliveryView, WebhookView
from domain.preset_service import PresetService
from domain.presets import Presets
from domain.recipe import Recipe
from domain.region import Region
from domain.rendition_service import RenditionService
from domain.replay_service import ReplayService
from domain.requests import Caller
from domain.service import ImageService
from domain.webhook_service import WebhookService
from gql.context import Context, Urls
from gql.http.execution import Execution
from gql.http.parameters import Parameters
from gql.limits import Limits
from gql.recent import RecentImages
from gql.schema import build_schema
from infrastructure.memory.content import MemoryContentStore
from infrastructure.memory.log import MemoryEventLog
from infrastructure.memory.read_model import MemoryReadModel
from infrastructure.webhooks.addresses import AddressPolicy
from tests.examples import ACTOR, HEADER, OWNER, append, new_id, uploaded

Data: TypeAlias = dict[str, Any]


class Told(NamedTuple):
    """One result, and the cursor that came with it."""

    item: Data
    cursor: str


class CountingReadModel(MemoryReadModel):
    """Counts how often images are read."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0

    async def image(self, owner: str, image_id: str, as_of: int | None = None) -> Snapshot[ImageView | None]:
        self.reads += 1
        return await super().image(owner, image_id, as_of)


class NoHistograms:
    """Of a store without pixels."""

    async def count(self, original: Original, recipe: Recipe, region: Region | None) -> Levels:
        raise NotFound(original.sha256)


class NoWebhooks:
    """What is known of webhooks where there are none."""

    async def all(self, owner: str) -> Sequence[WebhookView]:
        return ()

    async def find(self, owner: str, webhook_id: str) -> WebhookView | None:
        return None

    async def deliveries(self, webhook_id: str, before: int | None, limit: int) -> Sequence[DeliveryView]:
        return ()


class World:
    """The API's subscriptions on a log and its read model."""

    def __init__(self, log: EventLog, read_model: ReadModel, execution: Execution | None = None) -> None:
        self.log = log
        self.execution = execution or Execution(build_schema(), Limits())
        self.context = Context(
            caller=Caller(ACTOR, OWNER),
            images=ImageService(log, MemoryContentStore(lambda _: HEADER), Presets(), ()),
            renditions=RenditionService(log, Presets()),
            saved_presets=PresetService(log, Presets()),
            albums=AlbumService(log),
            webhooks=WebhookService(log, AddressPolicy()),
            known_webhooks=NoWebhooks(),
            bulk=BulkService(log, read_model),
            replays=ReplayService(log, read_model, Presets()),
            log=log,
            read_model=read_model,
            recent=RecentImages(log, read_model),
            presets=Presets(),
            histograms=NoHistograms(),
            urls=Urls(
                lambda view: view.sha256,
                lambda view: view.sha256,
                lambda image_id, _: image_id,
                lambda image_id, _: image_id,
            ),
        )

    @classmethod
    def in_memory(cls, read_model: MemoryReadModel | None = None) -> World:
        read_model = read_model or MemoryReadModel()
        return cls(MemoryEventLog(read_model.fold), read_model)

    async def happen(self, *events: Event, owner: str = OWNER, command_id: str | None = None) -> Appended:
        """Facts of one image."""
        stream = f"image-{image_of(events[0])}"
        return await self.log.append(append(stream, *events, owner=owner, command_id=command_id))

    async def upload(self, *tags: str, owner: str = OWNER) -> str:
        image_id = new_id()
        await self.happen(uploaded(image_id, tags=tags), owner=owner)
        return image_id

    def cursor(self, position: int) -> str:
        return self.context.cursor(position)

    async def subscribe(
        self, query: str, last_event_id: str | None = None, **variables: object
    ) -> AsyncGenerator[Told, None]:
        """Each result of a subscription, which has one root field and no errors."""
        prepared = self.execution.prepare(Parameters(query, variables=variables))
        context = replace(self.context, last_event_id=last_event_id)
        async with aclosing(self.execution.stream(prepared, context)) as results:
            async for payloads in results:
                for payload in payloads:
                    result = json.loads(payload.json)
                    assert "errors" not in result, result
                    (item,) = result["data"].values()
                    assert payload.cursor is not None
                    yield Told(item, payload.cursor)


async def caught_up(told: AsyncGenerator[Told, None]) -> list[Data]:
    """What is told of the past, without the word that it is over."""
    items: list[Data] = []
    async with aclosing(told):
        async for item, _ in told:
            if item["__typename"] == "CaughtUp":
                return items
            items.append(item)
    raise AssertionError("it ended before it had caught up")
