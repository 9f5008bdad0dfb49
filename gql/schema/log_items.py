"""What is told of the log, whatever it is about; pages of it, and how far the telling is."""

from __future__ import annotations

from dataclasses import dataclass

import strawberry

from domain.errors import InvalidCursor
from domain.paging import page_size
from gql.schema.pages import PageInfo
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


def _version(cursor: str, field: str) -> int:
    if not (cursor.startswith("v") and cursor[1:].isdecimal() and cursor.isascii() and len(cursor) <= 18):
        raise InvalidCursor("This is no cursor of a history. Use one as it was given.", field=field)
    return int(cursor[1:])
