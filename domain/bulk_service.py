"""Bulk operations asked for, cancelled and undone; `infrastructure.operations` carries them out."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Final

from domain.bulk import (
    BulkOperation,
    begin,
    begin_undo,
    cancel,
    cleaned,
    evolve,
    operation_stream,
    unknown_operation,
)
from domain.commands import StartOperation
from domain.errors import InvalidInput
from domain.events import BulkAction, OperationEvent, OperationStarted
from domain.paging import micros
from domain.ports.log import Append, Appended, Context, EventLog, Expect, RecordedEvent, StreamAppend
from domain.ports.read_model import ReadModel
from domain.query import ImageFilter
from domain.requests import Caller, request_context, retried


@dataclass(frozen=True, slots=True)
class OperationDone:
    """The operation that a command was about, and the position at which its outcome shows."""

    operation_id: str
    position: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """An operation as it stands, and the event that it began with."""

    first: RecordedEvent
    operation: BulkOperation
    version: int


class BulkService:
    """What may be asked about many images at once. Each request is done once, however often it is repeated.

    What is answered here has begun; it goes on until it has ended, over any restart.
    """

    def __init__(self, log: EventLog, read_model: ReadModel) -> None:
        self._log = log
        self._read_model = read_model

    async def start(self, caller: Caller, command: StartOperation, command_id: str | None) -> OperationDone:
        """Change the images named, or all that a filter finds now: what comes or goes later makes no
        difference to it. Raises Refusal.

        An operation is undone by `undo`, ERASE is `erase`, and REPLAY is of a preset.
        """
        if command.action in {BulkAction.UNDO, BulkAction.ERASE, BulkAction.REPLAY}:
            raise InvalidInput("This is no change of images that are selected.", field="action")
        return await self._start(caller, cleaned(command), command_id)

    async def erase(self, caller: Caller, command_id: str | None) -> OperationDone:
        """Destroy all images and albums that the caller's owner has at this moment, deleted or not, for good.

        Raises Refusal.
        """
        everything = StartOperation(action=BulkAction.ERASE, images=ImageFilter(deleted=None))
        return await self._start(caller, everything, command_id)

    async def undo(self, caller: Caller, operation_id: str, command_id: str | None) -> OperationDone:
        """Take back what an operation that has ended did, but for what was changed again since.

        Raises Refusal.
        """
        context = request_context(caller, command_id, "undo operation", operation_id)
        before = await self._log.answered(context)
        if before is not None:
            return operation_done(before)
        loaded = await load(self._log, caller.owner, operation_id)
        if loaded is None:
            raise unknown_operation()
        return await begin_operation(self._log, context, begin_undo(uuid.uuid4().hex, loaded.operation))

    async def cancel(self, caller: Caller, operation_id: str, command_id: str | None) -> OperationDone:
        """Have an operation end early: what is under way is completed. Raises Refusal."""
        context = request_context(caller, command_id, "cancel operation", operation_id)
        context = replace(context, correlation_id=operation_stream(operation_id))
        before = await self._log.answered(context)
        if before is not None:
            return operation_done(before)

        async def attempt() -> OperationDone:
            loaded = await load(self._log, caller.owner, operation_id)
            if loaded is None:
                raise unknown_operation()
            events = cancel(loaded.operation)
            write = StreamAppend(operation_stream(operation_id), events, loaded.version)
            return operation_done(
                await self._log.append(Append(context=context, writes=[write], answer=operation_id))
            )

        return await retried(attempt)

    async def _start(self, caller: Caller, command: StartOperation, command_id: str | None) -> OperationDone:
        body = asdict(command, dict_factory=_plain)
        context = request_context(caller, command_id, "start operation", body)
        before = await self._log.answered(context)
        if before is not None:
            return operation_done(before)
        as_of = self._log.head
        total = await self._total(caller.owner, command, as_of)
        return await begin_operation(self._log, context, begin(uuid.uuid4().hex, command, total, as_of))

    async def _total(self, owner: str, command: StartOperation, as_of: int) -> int:
        if isinstance(command.images, tuple):
            return len(command.images)
        return await self._read_model.count(owner, command.images, as_of)


async def begin_operation(log: EventLog, context: Context, started: OperationStarted) -> OperationDone:
    stream = operation_stream(started.operation_id)
    append = Append(
        context=replace(context, correlation_id=stream),
        writes=[StreamAppend(stream, [started], Expect.NO_STREAM)],
        answer=started.operation_id,
    )
    return operation_done(await log.append(append))


async def load(log: EventLog, owner: str, operation_id: str) -> Loaded | None:
    """An operation of this owner. Of its progress only the last word counts, so that it is three events at
    most that are read, however long it takes."""
    stream = operation_stream(operation_id)
    beginning = await log.read_stream(stream, limit=1)
    if not beginning or beginning[0].owner != owner:
        return None
    recent = await log.read_stream_back(stream, _BEYOND_ALL, 2)
    operation: BulkOperation | None = None
    for recorded in (*beginning, *(each for each in reversed(recent) if each.version > 1)):
        if isinstance(recorded.event, OperationEvent):
            operation = evolve(operation, recorded.event)
    return None if operation is None else Loaded(beginning[0], operation, recent[0].version)


_BEYOND_ALL: Final = 2**63 - 1


def _plain(items: list[tuple[str, object]]) -> dict[str, object]:
    """Moments as numbers, which are the same in every time zone."""
    return {name: micros(value) if isinstance(value, datetime) else value for name, value in items}


def operation_done(appended: Appended) -> OperationDone:
    return OperationDone(appended.answer, appended.position)
