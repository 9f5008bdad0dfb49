"""What was changed, and may be undone and redone.

A change is what one command did to the part of a thing that can be edited. Undoing is no deletion: it
is a further event, whose outcome is the state before the change, with whatever else was edited since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Generic, TypeVar

from domain.errors import InvalidInput, NothingToRedo, NothingToUndo
from domain.events import Return

S = TypeVar("S")
E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Moment(Generic[S, E]):
    """An event and what the thing was after it."""

    version: int
    command_id: str
    event: E
    state: S


@dataclass(frozen=True, slots=True)
class Change(Generic[S]):
    """What one command did."""

    versions: tuple[int, ...]
    before: S
    after: S


Past = Sequence[Moment[S, E]]


def remember(
    recorded: Iterable[tuple[int, str, E]], evolve: Callable[[S | None, E], S]
) -> list[Moment[S, E]]:
    """The whole past, from versions, command ids and events."""
    moments: list[Moment[S, E]] = []
    for version, command_id, event in recorded:
        state = evolve(moments[-1].state if moments else None, event)
        moments.append(Moment(version, command_id, event, state))
    return moments


def last_done(past: Past[S, E], counts: Callable[[E], bool]) -> Change[S]:
    """The change that is undone next; `counts` says of which events. Raises NothingToUndo."""
    done, _ = _replay(past, counts)
    if not done:
        raise NothingToUndo("There is nothing to undo.", field="id")
    return done[-1]


def last_undone(past: Past[S, E], counts: Callable[[E], bool]) -> Change[S]:
    """The change that is redone next. Raises NothingToRedo."""
    _, undone = _replay(past, counts)
    if not undone:
        raise NothingToRedo("There is nothing to redo.", field="id")
    return undone[-1]


def change_by(past: Past[S, E], command_id: str) -> Change[S] | None:
    """What a command did, unless it began the thing or did nothing to it."""
    return next((change for name, _, change in _changes(past) if name == command_id), None)


def state_at(past: Past[S, E], version: int) -> S:
    """What the thing was after an event of its own. Raises InvalidInput for a version that it never had."""
    for moment in past:
        if moment.version == version:
            return moment.state
    last = past[-1].version
    raise InvalidInput(f"It has had the versions 1 to {last}; there is no {version}.", field="version")


def _replay(past: Past[S, E], counts: Callable[[E], bool]) -> tuple[list[Change[S]], list[Change[S]]]:
    done: list[Change[S]] = []
    undone: list[Change[S]] = []
    for _, events, change in _changes(past):
        why = getattr(events[-1], "why", None)
        if why is Return.UNDO:
            undone.append(done.pop())
        elif why is Return.REDO:
            done.append(undone.pop())
        elif all(counts(event) for event in events):
            done.append(change)
            undone.clear()
    return done, undone


def _changes(past: Past[S, E]) -> Iterable[tuple[str, list[E], Change[S]]]:
    before: S | None = None
    for command_id, group in groupby(past, lambda moment: moment.command_id):
        moments = list(group)
        after = moments[-1].state
        if before is not None:
            versions = tuple(moment.version for moment in moments)
            yield command_id, [moment.event for moment in moments], Change(versions, before, after)
        before = after
