"""What all requests have in common: somebody asks, each is done once, and a lost race is run again."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from domain.errors import InvalidInput, VersionConflict
from domain.ports.log import Context
from domain.recipe import digest

T = TypeVar("T")

ATTEMPTS: Final = 5
"""How often a command that lost a race is decided anew, where its caller named no version."""

COMMAND_ID_LENGTH: Final = 200


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and whose pictures it is about. Both are opaque ids, never names of people."""

    actor: str
    owner: str


def request_context(caller: Caller, command_id: str | None, *body: object) -> Context:
    """`body` is all that makes one request different from another. Raises InvalidInput."""
    if command_id is None:
        return Context(command_id=str(uuid.uuid4()), actor=caller.actor, owner=caller.owner)
    if not 0 < len(command_id) <= COMMAND_ID_LENGTH or not command_id.isprintable():
        raise InvalidInput(
            f"A commandId has 1 to {COMMAND_ID_LENGTH} printable characters; a UUID is a good one.",
            field="commandId",
        )
    return Context(command_id=command_id, actor=caller.actor, owner=caller.owner, fingerprint=digest([*body]))


def check_version(stream: str, expected: int | None, current: int) -> None:
    """Raises VersionConflict."""
    if expected is not None and expected != current:
        raise VersionConflict(stream, expected=f"version {expected}", current=current)


async def retried(attempt: Callable[[], Awaitable[T]]) -> T:
    """Raises VersionConflict when the race was lost every time."""
    for _ in range(ATTEMPTS - 1):
        try:
            return await attempt()
        except VersionConflict:
            continue
    return await attempt()
