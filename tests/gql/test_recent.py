from __future__ import annotations

import asyncio

import pytest

from domain.ports.read_model import Snapshot
from domain.ports.views import ImageView
from gql import recent as module
from gql.recent import RecentImages
from infrastructure.memory.log import MemoryEventLog
from infrastructure.memory.read_model import MemoryReadModel


class Positions(MemoryReadModel):
    """Knows no image, but is always at a new position; counts how often it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.at = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def image(self, owner: str, image_id: str, as_of: int | None = None) -> Snapshot[ImageView | None]:
        self.asked += 1
        position = self.at
        await self.gate.wait()
        return Snapshot(None, position)


async def test_what_is_new_enough_is_not_read_again() -> None:
    """And what is not, is."""
    read_model = Positions()
    recent = RecentImages(MemoryEventLog(), read_model)
    read_model.at = 5
    for _ in range(3):
        assert (await recent.since("o", "i", 5)).as_of == 5
    assert read_model.asked == 1
    read_model.at = 7
    assert (await recent.since("o", "i", 6)).as_of == 7
    assert read_model.asked == 2


async def test_what_was_on_its_way_before_is_too_old() -> None:
    """Also for whoever asks at the very moment when it arrives."""
    read_model = Positions()
    recent = RecentImages(MemoryEventLog(), read_model)
    read_model.gate.clear()
    early = asyncio.create_task(recent.since("o", "i", 0))
    while not read_model.asked:
        await asyncio.sleep(0)
    read_model.at = 3
    waiting = [asyncio.create_task(recent.since("o", "i", 3)) for _ in range(3)]
    await asyncio.sleep(0)
    read_model.gate.set()
    while not early.done():
        waiting.append(asyncio.create_task(recent.since("o", "i", 3)))
        await asyncio.sleep(0)
    assert {found.as_of for found in await asyncio.gather(*waiting)} == {3}
    assert read_model.asked == 2


async def test_no_more_are_kept_than_are_worth_it() -> None:
    """The least recent go first."""
    read_model = Positions()
    recent = RecentImages(MemoryEventLog(), read_model)
    for number in range(module._KEPT + 1):
        await recent.since("o", f"{number}", 0)
    assert len(recent._found) == module._KEPT
    await recent.since("o", "1", 0)
    assert read_model.asked == module._KEPT + 1
    await recent.since("o", "0", 0)
    assert read_model.asked == module._KEPT + 2


async def test_what_was_read_before_something_was_forgotten_is_read_again() -> None:
    """It may be about what has been erased since."""
    read_model, log = Positions(), MemoryEventLog()
    recent = RecentImages(log, read_model)
    await recent.since("o", "i", 0)
    await log.forget(["image-i"])
    await recent.since("o", "i", 0)
    assert read_model.asked == 2


async def test_an_image_as_it_is_now_is_read_again_when_the_log_has_gone_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Until then nothing can have changed."""
    read_model, log = Positions(), MemoryEventLog()
    recent = RecentImages(log, read_model)
    for _ in range(3):
        assert (await recent.image("o", "i")).as_of == 0
    assert read_model.asked == 1
    read_model.at = 1
    monkeypatch.setattr(type(log), "head", 1)
    assert (await recent.image("o", "i")).as_of == 1
    assert read_model.asked == 2
