"""The feeds of subscriptions: each is a way of following the log from a position."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Final, TypeAlias

from domain.events import PresetReplayed, PresetRolledBack, RenderingFailed, RenderingFinished, image_of
from domain.ports.log import RecordedEvent
from domain.ports.read_model import Snapshot
from domain.ports.views import ImageView
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

Facts: TypeAlias = AsyncGenerator[Sequence[Entry[RecordedEvent | LogItem]], None]
Ends: TypeAlias = AsyncGenerator[Sequence[Entry[RecordedEvent]], None]
States: TypeAlias = AsyncGenerator[Sequence[Entry[Snapshot[ImageView | None]]], None]


async def events_after(position: int, head: int, wanted: Wanted) -> Facts:
    """All that is wanted after a position; `head` is where the past ends."""
    context = wanted.context
    if position >= head:
        yield [_caught_up(position, context)]
    async with aclosing(context.log.follow_batches(position)) as batches:
        async for events in batches:
            told = context.log.forgettings  # what was made of the same events before is another thing
            chosen = await wanted.choose(events)
            facts = {recorded.position: recorded for recorded in chosen}
            entries: list[Entry[RecordedEvent | LogItem]] = [
                ((told, at), recorded) for at, recorded in facts.items()
            ]
            first, last = events[0].position, events[-1].position
            reached = range(-(-first // PROGRESS_EVERY) * PROGRESS_EVERY, last + 1, PROGRESS_EVERY)
            entries += [_progress(at, context) for at in reached if at not in facts and at != head]
            if first <= head <= last:
                entries.append(_caught_up(head, context))
            if len(entries) > len(facts):
                entries.sort(key=_place)
            if entries:
                yield entries


def item_of(context: Context, subject: RecordedEvent | LogItem) -> LogItem:
    if isinstance(subject, LogItem):
        return subject
    if subject.event is None:
        raise TypeError(f"nobody knows what a {subject.type} is")
    return event_item(subject, subject.event, context)


async def ends_after(position: int, image_id: str | None, context: Context) -> Ends:
    """Renditions that come to their end after a position, of one image or of all."""
    async with aclosing(context.log.follow_batches(position)) as batches:
        async for events in batches:
            entries = [
                (recorded.position, recorded)
                for recorded in events
                if isinstance(recorded.event, RenderingFinished | RenderingFailed)
                and recorded.owner == context.caller.owner
                and image_id in {None, recorded.event.image_id}
            ]
            if entries:
                yield entries


async def settled_of(context: Context, recorded: RecordedEvent) -> RenditionSettled | None:
    event = recorded.event
    if not isinstance(event, RenderingFinished | RenderingFailed):
        return None
    rendition = await find_rendition(context, event.image_id, event.rendition_id)
    if rendition is None:
        return None
    return RenditionSettled(cursor=Cursor(context.cursor(recorded.position)), rendition=rendition)


async def states_after(position: int | None, head: int, image_id: str, context: Context) -> States:
    """An image as it is after each change that follows a position; without one, as it is now first.

    What happens while a state is on its way is in the next one, which is read when that is asked for.
    """
    owner = context.caller.owner
    if position is None:
        found = await context.recent.since(owner, image_id, head)
        position = found.as_of
        yield [(position, found)]
    while True:
        changed = await _next_change(position, image_id, context)
        found = await context.recent.since(owner, image_id, changed)
        position = found.as_of
        yield [(position, found)]


def state_of(context: Context, found: Snapshot[ImageView | None]) -> ImageChanged:
    image = None if found.value is None else image_from(found.value, found.as_of, context)
    return ImageChanged(cursor=Cursor(context.cursor(found.as_of)), image=image)


async def _next_change(position: int, image_id: str, context: Context) -> int:
    """Where something happened to an image next; the last of several that are there at once."""
    async with aclosing(context.log.follow_batches(position)) as batches:
        async for events in batches:
            changes = [recorded for recorded in events if _is_about(recorded, image_id, context)]
            if changes:
                return changes[-1].position
    raise RuntimeError("the log has come to an end")


def _is_about(recorded: RecordedEvent, image_id: str, context: Context) -> bool:
    """A switch of what is shown of a preset is about all images."""
    event = recorded.event
    about = isinstance(event, PresetReplayed | PresetRolledBack) or (event and image_of(event) == image_id)
    return bool(about) and recorded.owner == context.caller.owner


def _progress(position: int, context: Context) -> Entry[RecordedEvent | LogItem]:
    return ("progress", position), Progress(cursor=Cursor(context.cursor(position)))


def _caught_up(head: int, context: Context) -> Entry[RecordedEvent | LogItem]:
    return ("caught up", head), CaughtUp(cursor=Cursor(context.cursor(head)))


def _place(entry: Entry[RecordedEvent | LogItem]) -> int:
    """Its position; at one position an event stays before what follows it."""
    key = entry[0]
    position: int = key[1] if isinstance(key, tuple) else key  # type: ignore[assignment]
    return position
