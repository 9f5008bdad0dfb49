"""A bulk operation as its stream tells it: what is asked, how far it is, and its one end."""

from __future__ import annotations

from functools import reduce

import pytest

from domain.bulk import (
    LARGEST_SELECTION,
    BulkOperation,
    Counts,
    begin,
    begin_undo,
    cancel,
    child_command_id,
    cleaned,
    command_for,
    evolve,
    finish,
    progress,
)
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
from domain.errors import Refusal
from domain.events import (
    BulkAction,
    ImageDeleted,
    ImagePurged,
    ImageRestored,
    OperationCancelled,
    OperationEvent,
    OperationFinished,
    OperationProgressed,
    OperationStarted,
)
from domain.query import ImageFilter, Selection
from domain.recipe import Step
from tests.domain.decider import given
from tests.examples import uploaded

ID = "1" * 32
IMAGE = "a" * 32
GRAY = Step("grayscale")

STARTED = OperationStarted(operation_id=ID, action=BulkAction.DELETE, total=3)
CANCELLED = OperationCancelled(operation_id=ID)
FINISHED = OperationFinished(operation_id=ID, changed=2, unchanged=1, refused=0)
PROGRESSED = OperationProgressed(operation_id=ID, through=3, changed=2, unchanged=1, refused=0)


def operation(*events: OperationEvent, action: BulkAction = BulkAction.DELETE) -> BulkOperation:
    started = OperationStarted(operation_id=ID, action=action, total=3)
    return reduce(evolve, events, evolve(None, started))


def refused(ask: object) -> str:
    with pytest.raises(Refusal) as refusal:
        ask()  # type: ignore[operator]
    return refusal.value.code


@pytest.mark.parametrize(
    ("action", "command"),
    [
        (BulkAction.TAG, TagImage(image_id=IMAGE, tags=("sea",))),
        (BulkAction.UNTAG, UntagImage(image_id=IMAGE, tags=("sea",))),
        (BulkAction.SET_RECIPE, SetRecipe(image_id=IMAGE, steps=(GRAY,))),
        (BulkAction.DELETE, DeleteImage(image_id=IMAGE)),
        (BulkAction.RESTORE, RestoreImage(image_id=IMAGE)),
        (BulkAction.PURGE, PurgeImage(image_id=IMAGE)),
        (BulkAction.ERASE, EraseImage(image_id=IMAGE)),
        (BulkAction.UNDO, UndoCommand(image_id=IMAGE, command_id=child_command_id("2" * 32, IMAGE))),
    ],
)
def test_each_action_is_one_command_on_each_image(action: BulkAction, command: ChangeImage) -> None:
    """The very command that changes a single one."""
    started = OperationStarted(
        operation_id=ID, action=action, total=1, undoes="2" * 32, steps=(GRAY,), tags=("sea",)
    )
    assert command_for(started, IMAGE) == command


def test_what_is_asked_is_put_into_its_plain_form() -> None:
    """Images and tags named twice count once; what an action has no use for is dropped."""
    asked = StartOperation(
        action=BulkAction.TAG, images=("b", "a", "b"), tags=(" sea ", "Sea"), steps=(GRAY,)
    )
    assert cleaned(asked) == StartOperation(action=BulkAction.TAG, images=("b", "a"), tags=("sea",))
    recipe = cleaned(StartOperation(action=BulkAction.SET_RECIPE, images=ImageFilter(), steps=(GRAY,)))
    assert [step.operation for step in recipe.steps] == ["grayscale"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (StartOperation(action=BulkAction.DELETE, images=()), "INVALID_INPUT"),
        (StartOperation(action=BulkAction.TAG, images=("a",)), "INVALID_INPUT"),
        (StartOperation(action=BulkAction.UNTAG, images=("a",), tags=("",)), "INVALID_INPUT"),
        (
            StartOperation(action=BulkAction.SET_RECIPE, images=("a",), steps=(Step("blurr"),)),
            "UNKNOWN_NAME",
        ),
        (
            StartOperation(action=BulkAction.SET_RECIPE, images=("a",), steps=(GRAY,) * (LARGEST_RECIPE + 1)),
            "INVALID_INPUT",
        ),
        (
            StartOperation(
                action=BulkAction.DELETE, images=tuple(str(n) for n in range(LARGEST_SELECTION + 1))
            ),
            "INVALID_INPUT",
        ),
    ],
)
def test_what_is_wrong_with_all_of_it_is_refused_at_once(asked: StartOperation, code: str) -> None:
    """Before any image is touched."""
    assert refused(lambda: cleaned(asked)) == code


