"""Which failures are the file's."""

import pytest

from domain.errors import TooSlow, WorkerDied
from domain.presets import BUILT_IN
from domain.quarantine import is_deadly
from domain.recipe import Recipe, Step

QUICK = [preset.recipe for preset in BUILT_IN]
LONG = Recipe((Step("median", {"radius": 25}),) * 100)


def test_a_death_is_the_files() -> None:
    """Whatever was to be done to it."""
    assert is_deadly(WorkerDied.code, [*QUICK, LONG])


def test_slowness_is_the_files_where_nothing_slow_was_asked_for() -> None:
    """What built-in presets do takes no longer than decoding."""
    assert is_deadly(TooSlow.code, QUICK)
    assert not is_deadly(TooSlow.code, [*QUICK, LONG])


@pytest.mark.parametrize("code", ["RENDER_FAILED", "DAMAGED_FILE", "INVALID_INPUT"])
def test_other_failures_end_nobody(code: str) -> None:
    """They are told, and nothing more."""
    assert not is_deadly(code, QUICK)
