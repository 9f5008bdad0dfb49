"""Histories as sentences: given events, when a command comes, then these events follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import pytest

from domain import album, image
from domain.commands import AlbumCommand, ImageCommand
from domain.errors import Refusal
from domain.events import AlbumEvent, ImageEvent
from domain.history import remember

E = TypeVar("E")
C = TypeVar("C")


@dataclass(frozen=True)
class Given(Generic[E, C]):
    """What has happened: each event by a command of its own, called c1, c2, and so on."""

    happened: tuple[E, ...]

    def when(self, command: C) -> When[E, C]:
        return When(self.happened, command)


@dataclass(frozen=True)
class When(Generic[E, C]):
    happened: tuple[E, ...]
    command: C

    def then(self, *expected: E) -> None:
        assert tuple(_decide(self.happened, self.command)) == expected

    def then_refused(self, code: str) -> None:
        with pytest.raises(Refusal) as refused:
            _decide(self.happened, self.command)
        assert refused.value.code == code


def given(*happened: ImageEvent) -> Given[ImageEvent, ImageCommand]:
    return Given(happened)


def given_album(*happened: AlbumEvent) -> Given[AlbumEvent, AlbumCommand]:
    return Given(happened)


def image_after(*happened: ImageEvent) -> image.Image:
    return remember(_numbered(happened), image.evolve)[-1].state


def _decide(happened: tuple[object, ...], command: object) -> Sequence[object]:
    if isinstance(command, AlbumCommand):
        albums = [event for event in happened if isinstance(event, AlbumEvent)]
        return album.decide(remember(_numbered(albums), album.evolve), command)
    assert isinstance(command, ImageCommand)
    images = [event for event in happened if isinstance(event, ImageEvent)]
    return image.decide(remember(_numbered(images), image.evolve), command)


def _numbered(events: tuple[E, ...] | list[E]) -> list[tuple[int, str, E]]:
    return [(number, f"c{number}", event) for number, event in enumerate(events, 1)]
