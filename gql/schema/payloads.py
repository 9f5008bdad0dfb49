"""What mutations take and answer in common."""

from __future__ import annotations

from typing import Final

import strawberry
from strawberry.utils.str_converters import to_camel_case

from domain.errors import Refusal, VersionConflict

COMMAND_ID: Final = (
    "Yours to choose, a UUID for example: a request that repeats it is done once and answered alike."
)
EXPECTED: Final = "Refuse with VERSION_CONFLICT where it is at another version by now."
POSITION: Final = "Where the outcome stands in the log; null where nothing was done."


@strawberry.type(description="Why a request was not carried out; nothing was changed.")
class UserError:
    code: str = strawberry.field(description="Stable: programs may match on it.")
    message: str = strawberry.field(description="What was wrong, and what would be right.")
    field: list[str] | None = strawberry.field(
        description="The part of the input that it is about, from the outside in: [`gaussianBlur`, `sigma`]."
    )
    current_version: int | None = strawberry.field(
        description="With VERSION_CONFLICT: the version that it is at by now."
    )


@strawberry.input(description="A thing that is there, and the version of it that is meant.")
class ThingInput:
    id: strawberry.ID
    expected_version: int | None = strawberry.field(default=None, description=EXPECTED)
    command_id: strawberry.ID | None = strawberry.field(default=None, description=COMMAND_ID)


def user_error(refusal: Refusal) -> UserError:
    return UserError(
        code=refusal.code,
        message=refusal.message,
        field=None if refusal.field is None else [to_camel_case(part) for part in refusal.field.split(".")],
        current_version=refusal.current if isinstance(refusal, VersionConflict) else None,
    )
