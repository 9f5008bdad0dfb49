"""Scalars beside the five of GraphQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from domain.errors import InvalidInput

Cursor = NewType("Cursor", str)
DateTime = NewType("DateTime", datetime)
Json = NewType("Json", object)


def _parse_cursor(value: object) -> Cursor:
    if not isinstance(value, str):
        raise InvalidInput("A Cursor is a string. Use one as it was given.")
    return Cursor(value)


def _parse_moment(value: object) -> DateTime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not isinstance(value, str):
        raise InvalidInput("A DateTime is a date, a time and an offset: 2026-01-31T12:00:00Z.")
    try:
        return DateTime(moment.astimezone(UTC))
    except OverflowError:
        raise InvalidInput("A DateTime lies between the years 1 and 9999.") from None


def _show_moment(value: datetime) -> str:
    return value.isoformat().replace("+00:00", "Z")


def _refuse_json(value: object) -> Any:  # noqa: ANN401
    raise InvalidInput("JSON is not taken as input.")


SCALARS: Final[Mapping[object, ScalarDefinition]] = {
    Cursor: strawberry.scalar(
        name="Cursor",
        description="Opaque text naming a position of the log. Keep it to go on from there, or to know "
        "what a result has seen.",
        serialize=str,
        parse_value=_parse_cursor,
    ),
    DateTime: strawberry.scalar(
        name="DateTime",
        description="A moment, to the microsecond: RFC 3339, in UTC.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        serialize=_show_moment,
        parse_value=_parse_moment,
    ),
    Json: strawberry.scalar(
        name="JSON",
        description="A JSON value of any form.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc8259",
        serialize=lambda value: value,
        parse_value=_refuse_json,
    ),
}
