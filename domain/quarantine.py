"""Originals that are not decoded any more, because they ended those who tried."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from domain.errors import Quarantined, TooSlow, WorkerDied
from domain.recipe import Recipe

DEATHS: Final = 2
"""So many times an original may end the process that works on it: once may be chance, twice is the file."""

_QUICK: Final = frozenset({"crop", "grayscale", "resize"})
"""Operations that take no longer than decoding: what is too slow with these alone is the file."""


@dataclass(frozen=True, slots=True)
class Quarantine:
    """`code` and `message` are those of the last failure."""

    code: str
    message: str

    @property
    def refusal(self) -> Quarantined:
        """What is said to whoever wants it to be worked on."""
        return Quarantined(f"The picture is not worked on any more after {DEATHS} attempts. {self.message}")


def is_quick(recipe: Recipe) -> bool:
    """Whether it takes no longer than decoding does."""
    return all(step.operation in _QUICK for step in recipe.steps)


def is_deadly(code: str, recipes: Iterable[Recipe]) -> bool:
    """Whether a failure is of the file and not of these recipes, which somebody may have chosen too long."""
    return code == WorkerDied.code or (code == TooSlow.code and all(map(is_quick, recipes)))
