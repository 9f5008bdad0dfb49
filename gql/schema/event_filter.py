"""Which events a subscriber wants to be told of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import strawberry

from domain.bulk import operation_stream
from domain.errors import UnknownName
from domain.events import ImageTagged, ImageUntagged, ImageUploaded, image_of
from domain.ports.log import RecordedEvent
from domain.text import clean_tags
from domain.webhook import DELIVERABLE
from gql.context import Context
from gql.schema.ids import parse_image_id, parse_operation_id


@strawberry.input(description="Which events; all that is given must hold.")
class EventFilter:
    types: list[str] | None = strawberry.field(default=None, description="One of these types.")
    images: list[strawberry.ID] | None = strawberry.field(default=None, description="Of one of these images.")
    tags: list[str] | None = strawberry.field(
        default=None,
        description="Of an image that carries one of these tags when you are told, or the coming and going "
        "of one of them; letters are compared without case.",
    )
    owner: strawberry.ID | None = strawberry.field(
        default=None, description="Of this owner's images; you see your own."
    )
    operation_id: strawberry.ID | None = strawberry.field(
        default=None, description="What this request led to, by its commandId or the operationId of an event."
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter that has been checked, on behalf of one caller."""

    context: Context
    types: frozenset[str] | None
    images: frozenset[str] | None
    tags: frozenset[str] | None
    operation_id: str | None

    @classmethod
    def of(cls, given: EventFilter | None, context: Context) -> Wanted:
        """Raises UnknownName, InvalidId and InvalidInput."""
        given = given or EventFilter()
        if given.owner is not None and given.owner != context.caller.owner:
            raise UnknownName("owner", given.owner, {context.caller.owner}, field="owner")
        return cls(
            context,
            types=None if given.types is None else frozenset(map(_known_type, given.types)),
            images=None
            if given.images is None
            else frozenset(parse_image_id(image, field="images") for image in given.images),
            tags=None if given.tags is None else _folded(clean_tags(given.tags)),
            operation_id=_correlation_id(given.operation_id),
        )

    async def choose(self, events: Sequence[RecordedEvent]) -> list[RecordedEvent]:
        """Those that are wanted."""
        chosen = [recorded for recorded in events if self._has(recorded)]
        if self.tags is not None:
            chosen = [recorded for recorded in chosen if await self._has_tag(recorded, self.tags)]
        return chosen

    def _has(self, recorded: RecordedEvent) -> bool:
        return (
            recorded.owner == self.context.caller.owner
            and recorded.event is not None
            and recorded.type in DELIVERABLE
            and (self.types is None or recorded.type in self.types)
            and (self.images is None or image_of(recorded.event) in self.images)
            and (self.operation_id is None or recorded.correlation_id == self.operation_id)
        )

    async def _has_tag(self, recorded: RecordedEvent, tags: frozenset[str]) -> bool:
        event = recorded.event
        if event is None:
            return False
        if isinstance(event, ImageUploaded | ImageTagged | ImageUntagged) and tags & _folded(event.tags):
            return True
        image_id = image_of(event)
        if image_id is None:
            return False
        found = await self.context.recent.since(recorded.owner, image_id, recorded.position)
        return found.value is not None and bool(tags & _folded(tag.text for tag in found.value.tags))


def _correlation_id(operation: str | None) -> str | None:
    """As it stands in the log: that of a bulk operation by its global id, any other as it is."""
    if operation is None or not operation.startswith("op_"):
        return operation
    return operation_stream(parse_operation_id(operation, field="operationId"))


def _known_type(name: str) -> str:
    if name not in DELIVERABLE:
        raise UnknownName("event type", name, DELIVERABLE, field="types")
    return name


def _folded(tags: Iterable[str]) -> frozenset[str]:
    return frozenset(tag.casefold() for tag in tags)
