"""What was done to a thing, as a connection of its events."""

from __future__ import annotations

from domain.ports.log import RecordedEvent
from gql.context import Context
from gql.schema.events import event_item
from gql.schema.log_items import EventConnection, EventEdge, VersionPage
from gql.schema.pages import PageInfo


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
