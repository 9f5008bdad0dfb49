"""What was done to a thing, as a connection of its events."""

from __future__ import annotations

from dataclasses import dataclass

import strawberry

from domain.errors import InvalidCursor
from domain.paging import page_size
from domain.ports import RecordedEvent
from gql.context import Context
from gql.schema.events import Event, event_item
from gql.schema.images import PageInfo


@strawberry.type
class EventEdge:
    cursor: str
    node: Event


@strawberry.type(description="A page of events.")
class EventConnection:
    edges: list[EventEdge]
    page_info: PageInfo
    total_count: int = strawberry.field(description="All events of the thing, up to the version asked about.")

    @strawberry.field(description="The events without their cursors.")
    def nodes(self) -> list[Event]:
        return [edge.node for edge in self.edges]


@dataclass(frozen=True, slots=True)
class VersionPage:
    """Which of the versions from 1 to `newest`: those between two, from one end."""

    after: int
    before: int
    size: int
    backward: bool
    newest: int

    @classmethod
    def of(
        cls, first: int | None, after: str | None, last: int | None, before: str | None, newest: int
    ) -> VersionPage:
        """Raises InvalidInput and InvalidCursor."""
        size, backward = page_size(first, last)
        return cls(
            after=0 if after is None else _version(after, "after"),
            before=newest + 1 if before is None else min(_version(before, "before"), newest + 1),
            size=size,
            backward=backward,
            newest=newest,
        )


async def history(stream: str, page: VersionPage, context: Context) -> EventConnection:
    """The events of a stream of the caller's, on a page."""
    events = await _read(stream, page, context)
    edges = [
        EventEdge(cursor=f"v{recorded.version}", node=event_item(recorded, recorded.event, context))
        for recorded in events
        if recorded.event is not None
    ]
    info = PageInfo(
        has_next_page=bool(events) and events[-1].version + 1 < page.before if not page.backward else False,
        has_previous_page=bool(events) and events[0].version - 1 > page.after if page.backward else False,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return EventConnection(edges=edges, page_info=info, total_count=page.newest)


async def _read(stream: str, page: VersionPage, context: Context) -> list[RecordedEvent]:
    """A stream never has gaps, so the number of versions between two is their difference."""
    size = min(page.size, max(0, page.before - page.after - 1))
    if not size:
        return []
    if page.backward:
        return [*reversed(await context.log.read_stream_back(stream, page.before, size))]
    return list(await context.log.read_stream(stream, page.after, size))


def _version(cursor: str, field: str) -> int:
    if not (cursor.startswith("v") and cursor[1:].isdecimal() and cursor.isascii() and len(cursor) <= 18):
        raise InvalidCursor("This is no cursor of a history. Use one as it was given.", field=field)
    return int(cursor[1:])
