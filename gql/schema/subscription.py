"""What is told as it happens, from any cursor on, without gap or repetition."""

from __future__ import annotations

from collections.abc import AsyncIterable
from functools import partial
from typing import Final

import strawberry

from gql.context import Ask
from gql.feed import Feed
from gql.schema.event_filter import EventFilter, Wanted
from gql.schema.feeds import ends_after, events_after, item_of, settled_of, state_of, states_after
from gql.schema.ids import parse_image_id
from gql.schema.log_items import LogItem
from gql.schema.scalars import Cursor
from gql.schema.states import ImageChanged, RenditionSettled

_STATES: Final = (
    "An image as it is now, and again after each change of it or of its renditions. With `after`, first when "
    "something has happened to it since. Changes that come faster than you read are told as one."
)


@strawberry.type
class Subscription:
    @strawberry.subscription(description="All that happens to your images.")
    def events(
        self,
        info: Ask,
        after: Cursor | None = None,
        filter: EventFilter | None = None,  # noqa: A002
    ) -> AsyncIterable[LogItem]:
        context = info.context
        wanted = Wanted.of(filter, context)
        head = context.log.head
        start = context.start(after)
        batches = partial(events_after, head if start is None else start, head, wanted)
        return Feed(context.caller, batches, partial(item_of, context))

    @strawberry.subscription(description="Each rendition once, when it is READY or has FAILED.")
    def rendition_settled(
        self, info: Ask, image_id: strawberry.ID | None = None, after: Cursor | None = None
    ) -> AsyncIterable[RenditionSettled]:
        context = info.context
        image_key = None if image_id is None else parse_image_id(image_id, field="imageId")
        start = context.start(after)
        position = context.log.head if start is None else start
        batches = partial(ends_after, position, image_key, context)
        return Feed(context.caller, batches, partial(settled_of, context))

    @strawberry.subscription(description=_STATES)
    def image_changed(
        self,
        info: Ask,
        id: strawberry.ID,  # noqa: A002
        after: Cursor | None = None,
    ) -> AsyncIterable[ImageChanged]:
        context = info.context
        image_key = parse_image_id(id)
        start, head = context.start(after), context.log.head
        batches = partial(states_after, start, head, image_key, context)
        return Feed(context.caller, batches, partial(state_of, context))
