"""The same change of many images, as one operation with a beginning, progress and an end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, assert_never

from domain.commands import (
    ChangeImage,
    DeleteImage,
    EraseImage,
    PurgeImage,
    RestoreImage,
    SetRecipe,
    StartOperation,
    TagImage,
    UndoCommand,
    UntagImage,
)
from domain.edits import LARGEST_RECIPE
from domain.errors import Conflict, InvalidInput, NotFound
from domain.events import (
    BulkAction,
    OperationCancelled,
    OperationEvent,
    OperationFinished,
    OperationProgressed,
    OperationStarted,
)
from domain.operations.catalogue import canonical
from domain.query import Selection
from domain.recipe import Recipe
from domain.text import clean_tags

LARGEST_SELECTION: Final = 10_000
"""Of images named one by one; a filter may find any number."""


@dataclass(frozen=True, slots=True)
class Counts:
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    failed: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.refused + other.refused,
            self.failed + other.failed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkOperation:
    """`through`: up to where in the selection it is; see OperationProgressed."""

    started: OperationStarted
    through: int = 0
    counts: Counts = Counts()
    cancelled: bool = False
    ended: bool = False


_PREFIX: Final = "operation-"


def operation_stream(operation_id: str) -> str:
    """Also the correlation id of all that the operation leads to."""
    return f"{_PREFIX}{operation_id}"


def operation_of(correlation_id: str) -> str | None:
    """Which operation led to an event, if one did."""
    return correlation_id.removeprefix(_PREFIX) if correlation_id.startswith(_PREFIX) else None


def child_command_id(operation_id: str, thing_id: str) -> str:
    """The command id under which an operation changes a thing: repeated after a crash, it is done once."""
    return f"operation-{operation_id}-{thing_id}"


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
        case BulkAction.ERASE:
            return EraseImage(image_id=image_id)
        case BulkAction.UNDO:
            undone = child_command_id(started.undoes, image_id)
            return UndoCommand(image_id=image_id, command_id=undone)
        case BulkAction.REPLAY:
            raise ValueError("a replay asks for renditions, and changes no image")
        case _:
            assert_never(started.action)


def cleaned(command: StartOperation) -> StartOperation:
    """What is asked, checked and in its plain form, so that no image has to be refused for what is wrong
    with all of it. Raises InvalidInput, and UnknownName, which is one."""
    images = command.images
    if isinstance(images, tuple):
        images = _named(images)
    match command.action:
        case BulkAction.TAG | BulkAction.UNTAG:
            if not (tags := clean_tags(command.tags)):
                raise InvalidInput("Name at least one tag.", field="tags")
            return replace(command, images=images, tags=tags, steps=())
        case BulkAction.SET_RECIPE:
            if len(command.steps) > LARGEST_RECIPE:
                message = f"A recipe has at most {LARGEST_RECIPE} steps; this has {len(command.steps)}."
                raise InvalidInput(message, field="steps")
            steps = canonical(Recipe(command.steps)).steps
            return replace(command, images=images, tags=(), steps=steps)
        case _:
            return replace(command, images=images, tags=(), steps=())


def begin(operation_id: str, command: StartOperation, total: int, as_of: int) -> OperationStarted:
    """`as_of`: when what the filter finds was counted."""
    if isinstance(command.images, tuple):
        selection = Selection(image_ids=command.images, as_of=as_of)
    else:
        selection = Selection(filter=command.images, as_of=as_of)
    return OperationStarted(
        operation_id=operation_id,
        action=command.action,
        total=total,
        steps=command.steps,
        selection=selection,
        tags=command.tags,
    )


def begin_replay(operation_id: str, preset_id: str, version: int, total: int, as_of: int) -> OperationStarted:
    """Of the images that had a rendition by the preset when these were counted."""
    return OperationStarted(
        operation_id=operation_id,
        action=BulkAction.REPLAY,
        total=total,
        preset_id=preset_id,
        preset_version=version,
        selection=Selection(as_of=as_of),
    )


def begin_undo(operation_id: str, undone: BulkOperation) -> OperationStarted:
    """A new operation on the images that another one changed. Raises Conflict."""
    if not undone.ended:
        raise Conflict("The operation has not ended yet. Cancel it, or wait for its end.", field="id")
    if undone.started.action in {BulkAction.PURGE, BulkAction.ERASE}:
        raise Conflict("What was purged is gone for good; this operation cannot be undone.", field="id")
    if undone.started.action is BulkAction.REPLAY:
        raise Conflict("A replay changes no image: roll the preset back instead.", field="id")
    return OperationStarted(
        operation_id=operation_id,
        action=BulkAction.UNDO,
        total=undone.counts.changed,
        undoes=undone.started.operation_id,
    )


def progress(operation: BulkOperation, through: int, counts: Counts) -> Sequence[OperationEvent]:
    """Record how far it is, and what came of this part. Also where it was cancelled meanwhile: what was
    under way has been done."""
    if operation.ended or through <= operation.through:
        return []
    total = operation.counts + counts
    return [
        OperationProgressed(
            operation_id=operation.started.operation_id,
            through=through,
            changed=total.changed,
            unchanged=total.unchanged,
            refused=total.refused,
            failed=total.failed,
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
            failed=counts.failed,
        )
    ]


def cancel(operation: BulkOperation) -> Sequence[OperationEvent]:
    """Raises Conflict where it has ended."""
    if operation.ended:
        raise Conflict("The operation has ended. It can be undone.", field="id")
    if operation.cancelled:
        return []
    return [OperationCancelled(operation_id=operation.started.operation_id)]


def evolve(operation: BulkOperation | None, event: OperationEvent) -> BulkOperation:
    """The operation after one more event."""
    if isinstance(event, OperationStarted):
        return BulkOperation(started=event)
    if operation is None:
        raise ValueError(f"{type(event).__name__} before OperationStarted")
    match event:
        case OperationProgressed():
            return replace(operation, through=event.through, counts=_counts(event))
        case OperationCancelled():
            return replace(operation, cancelled=True)
        case OperationFinished():
            return replace(operation, counts=_counts(event), ended=True)
        case _:
            assert_never(event)


def unknown_operation() -> NotFound:
    return NotFound("There is no such operation.", field="id")


def _counts(event: OperationProgressed | OperationFinished) -> Counts:
    return Counts(event.changed, event.unchanged, event.refused, event.failed)


def _named(image_ids: tuple[str, ...]) -> tuple[str, ...]:
    """Each once, in their order."""
    named = tuple(dict.fromkeys(image_ids))
    if not named:
        raise InvalidInput("Name at least one image, or select them by a filter.", field="images")
    if len(named) > LARGEST_SELECTION:
        raise InvalidInput(
            f"At most {LARGEST_SELECTION:,} images are named one by one; these are {len(named):,}. "
            "Select them by a filter.",
            field="images",
        )
    return named
