"""An image's own recipe, step by step."""

from __future__ import annotations

import pytest

from domain.commands import (
    EnableStep,
    ImageCommand,
    InsertSteps,
    MoveStep,
    RemoveStep,
    ReplaceStep,
    SetRecipe,
)
from domain.events import RecipeChange, RecipeChanged
from domain.operations.catalogue import canonical
from domain.recipe import Edit, Recipe, Step
from tests.domain.decider import given, image_after
from tests.examples import uploaded

ID = "a" * 32
GRAY = canonical(Recipe((Step("grayscale"),))).steps[0]


def small(width: int) -> Step:
    return canonical(Recipe((Step("resize", {"width": width, "height": 10}),))).steps[0]


def changed(change: RecipeChange, numbers: tuple[int, ...], *edits: Edit) -> RecipeChanged:
    return RecipeChanged(image_id=ID, change=change, numbers=numbers, edits=edits)


ONE, TWO, THREE = Edit(1, GRAY), Edit(2, small(20)), Edit(3, small(30))
STACK = (uploaded(ID), changed(RecipeChange.SET, (1, 2, 3), ONE, TWO, THREE))


@pytest.mark.parametrize(
    ("command", "event"),
    [
        (SetRecipe(image_id=ID, steps=(GRAY,)), changed(RecipeChange.SET, (4,), Edit(4, GRAY))),
        (
            InsertSteps(image_id=ID, steps=(GRAY,)),
            changed(RecipeChange.APPENDED, (4,), ONE, TWO, THREE, Edit(4, GRAY)),
        ),
        (
            InsertSteps(image_id=ID, steps=(GRAY, GRAY), index=1),
            changed(RecipeChange.INSERTED, (4, 5), ONE, Edit(4, GRAY), Edit(5, GRAY), TWO, THREE),
        ),
        (
            ReplaceStep(image_id=ID, number=2, step=Step("resize", {"width": 40, "height": 10})),
            changed(RecipeChange.REPLACED, (2,), ONE, Edit(2, small(40)), THREE),
        ),
        (MoveStep(image_id=ID, number=1, index=2), changed(RecipeChange.MOVED, (1,), TWO, THREE, ONE)),
        (
            EnableStep(image_id=ID, number=3, enabled=False),
            changed(RecipeChange.DISABLED, (3,), ONE, TWO, Edit(3, small(30), enabled=False)),
        ),
        (RemoveStep(image_id=ID, number=1), changed(RecipeChange.REMOVED, (1,), TWO, THREE)),
    ],
)
def test_steps_are_changed_one_by_one(command: ImageCommand, event: RecipeChanged) -> None:
    """The event says what was done, and tells the whole recipe."""
    given(*STACK).when(command).then(event)


@pytest.mark.parametrize(
    "command",
    [
        SetRecipe(image_id=ID, steps=(ONE.step, TWO.step, THREE.step)),
        MoveStep(image_id=ID, number=2, index=1),
        EnableStep(image_id=ID, number=2, enabled=True),
        ReplaceStep(image_id=ID, number=1, step=GRAY),
        InsertSteps(image_id=ID, steps=()),
    ],
)
def test_what_changes_nothing_is_not_recorded(command: ImageCommand) -> None:
    """The recipe is as asked already."""
    given(*STACK).when(command).then()


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (RemoveStep(image_id=ID, number=7), "NOT_FOUND"),
        (MoveStep(image_id=ID, number=1, index=3), "INVALID_INPUT"),
        (InsertSteps(image_id=ID, steps=(GRAY,), index=4), "INVALID_INPUT"),
        (InsertSteps(image_id=ID, steps=(GRAY,) * 98), "INVALID_INPUT"),
        (SetRecipe(image_id=ID, steps=(Step("grayscail"),)), "UNKNOWN_NAME"),
        (SetRecipe(image_id=ID, steps=(Step("resize", {"width": -1}),)), "INVALID_INPUT"),
        (SetRecipe(image_id=ID, steps=(Step("resize", {"width": 32000, "height": 32000}),)), "INVALID_INPUT"),
    ],
)
def test_a_wrong_recipe_is_refused(command: ImageCommand, code: str) -> None:
    """Before anything is recorded."""
    given(*STACK).when(command).then_refused(code)


def test_a_number_is_given_once() -> None:
    """A step that was removed does not lend its number to another one."""
    removed = changed(RecipeChange.REMOVED, (3,), ONE, TWO)
    given(*STACK, removed).when(InsertSteps(image_id=ID, steps=(GRAY,))).then(
        changed(RecipeChange.APPENDED, (4,), ONE, TWO, Edit(4, GRAY))
    )


def test_only_enabled_steps_are_done() -> None:
    """A step that is switched off stays in the stack and out of the recipe."""
    off = changed(RecipeChange.DISABLED, (2,), ONE, Edit(2, TWO.step, enabled=False), THREE)
    assert image_after(*STACK, off).recipe == Recipe((ONE.step, THREE.step))
