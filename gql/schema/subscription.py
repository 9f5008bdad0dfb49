"""What is told as it happens, from any cursor on, without gap or repetition."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

import strawberry

from domain.errors import UnknownName
from domain.events import WIRE_NAMES, RenderingFailed, RenderingFinished
from domain.ports import RecordedEvent
from gql.context import Ask, Context
from gql.schema.events import CaughtUp, LogItem, Progress, find_rendition, log_item
from gql.schema.ids import parse_image_id
from gql.schema.image import Rendition
from gql.schema.scalars import Cursor

PROGRESS_EVERY: Final = 1000
"""So many events that pass no filter are told as one Progress, so that nobody reads them twice."""


@strawberry.input(description="Which events; all that is given must hold.")
class EventFilter:
    types: list[str] | None = strawberry.field(default=None, description="One of these types.")
    images: list[strawberry.ID] | None = strawberry.field(default=None, description="Of one of these images.")


@strawberry.type(description="A rendition that has come to its end, READY or FAILED.")
class RenditionSettled:
    cursor: Cursor
    rendition: Rendition


@strawberry.type
class Subscription:
    @strawberry.subscription(description="All that happens to your images.")
    async def events(
        self,
        info: Ask,
        after: Cursor | None = None,
        filter: EventFilter | None = None,  # noqa: A002
    ) -> AsyncGenerator[LogItem, None]:
        context = info.context
        wanted = _Wanted.of(filter, context)
        head = context.log.head
        position = head if after is None else context.position(after)
        if position >= head:
            yield CaughtUp(cursor=Cursor(context.cursor(position)))
        passed = 0
        async with aclosing(context.log.follow(position)) as recorded_events:
            async for recorded in recorded_events:
                passed += 1
                cursor = Cursor(context.cursor(recorded.position))
                if recorded.event is not None and wanted.has(recorded):
                    passed = 0
                    yield log_item(recorded, recorded.event, context)
                if recorded.position == head:
                    yield CaughtUp(cursor=cursor)
                elif passed == PROGRESS_EVERY:
                    passed = 0
                    yield Progress(cursor=cursor)

    @strawberry.subscription(description="Each rendition once, when it is READY or has FAILED.")
    async def rendition_settled(
        self, info: Ask, image_id: strawberry.ID | None = None, after: Cursor | None = None
    ) -> AsyncGenerator[RenditionSettled, None]:
        context = info.context
        image_key = None if image_id is None else parse_image_id(image_id, field="imageId")
        position = context.log.head if after is None else context.position(after)
        async with aclosing(context.log.follow(position)) as recorded_events:
            async for recorded in recorded_events:
                event = recorded.event
                if (
                    isinstance(event, RenderingFinished | RenderingFailed)
                    and recorded.owner == context.caller.owner
                    and image_key in {None, event.image_id}
                ):
                    rendition = await find_rendition(context, event.image_id, event.rendition_id)
                    if rendition is not None:
                        yield RenditionSettled(
                            cursor=Cursor(context.cursor(recorded.position)), rendition=rendition
                        )


@dataclass(frozen=True, slots=True)
class _Wanted:
    owner: str
    types: frozenset[str] | None
    images: frozenset[str] | None

    @classmethod
    def of(cls, wanted: EventFilter | None, context: Context) -> _Wanted:
        """Raises UnknownName and InvalidId."""
        types = images = None
        if wanted is not None and wanted.types is not None:
            types = frozenset(map(_known_type, wanted.types))
        if wanted is not None and wanted.images is not None:
            images = frozenset(parse_image_id(image, field="images") for image in wanted.images)
        return cls(context.caller.owner, types, images)

    def has(self, recorded: RecordedEvent) -> bool:
        return (
            recorded.owner == self.owner
            and recorded.event is not None
            and (self.types is None or recorded.type in self.types)
            and (self.images is None or recorded.event.image_id in self.images)
        )


def _known_type(name: str) -> str:
    known = {wire_name.name for wire_name in WIRE_NAMES.values()}
    if name not in known:
        raise UnknownName("event type", name, known, field="types")
    return name