def test_a_selection_says_when_it_was_made() -> None:
    """By names, or by a filter."""
    named = begin(ID, StartOperation(action=BulkAction.DELETE, images=("a",)), 1, 7)
    assert named.selection == Selection(image_ids=("a",), as_of=7)
    found = begin(ID, StartOperation(action=BulkAction.DELETE, images=ImageFilter(text="x")), 9, 7)
    assert (found.selection, found.total) == (Selection(filter=ImageFilter(text="x"), as_of=7), 9)


def test_progress_adds_up() -> None:
    """Each word of it says all that there is to know."""
    one = operation(*progress(operation(), 3, Counts(2, 1, 0)))
    assert (one.through, one.counts) == (3, Counts(2, 1, 0))
    two = evolve(one, progress(one, 5, Counts(0, 1, 1))[0])
    assert (two.through, two.counts) == (5, Counts(2, 2, 1))
    assert list(finish(two)) == [OperationFinished(operation_id=ID, changed=2, unchanged=2, refused=1)]


def test_the_same_progress_is_recorded_once() -> None:
    """As when two have worked on the same page."""
    assert list(progress(operation(PROGRESSED), 3, Counts(2, 1, 0))) == []


def test_what_was_under_way_counts_although_it_was_cancelled() -> None:
    """It was done; the end says so."""
    cancelled = operation(CANCELLED)
    assert cancelled.cancelled
    assert not cancelled.ended
    after = operation(CANCELLED, *progress(cancelled, 3, Counts(2, 1, 0)))
    assert list(finish(after)) == [FINISHED]


def test_an_operation_ends_once() -> None:
    """Nothing is recorded after its end."""
    ended = operation(PROGRESSED, FINISHED)
    assert ended.ended
    assert list(finish(ended)) == list(progress(ended, 9, Counts(1))) == []


def test_cancelling_twice_is_cancelling_once() -> None:
    """What has ended cannot be cancelled any more."""
    assert list(cancel(operation())) == [CANCELLED]
    assert list(cancel(operation(CANCELLED))) == []
    assert refused(lambda: cancel(operation(FINISHED))) == "CONFLICT"


def test_what_has_ended_can_be_undone() -> None:
    """As a new operation on as many images as were changed, also on those of an undo."""
    undo = begin_undo("2" * 32, operation(PROGRESSED, FINISHED))
    assert (undo.action, undo.undoes, undo.total) == (BulkAction.UNDO, ID, 2)
    assert begin_undo("2" * 32, operation(FINISHED, action=BulkAction.UNDO)).undoes == ID
    assert refused(lambda: begin_undo("2" * 32, operation(CANCELLED))) == "CONFLICT"


@pytest.mark.parametrize("action", [BulkAction.PURGE, BulkAction.ERASE])
def test_what_is_gone_for_good_cannot_be_undone(action: BulkAction) -> None:
    """There is nothing left to bring back."""
    assert refused(lambda: begin_undo("2" * 32, operation(FINISHED, action=action))) == "CONFLICT"


def test_erasing_an_image_needs_no_deletion_before() -> None:
    """But not twice."""

    gone = ImagePurged(image_id=IMAGE)
    erase = EraseImage(image_id=IMAGE)
    given(uploaded(IMAGE)).when(erase).then(gone)
    given(uploaded(IMAGE), ImageDeleted(image_id=IMAGE)).when(erase).then(gone)
    given(uploaded(IMAGE), gone).when(erase).then_refused("ERASED")


def test_a_deletion_that_was_made_again_since_stays() -> None:
    """Undoing a command takes back what it did, not what somebody did after it."""

    deleted, restored = ImageDeleted(image_id=IMAGE), ImageRestored(image_id=IMAGE)
    undo = UndoCommand(image_id=IMAGE, command_id="c2")
    given(uploaded(IMAGE), deleted).when(undo).then(restored)
    given(uploaded(IMAGE), deleted, restored).when(undo).then()
    given(uploaded(IMAGE), deleted, restored, deleted).when(undo).then()
