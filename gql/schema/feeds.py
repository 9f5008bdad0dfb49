"""The feeds of subscriptions: each is a way of following the log from a position."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import partial
from typing import Final, TypeAlias

from domain.events import RenderingFailed, RenderingFinished, image_of
from domain.ports import ImageView, RecordedEvent, Snapshot
from gql.context import Context
from gql.feed import Entry
from gql.schema.event_filter import Wanted
from gql.schema.events import event_item, find_rendition
from gql.schema.image import image_from
from gql.schema.log_items import CaughtUp, LogItem, Progress
from gql.schema.scalars import Cursor
from gql.schema.states import ImageChanged, RenditionSettled

PROGRESS_EVERY: Final = 1000
"""Positions, so that whoever is told nothing else reads at most so many events twice."""

Events: TypeAlias = AsyncGenerator[Sequence[Entry[LogItem]], None]
Settled: TypeAlias = AsyncGenerator[Sequence[Entry[RenditionSettled]], None]
States: TypeAlias = AsyncGenerator[Sequence[Entry[ImageChanged]], None]


async def events_after(position: int, head: int, wanted: Wanted) -> Events:
    """All that is wanted after a position; `head` is where the past ends."""
    context = wanted.context
    if position >= head:
        yield [_caught_up(position, context)]
    async with aclosing(context.log.follow_batches(position)) as batches:
        async for events in batches:
            chosen = await wanted.choose(events)
            entries: list[Entry[LogItem]] = []
            for recorded in events:
                at = recorded.position
                if at in chosen and recorded.event is not None:
                    entries.append(Entry(at, partial(event_item, recorded, recorded.event, context)))
                elif at % PROGRESS_EVERY == 0 and at != head:
                    cursor = Cursor(context.cursor(at))
                    entries.append(Entry(("progress", at), partial(Progress, cursor=cursor)))
                if at == head:
                    entries.append(_caught_up(head, context))
            if entries:
                yield entries


async def settled_after(position: int, image_id: str | None, context: Context) -> Settled:
    """Renditions that come to their end after a position, of one image or of all."""
    async with aclosing(context.log.follow_batches(position)) as batches:
        async for events in batches:
            entries = [
                Entry(recorded.position, partial(_settled, recorded.position, recorded.event, context))
                for recorded in events
                if isinstance(recorded.event, RenderingFinished | RenderingFailed)
                and recorded.owner == context.caller.owner
                and image_id in {None, recorded.event.image_id}
            ]
            if entries:
                yield entries


async def states_after(position: int | None, head: int, image_id: str, context: Context) -> States:
    """An image as it is after each change that follows a position; without one, as it is now first.

    What happens while a state is on its way is in the next one, which is read when that is asked for.
    """
    owner = context.caller.owner
    if position is None:
        found = await context.recent.since(owner, image_id, head)
        position = found.as_of
        yield [_state(found, context)]
    while True:
        changed = await _next_change(position, image_id, context)
        found = await context.recent.since(owner, image_id, changed)
        position = found.as_of
        yield [_state(found, context)]


async def _next_change(position: int, image_id: str, context: Context) -> int:
    """Where something happened to an image next; the last of several that are there at once."""
    async with aclosing(context.log.follow_batches(position)) as batches:
        async for events in batches:
            changes = [recorded for recorded in events if _is_about(recorded, image_id, context)]
            if changes:
                return changes[-1].position
    raise RuntimeError("the log has come to an end")


def _is_about(recorded: RecordedEvent, image_id: str, context: Context) -> bool:
    event = recorded.event
    return event is not None and image_of(event) == image_id and recorded.owner == context.caller.owner


def _caught_up(head: int, context: Context) -> Entry[LogItem]:
    return Entry(("caught up", head), partial(CaughtUp, cursor=Cursor(context.cursor(head))))


async def _settled(
    position: int, event: RenderingFinished | RenderingFailed, context: Context
) -> RenditionSettled | None:
    rendition = await find_rendition(context, event.image_id, event.rendition_id)
    if rendition is None:
        return None
    return RenditionSettled(cursor=Cursor(context.cursor(position)), rendition=rendition)


def _state(found: Snapshot[ImageView | None], context: Context) -> Entry[ImageChanged]:
    def make() -> ImageChanged:
        image = None if found.value is None else image_from(found.value, found.as_of, context)
        return ImageChanged(cursor=Cursor(context.cursor(found.as_of)), image=image)

    return Entry(found.as_of, make)
