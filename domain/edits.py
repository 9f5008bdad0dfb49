"""An image's own recipe: steps that are added, changed, moved and switched off one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never

from domain.commands import EnableStep, InsertSteps, MoveStep, RemoveStep, ReplaceStep, SetRecipe
from domain.errors import InvalidInput, NotFound
from domain.events import ImageEvent, RecipeChange, RecipeChanged
from domain.operations.catalogue import announced_size, canonical
from domain.order import checked_index
from domain.recipe import Edit, Recipe, Step, recipe_of

if TYPE_CHECKING:
    from domain.image import Image

LARGEST_RECIPE: Final = 100

EditRecipe: TypeAlias = SetRecipe | InsertSteps | ReplaceStep | MoveStep | EnableStep | RemoveStep
_Edited: TypeAlias = tuple[RecipeChange, tuple[int, ...], Sequence[Edit]]


def changed_edits(image: Image, command: EditRecipe) -> list[ImageEvent]:
    """What a command makes of the recipe: no event where nothing changes. Raises Refusal."""
    change, numbers, edits = _edited(image, command)
    if tuple(edits) == image.revision.edits:
        return []
    _check(image, edits)
    return [
        RecipeChanged(image_id=image.image_id, change=change, numbers=numbers, edits=tuple(edits)),
    ]


def _edited(image: Image, command: EditRecipe) -> _Edited:
    edits = image.revision.edits
    match command:
        case SetRecipe(steps=steps):
            if (
                _canonical(steps)
                == tuple(edit.step for edit in edits if edit.enabled)
                == tuple(edit.step for edit in edits)
            ):
                return RecipeChange.SET, (), edits
            new = _numbered(image, steps)
            return RecipeChange.SET, _numbers(new), new
        case InsertSteps(steps=steps, index=index):
            new = _numbered(image, steps)
            place = len(edits) if index is None else checked_index(index, len(edits))
            change = RecipeChange.APPENDED if place == len(edits) else RecipeChange.INSERTED
            return change, _numbers(new), (*edits[:place], *new, *edits[place:])
        case ReplaceStep(number=number, step=step):
            old = _find(edits, number)
            new_edit = Edit(number, _canonical((step,))[0], old.enabled)
            return RecipeChange.REPLACED, (number,), [new_edit if e is old else e for e in edits]
        case EnableStep(number=number, enabled=enabled):
            old = _find(edits, number)
            change = RecipeChange.ENABLED if enabled else RecipeChange.DISABLED
            switched = Edit(number, old.step, enabled)
            return change, (number,), [switched if e is old else e for e in edits]
        case MoveStep(number=number, index=index):
            moved = _find(edits, number)
            others = [edit for edit in edits if edit is not moved]
            place = checked_index(index, len(others))
            return RecipeChange.MOVED, (number,), [*others[:place], moved, *others[place:]]
        case RemoveStep(number=number):
            gone = _find(edits, number)
            return RecipeChange.REMOVED, (number,), [edit for edit in edits if edit is not gone]
        case _:
            assert_never(command)


def _check(image: Image, edits: Sequence[Edit]) -> None:
    """Raises InvalidInput for a recipe that is too long, or makes too large a picture on the way."""
    if len(edits) > LARGEST_RECIPE:
        message = f"A recipe has at most {LARGEST_RECIPE} steps; this would make {len(edits)}."
        raise InvalidInput(message, field="steps")
    announced_size(recipe_of(edits), image.header.shown_size)


def _canonical(steps: Sequence[Step]) -> tuple[Step, ...]:
    return canonical(Recipe(tuple(steps))).steps


def _numbered(image: Image, steps: Sequence[Step]) -> tuple[Edit, ...]:
    return tuple(Edit(number, step) for number, step in enumerate(_canonical(steps), image.numbered + 1))


def _numbers(edits: Sequence[Edit]) -> tuple[int, ...]:
    return tuple(edit.number for edit in edits)


def _find(edits: Sequence[Edit], number: int) -> Edit:
    for edit in edits:
        if edit.number == number:
            return edit
    known = ", ".join(str(edit.number) for edit in edits) or "none"
    raise NotFound(f"The recipe has no step {number}. Its steps: {known}.", field="step")
