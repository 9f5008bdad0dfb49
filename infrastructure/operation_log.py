"""What bulk operations record of themselves, and of whom their commands are."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

import anyio

from domain.bulk import BulkOperation, child_command_id
from domain.bulk_service import Loaded, load
from domain.errors import Unavailable
from domain.events import OperationEvent
from domain.ports.log import Append, Appended, Context, EventLog, StreamAppend
from domain.requests import retried

T = TypeVar("T")

ACTOR: Final = "darkroom"


async def record(
    event_log: EventLog,
    loaded: Loaded,
    decide: Callable[[BulkOperation], Sequence[OperationEvent]],
    besides: Callable[[BulkOperation], Awaitable[Sequence[StreamAppend]]] | None = None,
) -> None:
    """All in one append, decided anew where the operation was cancelled meanwhile, or where what is written
    `besides` has changed."""
    first = loaded.first
    context = Context(
        command_id=str(uuid.uuid4()),
        actor=ACTOR,
        owner=first.owner,
        correlation_id=first.stream,
        causation_id=first.command_id,
    )

    async def attempt() -> Appended | None:
        now = await load(event_log, first.owner, loaded.operation.started.operation_id)
        if now is None or not (events := decide(now.operation)):
            return None
        also = () if besides is None else await besides(now.operation)
        writes = [StreamAppend(first.stream, events, now.version), *also]
        return await event_log.append(Append(context=context, writes=writes))

    await patiently(lambda: retried(attempt))


def child_context(loaded: Loaded, thing_id: str) -> Context:
    """The command on one thing: of whoever started the operation, and the same whenever it is repeated."""
    first = loaded.first
    command_id = child_command_id(loaded.operation.started.operation_id, thing_id)
    return Context(
        command_id=command_id,
        actor=first.actor,
        owner=first.owner,
        fingerprint=command_id,
        correlation_id=first.stream,
        causation_id=first.command_id,
    )


async def patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Wait where the log cannot take it now."""
    while True:
        try:
            return await ask()
        except Unavailable as full:
            await anyio.sleep(full.retry_after)
