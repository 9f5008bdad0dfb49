"""Tiles of large pictures are made once, when there is nothing else to do, and leave nothing behind."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from domain.errors import InvalidInput, StorageFull, WorkerDied
from domain.header import ImageHeader, MediaType
from domain.picture import Original, TileName
from domain.recipe import Recipe, Step
from infrastructure import pyramids as module
from infrastructure.deaths import Deaths
from infrastructure.memory.content import MemoryContentStore
from infrastructure.pixels.executor import DirectExecutor
from infrastructure.pixels.pool import Pool
from infrastructure.pixels.stop import Stop
from infrastructure.pixels.tasks import Task
from infrastructure.pixels.worker_executor import WorkerExecutor
from infrastructure.pyramids import Pyramids
from tests.background import in_one_task
from tests.content import put
from tests.examples import HEADER
from tests.infrastructure.pixels.files import opened, picture, to_pil, written

FIRST = TileName(1, 0, 0)
PLAIN = Recipe()
GRAY = Recipe((Step("grayscale"),))


class Watched(DirectExecutor):
    """Counts the tasks, and lets them through when it is told, or lets them fail."""

    def __init__(self) -> None:
        self.begun = 0
        self.gate = threading.Event()
        self.gate.set()
        self.failure: Exception | None = None

    def execute(
        self, task: Task[Any], file: BinaryIO, cost: int | None = None, stop: Stop | None = None
    ) -> Any:  # noqa: ANN401
        self.begun += 1
        assert self.gate.wait(10)
        if self.failure is not None:
            raise self.failure
        return super().execute(task, file, cost, stop)


class Workshop:
    def __init__(self, data: Path) -> None:
        self.data = data
        self.pool = Pool(threads=1, waiting=9, memory=1 << 30, small=0)
        self.store = MemoryContentStore(lambda _: HEADER)
        self.executor = Watched()
        self.pyramids = Pyramids(self.pool, self.executor, self.store, Deaths(), data)

    def original(self, width: int = 700, height: int = 600) -> Original:
        content = written(to_pil(picture(width, height)), MediaType.PNG)
        return Original(put(self.store, content), len(content), ImageHeader(MediaType.PNG, width, height))

    async def tile(self, original: Original, recipe: Recipe = PLAIN, name: TileName = FIRST) -> bytes:
        """Asked for until it is there."""
        async with asyncio.timeout(10):
            while (content := await self.pyramids.read(original, recipe, name)) is None:
                await self.pyramids.prepare(original, recipe)
                await asyncio.sleep(0.005)
        return content

    async def begun(self, count: int = 1) -> None:
        async with asyncio.timeout(10):
            while self.executor.begun < count:
                await asyncio.sleep(0.005)

    async def rest(self) -> None:
        """Until nothing is asked for any more."""
        async with asyncio.timeout(10):
            while self.pyramids._waiting:
                await asyncio.sleep(0.001)

    @property
    def files(self) -> list[Path]:
        return [path for path in self.data.rglob("*") if path.is_file()]


@pytest.fixture
async def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Workshop]:
    """Where a picture of 700 x 600 is a large one."""
    monkeypatch.setattr(module, "LARGE", 400_000)
    made = Workshop(tmp_path)
    async with in_one_task(made.pyramids.running()):
        yield made
        made.executor.gate.set()
    await made.pool.aclose()


async def test_tiles_of_a_large_picture_are_made_once(workshop: Workshop) -> None:
    """All of them, and at all sizes."""
    original = workshop.original()
    assert await workshop.pyramids.read(original, PLAIN, FIRST) is None
    workshop.executor.gate.clear()
    for _ in range(3):
        await workshop.pyramids.prepare(original, PLAIN)
    workshop.executor.gate.set()
    await workshop.tile(original)
    sizes = {name: opened(await workshop.tile(original, PLAIN, TileName(*name))).size for name in
             ((1, 0, 0), (1, 1, 0), (1, 0, 1), (1, 1, 1), (2, 0, 0))}  # fmt: skip
    assert sizes == {
        (1, 0, 0): (512, 512),
        (1, 1, 0): (188, 512),
        (1, 0, 1): (512, 88),
        (1, 1, 1): (188, 88),
        (2, 0, 0): (350, 300),
    }
    assert await workshop.pyramids.read(original, PLAIN, TileName(4, 0, 0)) is None
    assert workshop.executor.begun == 1


async def test_a_tile_that_is_being_made_is_waited_for(workshop: Workshop) -> None:
    """But for the whole picture in one tile, and for those of other pictures."""
    original, other = workshop.original(), workshop.original(700, 601)
    workshop.executor.gate.clear()
    await workshop.pyramids.prepare(original, PLAIN)
    await workshop.begun()
    waiting = [asyncio.create_task(workshop.pyramids.read(original, PLAIN, FIRST)) for _ in range(3)]
    assert await workshop.pyramids.read(original, PLAIN, TileName(2, 0, 0)) is None
    assert await workshop.pyramids.read(other, PLAIN, FIRST) is None
    assert not any(task.done() for task in waiting)
    workshop.executor.gate.set()
    assert await asyncio.gather(*waiting) == [await workshop.tile(original)] * 3
    assert workshop.executor.begun == 1


@pytest.mark.parametrize("failure", [ValueError("a mistake"), WorkerDied("It died."), OSError(5, "no disk")])
async def test_what_is_waited_for_in_vain_is_none(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    """Whoever waits has it made otherwise, at once."""
    monkeypatch.setattr(WorkerDied, "retry_after", 3600)
    original = workshop.original()
    workshop.executor.gate.clear()
    workshop.executor.failure = failure
    await workshop.pyramids.prepare(original, PLAIN)
    await workshop.begun()
    waiting = asyncio.create_task(workshop.pyramids.read(original, PLAIN, FIRST))
    workshop.executor.gate.set()
    assert await asyncio.wait_for(waiting, 10) is None


async def test_a_small_picture_has_no_tiles(workshop: Workshop) -> None:
    """Nor has a large one that its recipe makes small."""
    small = Recipe((Step("resize", {"width": 600}),))
    for original, recipe in ((workshop.original(600, 600), PLAIN), (workshop.original(), small)):
        await workshop.pyramids.prepare(original, recipe)
        assert await workshop.pyramids.read(original, recipe, FIRST) is None
    await workshop.tile(workshop.original())
    assert workshop.executor.begun == 1


async def test_another_recipe_has_other_tiles(workshop: Workshop) -> None:
    """They take the place of the former ones."""
    original = workshop.original()
    assert opened(await workshop.tile(original)).mode == "RGB"
    assert opened(await workshop.tile(original, GRAY)).mode == "L"
    assert len(workshop.files) == 1


async def test_what_is_purged_leaves_no_tiles(workshop: Workshop) -> None:
    """Those there are, those that wait to be made, and those that are being made at that moment."""
    there, made, waits, stays = (workshop.original(700, 600 + number) for number in range(4))
    await workshop.tile(there)
    workshop.executor.gate.clear()
    for original in (made, waits, stays):
        await workshop.pyramids.prepare(original, PLAIN)
    await workshop.begun(2)
    for original in (there, made, waits):
        await workshop.store.remove(original.sha256, never)
        await workshop.pyramids.forget(original.sha256)
    workshop.executor.gate.set()
    await workshop.tile(stays)
    assert [path.parent.name for path in workshop.files] == [stays.sha256]
    assert workshop.executor.begun == 3


async def test_what_cannot_be_made_is_tried_once(workshop: Workshop) -> None:
    """Damage stays what it is; a mistake of ours is not made again and again."""
    damaged = workshop.original()
    damaged = replace(damaged, header=replace(damaged.header, width=701))
    await workshop.pyramids.prepare(damaged, PLAIN)
    await workshop.begun(1)
    await workshop.tile(workshop.original(700, 601))
    workshop.executor.failure = ValueError("a mistake")
    mistaken = workshop.original(700, 602)
    await workshop.pyramids.prepare(mistaken, PLAIN)
    await workshop.begun(3)
    workshop.executor.failure = None
    await workshop.tile(workshop.original(700, 603))
    for original in (damaged, mistaken):
        assert await workshop.pyramids.read(original, PLAIN, FIRST) is None
    await workshop.tile(workshop.original(700, 604))
    assert workshop.executor.begun == 5


async def test_what_may_pass_is_tried_again(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that has died, a full disk: whoever looks again finds it made."""
    monkeypatch.setattr(WorkerDied, "retry_after", 0)
    monkeypatch.setattr(StorageFull, "retry_after", 0)
    original = workshop.original()
    for number, failure in enumerate((WorkerDied("It died."), StorageFull("It is full."))):
        workshop.executor.failure = failure
        await workshop.pyramids.prepare(original, PLAIN)
        await workshop.begun(number + 1)
        workshop.executor.failure = None
        await workshop.tile(original)
        await workshop.pyramids.forget(original.sha256)


