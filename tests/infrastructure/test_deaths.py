"""Deaths of workers are counted by original, whatever they were working on."""

from __future__ import annotations

from contextlib import suppress

import pytest

from domain.errors import Busy, Quarantined, TooSlow, WorkerDied
from domain.quarantine import Quarantine
from domain.recipe import Recipe, Step
from infrastructure import deaths as module
from infrastructure.deaths import Deaths
from infrastructure.pixels.checkpoint import Superseded

A, B, C = "a" * 64, "b" * 64, "c" * 64
LONG = Recipe((Step("median", {"radius": 25}),) * 100)
QUICK = Recipe((Step("grayscale"),))


def work(deaths: Deaths, end: BaseException | None = None, sha256: str = A, *recipes: Recipe) -> None:
    """A task that comes to this end, or to its own."""
    with suppress(WorkerDied, TooSlow, Busy, Superseded, MemoryError), deaths.counted(sha256, *recipes):
        if end is not None:
            raise end


@pytest.fixture
def deaths() -> Deaths:
    return Deaths()


def test_after_two_deaths_nothing_is_begun(deaths: Deaths) -> None:
    """The last death says why; other originals are worked on."""
    work(deaths, WorkerDied("First."))
    assert deaths.quarantine(A) is None
    work(deaths, TooSlow("Second."), A, QUICK)
    assert deaths.quarantine(A) == Quarantine("TOO_SLOW", "Second.")
    with pytest.raises(Quarantined, match=r"Second\."), deaths.counted(A):
        pytest.fail("it was begun")
    work(deaths, WorkerDied("First."), B)
    assert deaths.quarantine(B) is None


def test_a_death_is_told_to_who_waits(deaths: Deaths) -> None:
    """As it was raised."""
    with pytest.raises(WorkerDied, match="It died"), deaths.counted(A):
        raise WorkerDied("It died.")


def test_a_success_begins_the_row_anew(deaths: Deaths) -> None:
    """So chance alone quarantines nothing."""
    for end in (WorkerDied("It died."), None, WorkerDied("It died.")):
        work(deaths, end)
    assert deaths.quarantine(A) is None
    work(deaths, WorkerDied("It died."))
    assert deaths.quarantine(A) is not None
    with suppress(Quarantined):
        work(deaths)
    assert deaths.quarantine(A) is not None


@pytest.mark.parametrize("end", [Superseded(), Busy("later"), MemoryError(), TooSlow("By its recipe.")])
def test_what_comes_to_no_end_says_nothing(deaths: Deaths, end: BaseException) -> None:
    """It neither counts nor begins the row anew."""
    for _ in range(2):
        work(deaths, end, A, LONG)
    assert deaths.quarantine(A) is None
    work(deaths, WorkerDied("It died."))
    work(deaths, end, A, LONG)
    assert deaths.quarantine(A) is None
    work(deaths, WorkerDied("It died."))
    assert deaths.quarantine(A) is not None


def test_work_that_overlaps_dies_once(deaths: Deaths) -> None:
    """A machine without memory ends all workers in one moment; it is not the file's fault."""
    with suppress(WorkerDied), deaths.counted(A):
        work(deaths, WorkerDied("It died."))
        raise WorkerDied("It died.")
    assert deaths.quarantine(A) is None
    work(deaths, WorkerDied("It died."))
    assert deaths.quarantine(A) is not None


def test_what_was_under_way_changes_nothing_any_more(deaths: Deaths) -> None:
    """Be it that it survives: the event is on its way to the log."""
    with deaths.counted(A):
        work(deaths, WorkerDied("It died."))
        work(deaths, WorkerDied("It died."))
    assert deaths.quarantine(A) is not None


def test_who_follows_is_told_until_nobody_asks(deaths: Deaths) -> None:
    """At the second death, and when the original is asked for all the same."""
    told: list[str] = []
    deaths.follow(told.append)
    work(deaths, WorkerDied("It died."))
    assert told == []
    work(deaths, WorkerDied("It died."))
    assert told == [A]
    with pytest.raises(Quarantined):
        work(deaths)
    assert told == [A, A]


def test_what_is_forgotten_begins_anew(deaths: Deaths) -> None:
    """It may be brought again, after a purge."""
    work(deaths, WorkerDied("It died."))
    work(deaths, WorkerDied("It died."))
    deaths.forget(A)
    assert deaths.quarantine(A) is None
    work(deaths, WorkerDied("It died."))
    assert deaths.quarantine(A) is None


def test_few_are_remembered(deaths: Deaths, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that somebody died of last."""
    monkeypatch.setattr(module, "MOST", 2)
    for sha256 in (A, B, C, B, A):
        work(deaths, WorkerDied("It died."), sha256)
    assert [deaths.quarantine(each) is not None for each in (A, B, C)] == [False, True, False]
