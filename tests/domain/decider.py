"""Histories as sentences: given events, when a command comes, then these events follow."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from domain.commands import ImageCommand
from domain.errors import Refusal
from domain.events import ImageEvent
from domain.image import decide, image_from


@dataclass(frozen=True)
class When:
    history: tuple[ImageEvent, ...]
    command: ImageCommand

    def then(self, *expected: ImageEvent) -> None:
        assert tuple(decide(image_from(self.history), self.command)) == expected

    def then_refused(self, code: str) -> None:
        with pytest.raises(Refusal) as refused:
            decide(image_from(self.history), self.command)
        assert refused.value.code == code


@dataclass(frozen=True)
class Given:
    history: tuple[ImageEvent, ...]

    def when(self, command: ImageCommand) -> When:
        return When(self.history, command)


def given(*history: ImageEvent) -> Given:
    return Given(history)
