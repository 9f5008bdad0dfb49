"""Asking for what was: a moment named by a cursor or by a time."""

from __future__ import annotations

import strawberry

from gql.context import Context
from gql.schema.scalars import Cursor, DateTime


@strawberry.input(
    one_of=True,
    description="A moment of the past: what was true when the log stood at a cursor, or at a time.",
)
class AsOf:
    cursor: Cursor | None = strawberry.UNSET
    time: DateTime | None = strawberry.field(
        default=strawberry.UNSET, description="What had happened by then; a time to come means now."
    )


async def position_of(as_of: AsOf | None, context: Context) -> int | None:
    """None where nothing but the present is asked for. Raises InvalidCursor."""
    if as_of is None:
        return None
    if as_of.cursor:
        return context.position(as_of.cursor, field="asOf")
    assert as_of.time is not None  # noqa: S101  (one of the two is there)
    return await context.log.position_at(as_of.time)
