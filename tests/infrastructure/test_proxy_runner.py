"""What is uploaded gets its proxy, and one that fails keeps no other one from it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.errors import Busy
from domain.header import ImageHeader
from domain.picture import Original
from infrastructure import proxy_runner as module
from infrastructure.memory.log import MemoryEventLog
from infrastructure.proxy_runner import ProxyRunner
from tests.examples import append, new_id, uploaded


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not happened():
            await asyncio.sleep(0.001)


async def test_every_new_original_is_prepared() -> None:
    """As its event says it is, and whatever becomes of the one before."""
    log, prepared = MemoryEventLog(), list[Original]()
    failures: list[Exception] = [Busy("Later."), ZeroDivisionError()]

    async def prepare(original: Original) -> None:
        prepared.append(original)
        if failures:
            raise failures.pop()

    async with ProxyRunner(log, prepare).running():
        events = [replace(uploaded(new_id()), sha256=str(number) * 64, orientation=6) for number in range(3)]
        for event in events:
            await log.append(append(f"image-{event.image_id}", event))
        await until(lambda: len(prepared) == 3)
    header = ImageHeader(events[0].media_type, events[0].width, events[0].height, 1, 6)
    assert [original.sha256 for original in prepared] == [event.sha256 for event in events]
    assert prepared[0] == Original(events[0].sha256, events[0].byte_size, header)


async def test_too_many_at_once_are_left_for_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """They get theirs when a picture is asked for; what waits is bounded."""
    monkeypatch.setattr(module, "MOST_WAITING", 1)
    log, prepared, gate = MemoryEventLog(), list[Original](), asyncio.Event()

    async def prepare(original: Original) -> None:
        prepared.append(original)
        await gate.wait()

    async with ProxyRunner(log, prepare).running():
        for _ in range(2):
            event = uploaded(new_id())
            await log.append(append(f"image-{event.image_id}", event))
            await until(lambda: len(prepared) == 1)
        for _ in range(3):
            event = uploaded(new_id())
            await log.append(append(f"image-{event.image_id}", event))
            for _ in range(20):
                await asyncio.sleep(0)
        gate.set()
        await until(lambda: len(prepared) == 2)
        for _ in range(20):
            await asyncio.sleep(0)
    assert len(prepared) == 2
