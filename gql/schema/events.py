"""What is told of the log: one type for each event, and two that say how far the telling is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import strawberry

from domain import events
from domain.ports import RecordedEvent
from gql.context import Ask, Context
from gql.schema.ids import image_global_id
from gql.schema.image import Image, Rendition, RenditionFailure, image_from, rendition_from
from gql.schema.scalars import Cursor, DateTime


@strawberry.interface(description="One thing told by a subscription; its cursor goes on from behind it.")
class LogItem:
    cursor: Cursor


@strawberry.type(description="All that was past when you asked has been told; what follows is new.")
class CaughtUp(LogItem):
    pass


@strawberry.type(description="Nothing up to here passed your filter. Keep the cursor.")
class Progress(LogItem):
    pass


@strawberry.interface(description="A fact of the log.")
class Event(LogItem):
    event_id: strawberry.ID
    type: str = strawberry.field(description="Its stable name.")
    recorded_at: DateTime
    actor: str = strawberry.field(description="Who did it.")
    command_id: str = strawberry.field(description="The request that led to it.")
    operation_id: strawberry.ID | None = strawberry.field(
        description="The operation that this request was a part of; null where it was one by itself."
    )


@strawberry.interface(description="A fact about an image.")
class ImageEvent(Event):
    image_id: strawberry.ID
    image_key: strawberry.Private[str]

    @strawberry.field(description="The image as it is now.")
    async def image(self, info: Ask) -> Image | None:
        context = info.context
        found = await context.read_model.image(context.caller.owner, self.image_key)
        return None if found.value is None else image_from(found.value, found.as_of, context)


@strawberry.interface(description="A fact about the making of a rendition.")
class RenderingEvent(ImageEvent):
    rendition_key: strawberry.Private[str]

    @strawberry.field(description="The rendition as it is now.")
    async def rendition(self, info: Ask) -> Rendition | None:
        return await find_rendition(info.context, self.image_key, self.rendition_key)


@strawberry.type
class ImageUploaded(ImageEvent):
    pass


@strawberry.type
class ImageRenamed(ImageEvent):
    name: str


@strawberry.type
class ImageDescribed(ImageEvent):
    description: str


@strawberry.type
class ImageTagged(ImageEvent):
    tags: list[str] = strawberry.field(description="Those that came.")


@strawberry.type
class ImageUntagged(ImageEvent):
    tags: list[str] = strawberry.field(description="Those that went.")


@strawberry.type
class ImageDeleted(ImageEvent):
    pass


@strawberry.type
class ImageRestored(ImageEvent):
    pass


@strawberry.type
class RenderingRequested(RenderingEvent):
    preset: str


@strawberry.type
class RenderingStarted(RenderingEvent):
    attempt: int


@strawberry.type
class RenderingFinished(RenderingEvent):
    pass


@strawberry.type
class RenderingFailed(RenderingEvent):
    failure: RenditionFailure


EVENT_TYPES: Final[tuple[type[LogItem], ...]] = (
    CaughtUp,
    Progress,
    ImageUploaded,
    ImageRenamed,
    ImageDescribed,
    ImageTagged,
    ImageUntagged,
    ImageDeleted,
    ImageRestored,
    RenderingRequested,
    RenderingStarted,
    RenderingFinished,
    RenderingFailed,
)


def log_item(recorded: RecordedEvent, event: events.Event, context: Context) -> LogItem:
    common = {
        "cursor": Cursor(context.cursor(recorded.position)),
        "event_id": strawberry.ID(recorded.event_id.hex()),
        "type": recorded.type,
        "recorded_at": DateTime(recorded.recorded_at),
        "actor": recorded.actor,
        "command_id": recorded.command_id,
        "operation_id": _operation_id(recorded),
        "image_id": strawberry.ID(image_global_id(event.image_id)),
        "image_key": event.image_id,
    }
    if isinstance(event, events.RenderingEvent):
        common["rendition_key"] = event.rendition_id
    return _SHOWN[type(event)](event, common)


def _operation_id(recorded: RecordedEvent) -> strawberry.ID | None:
    alone = recorded.correlation_id == recorded.command_id
    return None if alone else strawberry.ID(recorded.correlation_id)


async def find_rendition(context: Context, image_id: str, rendition_id: str) -> Rendition | None:
    found = await context.read_model.rendition(context.caller.owner, image_id, rendition_id)
    return None if found.value is None else rendition_from(found.value, context)


_SHOWN: Final[dict[type, Callable[[Any, dict[str, Any]], LogItem]]] = {
    events.ImageUploaded: lambda _, common: ImageUploaded(**common),
    events.ImageRenamed: lambda event, common: ImageRenamed(**common, name=event.name),
    events.ImageDescribed: lambda event, common: ImageDescribed(**common, description=event.description),
    events.ImageTagged: lambda event, common: ImageTagged(**common, tags=list(event.tags)),
    events.ImageUntagged: lambda event, common: ImageUntagged(**common, tags=list(event.tags)),
    events.ImageDeleted: lambda _, common: ImageDeleted(**common),
    events.ImageRestored: lambda _, common: ImageRestored(**common),
    events.RenderingRequested: lambda event, common: RenderingRequested(**common, preset=event.preset),
    events.RenderingStarted: lambda event, common: RenderingStarted(**common, attempt=event.attempt),
    events.RenderingFinished: lambda _, common: RenderingFinished(**common),
    events.RenderingFailed: lambda event, common: RenderingFailed(
        **common, failure=RenditionFailure(code=event.code, message=event.message)
    ),
}
