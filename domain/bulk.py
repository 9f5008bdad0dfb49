"""The same change of many images, as one operation with a beginning, progress and an end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, assert_never

from domain.commands import (
    ChangeImage,
    DeleteImage,
    PurgeImage,
    RestoreImage,
    SetRecipe,
    TagImage,
    UndoCommand,
    UntagImage,
)
from domain.errors import Conflict, InvalidInput, NotFound
from domain.events import (
    BulkAction,
    OperationCancelled,
    OperationEvent,
    OperationFinished,
    OperationProgressed,
    OperationStarted,
)

LARGEST_SELECTION: Final = 10_000
"""Of images named one by one; a filter may find any number."""


@dataclass(frozen=True, slots=True)
class Counts:
    changed: int = 0
    unchanged: int = 0
    refused: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.changed + other.changed, self.unchanged + other.unchanged, self.refused + other.refused
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkOperation:
    started: OperationStarted
    through: int = 0
    counts: Counts = Counts()
    ended: bool = False


_PREFIX: Final = "operation-"


def operation_stream(operation_id: str) -> str:
    """Also the correlation id of all that the operation leads to."""
    return f"{_PREFIX}{operation_id}"


def operation_of(correlation_id: str) -> str | None:
    """Which operation led to an event, if one did."""
    return correlation_id.removeprefix(_PREFIX) if correlation_id.startswith(_PREFIX) else None


def child_command_id(operation_id: str, image_id: str) -> str:
    """The command id under which an operation changes an image: repeated after a crash, it is done once."""
    return f"operation-{operation_id}-{image_id}"


def command_for(started: OperationStarted, image_id: str) -> ChangeImage:
    """What an operation asks of one image."""
    match started.action:
        case BulkAction.TAG:
            return TagImage(image_id=image_id, tags=started.tags)
        case BulkAction.UNTAG:
            return UntagImage(image_id=image_id, tags=started.tags)
        case BulkAction.SET_RECIPE:
            return SetRecipe(image_id=image_id, steps=started.steps)
        case BulkAction.DELETE:
            return DeleteImage(image_id=image_id)
        case BulkAction.RESTORE:
            return RestoreImage(image_id=image_id)
        case BulkAction.PURGE:
            return PurgeImage(image_id=image_id)
        case BulkAction.UNDO:
            undone = child_command_id(started.undoes, image_id)
            return UndoCommand(image_id=image_id, command_id=undone)
        case _:
            assert_never(started.action)


def start(operation: BulkOperation | None, started: OperationStarted) -> Sequence[OperationEvent]:
    """Raises Conflict and InvalidInput."""
    if operation is not None:
        raise Conflict("This operation was started before.")
    named = started.selection.image_ids
    if named is not None and len(named) > LARGEST_SELECTION:
        raise InvalidInput(
            f"At most {LARGEST_SELECTION:,} images are named one by one; these are {len(named):,}. "
            "Select them by a filter.",
            field="images",
        )
    return [started]


def progress(operation: BulkOperation, through: int, counts: Counts) -> Sequence[OperationEvent]:
    """Record how far it is."""
    if operation.ended:
        return []
    return [
        OperationProgressed(
            operation_id=operation.started.operation_id,
            through=through,
            changed=counts.changed,
            unchanged=counts.unchanged,
            refused=counts.refused,
        )
    ]


def finish(operation: BulkOperation) -> Sequence[OperationEvent]:
    if operation.ended:
        return []
    counts = operation.counts
    return [
        OperationFinished(
            operation_id=operation.started.operation_id,
            changed=counts.changed,
            unchanged=counts.unchanged,
            refused=counts.refused,
        )
    ]


def cancel(operation: BulkOperation | None) -> Sequence[OperationEvent]:
    """Raises NotFound, and Conflict where it has ended."""
    if operation is None:
        raise NotFound("There is no such operation.", field="id")
    if operation.ended:
        raise Conflict("The operation has ended. It can be undone.", field="id")
    return [OperationCancelled(operation_id=operation.started.operation_id)]


def evolve(operation: BulkOperation | None, event: OperationEvent) -> BulkOperation:
    """The operation after one more event."""
    if isinstance(event, OperationStarted):
        return BulkOperation(started=event)
    if operation is None:
        raise ValueError(f"{type(event).__name__} before OperationStarted")
    match event:
        case OperationProgressed():
            counts = Counts(event.changed, event.unchanged, event.refused)
            return replace(operation, through=event.through, counts=counts)
        case OperationFinished() | OperationCancelled():
            return replace(operation, ended=True)
        case _:
            assert_never(event)