async def test_two_deaths_are_enough(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks again has nobody die of it, by whatever recipe."""
    monkeypatch.setattr(WorkerDied, "retry_after", 0)
    original = workshop.original()
    workshop.executor.failure = WorkerDied("It died.")
    for count in (1, 2):
        await workshop.pyramids.prepare(original, PLAIN)
        await workshop.begun(count)
        await workshop.rest()
    for recipe in (PLAIN, GRAY):
        await workshop.pyramids.prepare(original, recipe)
        await workshop.rest()
    workshop.executor.failure = None
    await workshop.tile(workshop.original(700, 601))
    assert await workshop.pyramids.read(original, PLAIN, FIRST) is None
    assert workshop.executor.begun == 3


async def test_a_recipe_that_does_not_fit_is_refused(workshop: Workshop) -> None:
    """Before anything is read."""
    beyond = Recipe((Step("crop", {"x": 0, "y": 0, "width": 701, "height": 1}),))
    with pytest.raises(InvalidInput):
        await workshop.pyramids.prepare(workshop.original(), beyond)


async def test_too_many_are_not_waited_for(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are made when somebody looks again."""
    monkeypatch.setattr(module, "MOST_WAITING", 2)
    workshop.executor.gate.clear()
    originals = [workshop.original(700, 600 + number) for number in range(3)]
    for original in originals:
        await workshop.pyramids.prepare(original, PLAIN)
    workshop.executor.gate.set()
    await workshop.tile(originals[1])
    assert originals[2].sha256 not in [path.parent.name for path in workshop.files]
    await workshop.tile(originals[2])


async def test_a_start_removes_tiles_without_an_original(workshop: Workshop) -> None:
    """Of what was purged in the moment in which a process ended."""
    kept, gone = workshop.original(), workshop.original(700, 601)
    for original in (kept, gone):
        await workshop.tile(original)
    await workshop.store.remove(gone.sha256, never)
    await asyncio.to_thread(workshop.pyramids.sweep)
    assert [path.parent.name for path in workshop.files] == [kept.sha256]


async def test_in_a_worker_process_they_are_the_same(workshop: Workshop, tmp_path: Path) -> None:
    """Byte for byte."""
    original = workshop.original()
    executor = await asyncio.to_thread(WorkerExecutor, 50_000_000)
    try:
        apart = Pyramids(workshop.pool, executor, workshop.store, Deaths(), tmp_path / "apart")
        (tmp_path / "apart").mkdir()
        async with in_one_task(apart.running()):
            await apart.prepare(original, PLAIN)
            async with asyncio.timeout(20):
                while (content := await apart.read(original, PLAIN, FIRST)) is None:
                    await asyncio.sleep(0.005)
        assert content == await workshop.tile(original)
    finally:
        await asyncio.to_thread(executor.close)


async def never() -> bool:
    return False
