"""What is told of the log: one type for each event, and two that say how far the telling is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import strawberry

from domain import events
from domain.bulk import operation_of
from domain.ports.log import RecordedEvent
from domain.provenance import Source
from gql.context import Ask, Context
from gql.schema.albums import Album, album_from
from gql.schema.ids import album_global_id, image_global_id, operation_global_id
from gql.schema.image import (
    Image,
    Quarantine,
    Rendition,
    RenditionFailure,
    image_from,
    rendition_from,
)
from gql.schema.log_items import CaughtUp, Event, Progress
from gql.schema.operations import BulkOperation, operation_from
from gql.schema.recipe import ImageRecipe, image_recipe
from gql.schema.scalars import Cursor, DateTime

strawberry.enum(events.RecipeChange, description="What was done to an image's own recipe.")
strawberry.enum(events.Return, description="Why something goes back to a state that it was in.")


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


@strawberry.interface(description="A fact about the examination of an original.")
class ExaminationEvent(ImageEvent):
    pass


@strawberry.interface(description="A fact about an album.")
class AlbumEvent(Event):
    album_id: strawberry.ID
    album_key: strawberry.Private[str]

    @strawberry.field(description="The album as it is now.")
    async def album(self, info: Ask) -> Album | None:
        context = info.context
        found = await context.read_model.album(context.caller.owner, self.album_key)
        return None if found.value is None else album_from(found.value, found.as_of, context)


@strawberry.interface(description="A fact about a preset that was saved.")
class PresetEvent(Event):
    preset: str


@strawberry.interface(description="A fact about a bulk operation.")
class OperationEvent(Event):
    operation_key: strawberry.Private[str]

    @strawberry.field(description="The operation as it is now.")
    async def operation(self, info: Ask) -> BulkOperation | None:
        context = info.context
        found = await context.read_model.operation(context.caller.owner, self.operation_key)
        return None if found.value is None else operation_from(found.value, found.as_of, context)


@strawberry.type
class ImageUploaded(ImageEvent):
    pass


@strawberry.type
class ImageRenamed(ImageEvent):
    name: str


@strawberry.type
class ImageDescribed(ImageEvent):
    description: str
    source: Source


@strawberry.type
class ImageTagged(ImageEvent):
    tags: list[str] = strawberry.field(description="Those that came.")
    source: Source


@strawberry.type
class ImageUntagged(ImageEvent):
    tags: list[str] = strawberry.field(description="Those that went.")
    source: Source


@strawberry.type
class RecipeChanged(ImageEvent):
    change: events.RecipeChange
    steps: list[int] = strawberry.field(description="The numbers of the steps that it was about.")
    recipe: ImageRecipe = strawberry.field(description="After the change.")


@strawberry.type(description="Back to a state that it was in: by undo, by redo, or to a version.")
class ImageReverted(ImageEvent):
    why: events.Return
    versions: list[int] = strawberry.field(
        description="Whose change was undone or redone, or the one that was gone back to."
    )
    recipe: ImageRecipe


@strawberry.type(description="It is not worked on any more: it has ended those who tried.")
class ImageQuarantined(ImageEvent):
    quarantine: Quarantine


@strawberry.type
class ImageDeleted(ImageEvent):
    pass


@strawberry.type
class ImageRestored(ImageEvent):
    pass


@strawberry.type(description="It is gone for good.")
class ImagePurged(ImageEvent):
    pass


@strawberry.type(description="Nothing of it is left on the disk.")
class ImageErased(ImageEvent):
    pass


@strawberry.type
class AlbumCreated(AlbumEvent):
    name: str


@strawberry.type
class AlbumRenamed(AlbumEvent):
    name: str


@strawberry.type
class AlbumDescribed(AlbumEvent):
    description: str


@strawberry.type
class AlbumImagesAdded(AlbumEvent):
    images: list[strawberry.ID]
    index: int = strawberry.field(description="Where the first of them stands.")


@strawberry.type
class AlbumImagesRemoved(AlbumEvent):
    images: list[strawberry.ID]


@strawberry.type
class AlbumImagesMoved(AlbumEvent):
    images: list[strawberry.ID]
    index: int = strawberry.field(description="Where the first of them stands, among the others.")


@strawberry.type
class AlbumReverted(AlbumEvent):
    why: events.Return
    versions: list[int]


@strawberry.type
class AlbumDeleted(AlbumEvent):
    pass


@strawberry.type
class AlbumRestored(AlbumEvent):
    pass


@strawberry.type
class AlbumPurged(AlbumEvent):
    pass


@strawberry.type
class AlbumErased(AlbumEvent):
    pass


@strawberry.type
class PresetSaved(PresetEvent):
    version: int


@strawberry.type(description="Images were rendered by this version, and show it from here on.")
class PresetReplayed(PresetEvent):
    version: int


@strawberry.type(description="Images show the version from before again.")
class PresetRolledBack(PresetEvent):
    version: int = strawberry.field(description="The one that was saved with the definition from before.")
    to: int = strawberry.field(description="The version that had it first.")


@strawberry.type
class PresetRemoved(PresetEvent):
    pass


@strawberry.type
class OperationStarted(OperationEvent):
    action: events.BulkAction
    total: int = strawberry.field(description="How many images were selected.")


@strawberry.type
class OperationProgressed(OperationEvent):
    changed: int
    unchanged: int
    refused: int
    failed: int


@strawberry.type
class OperationFinished(OperationEvent):
    changed: int
    unchanged: int
    refused: int
    failed: int


@strawberry.type
class OperationCancelled(OperationEvent):
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


@strawberry.type
class ExaminationStarted(ExaminationEvent):
    attempt: int


@strawberry.type(description="The image shows what was found.")
class ImageExamined(ExaminationEvent):
    pass


@strawberry.type(description="Nothing will be found in it.")
class ExaminationFailed(ExaminationEvent):
    code: str
    message: str


def event_item(recorded: RecordedEvent, event: events.Event, context: Context) -> Event:
    """What is told of an event that was recorded."""
    common: dict[str, Any] = {
        "cursor": Cursor(context.cursor(recorded.position)),
        "event_id": strawberry.ID(recorded.event_id.hex()),
        "type": recorded.type,
        "recorded_at": DateTime(recorded.recorded_at),
        "actor": recorded.actor,
        "command_id": recorded.command_id,
        "operation_id": _operation_id(recorded, event),
    }
    if isinstance(event, events.ImageEvent | events.RenderingEvent | events.ExaminationEvent):
        common["image_id"] = strawberry.ID(image_global_id(event.image_id))
        common["image_key"] = event.image_id
    if isinstance(event, events.RenderingEvent):
        common["rendition_key"] = event.rendition_id
    if isinstance(event, events.AlbumEvent):
        common["album_id"] = strawberry.ID(album_global_id(event.album_id))
        common["album_key"] = event.album_id
    if isinstance(event, events.OperationEvent):
        common["operation_key"] = event.operation_id
    if isinstance(event, events.PresetSaved):
        common["version"] = event.version or recorded.version
    cls, own = _SHOWN[type(event)]
    return cls(**common, **own(event))


def _operation_id(recorded: RecordedEvent, event: events.Event) -> strawberry.ID | None:
    if isinstance(event, events.OperationEvent):
        return strawberry.ID(operation_global_id(event.operation_id))
    operation = operation_of(recorded.correlation_id)
    return None if operation is None else strawberry.ID(operation_global_id(operation))


async def find_rendition(
    context: Context, image_id: str, rendition_id: str, as_of: int | None = None
) -> Rendition | None:
    found = await context.read_model.rendition(context.caller.owner, image_id, rendition_id, as_of)
    return None if found.value is None else rendition_from(found.value, context, as_of)


def _same(*names: str) -> Callable[[Any], dict[str, Any]]:
    """Fields that are told as they are recorded."""
    return lambda event: {name: getattr(event, name) for name in names}


def _tags(event: Any) -> dict[str, Any]:  # noqa: ANN401  (one of two events)
    return {"tags": list(event.tags), "source": event.source}


def _images(event: Any) -> dict[str, Any]:  # noqa: ANN401  (one of three events)
    return {"images": [strawberry.ID(image_global_id(image_id)) for image_id in event.image_ids]}


def _placed(event: Any) -> dict[str, Any]:  # noqa: ANN401  (one of two events)
    return _images(event) | {"index": event.index}


def _recipe(event: events.RecipeChanged) -> dict[str, Any]:
    return {
        "change": event.change,
        "steps": list(event.numbers),
        "recipe": image_recipe(event.edits),
    }


def _reverted(event: events.ImageReverted) -> dict[str, Any]:
    return {"why": event.why, "versions": list(event.of), "recipe": image_recipe(event.edits)}


def _album_reverted(event: events.AlbumReverted) -> dict[str, Any]:
    return {"why": event.why, "versions": list(event.of)}


def _preset(*names: str) -> Callable[[Any], dict[str, Any]]:
    same = _same(*names)
    return lambda event: {"preset": event.name} | same(event)


def _failure(event: events.RenderingFailed) -> dict[str, Any]:
    return {"failure": RenditionFailure(code=event.code, message=event.message)}


def _quarantined(event: events.ImageQuarantined) -> dict[str, Any]:
    return {"quarantine": Quarantine(code=event.code, message=event.message)}


_COUNTS: Final = _same("changed", "unchanged", "refused", "failed")
_SHOWN: Final[dict[type, tuple[Callable[..., Event], Callable[[Any], dict[str, Any]]]]] = {
    events.ImageUploaded: (ImageUploaded, _same()),
    events.ImageRenamed: (ImageRenamed, _same("name")),
    events.ImageDescribed: (ImageDescribed, _same("description", "source")),
    events.ImageTagged: (ImageTagged, _tags),
    events.ImageUntagged: (ImageUntagged, _tags),
    events.RecipeChanged: (RecipeChanged, _recipe),
    events.ImageReverted: (ImageReverted, _reverted),
    events.ImageQuarantined: (ImageQuarantined, _quarantined),
    events.ImageDeleted: (ImageDeleted, _same()),
    events.ImageRestored: (ImageRestored, _same()),
    events.ImagePurged: (ImagePurged, _same()),
    events.ImageErased: (ImageErased, _same()),
    events.AlbumCreated: (AlbumCreated, _same("name")),
    events.AlbumRenamed: (AlbumRenamed, _same("name")),
    events.AlbumDescribed: (AlbumDescribed, _same("description")),
    events.AlbumImagesAdded: (AlbumImagesAdded, _placed),
    events.AlbumImagesRemoved: (AlbumImagesRemoved, _images),
    events.AlbumImagesMoved: (AlbumImagesMoved, _placed),
    events.AlbumReverted: (AlbumReverted, _album_reverted),
    events.AlbumDeleted: (AlbumDeleted, _same()),
    events.AlbumRestored: (AlbumRestored, _same()),
    events.AlbumPurged: (AlbumPurged, _same()),
    events.AlbumErased: (AlbumErased, _same()),
    events.PresetSaved: (PresetSaved, _preset()),
    events.PresetReplayed: (PresetReplayed, _preset("version")),
    events.PresetRolledBack: (PresetRolledBack, _preset("version", "to")),
    events.PresetRemoved: (PresetRemoved, _preset()),
    events.OperationStarted: (OperationStarted, _same("action", "total")),
    events.OperationProgressed: (OperationProgressed, _COUNTS),
    events.OperationFinished: (OperationFinished, _COUNTS),
    events.OperationCancelled: (OperationCancelled, _same()),
    events.RenderingRequested: (RenderingRequested, _same("preset")),
    events.RenderingStarted: (RenderingStarted, _same("attempt")),
    events.RenderingFinished: (RenderingFinished, _same()),
    events.RenderingFailed: (RenderingFailed, _failure),
    events.ExaminationStarted: (ExaminationStarted, _same("attempt")),
    events.ImageExamined: (ImageExamined, _same()),
    events.ExaminationFailed: (ExaminationFailed, _same("code", "message")),
}

EVENT_TYPES: Final[tuple[Any, ...]] = (
    CaughtUp,
    Progress,
    *(shown for shown, _ in _SHOWN.values()),
)
