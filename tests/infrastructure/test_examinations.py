"""The runner: every image is examined once, and its examination comes to exactly one end."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from domain.errors import Busy, StorageFull
from domain.events import (
    ExaminationFailed,
    ExaminationStarted,
    ImageExamined,
    ImagePurged,
    ImageQuarantined,
    ImageRenamed,
    RenderingFailed,
)
from domain.examination import MAX_ATTEMPTS, examination_stream
from domain.findings import Findings
from domain.image import image_stream
from domain.ports.log import Append, Appended
from domain.ports.pending import PendingExamination
from domain.ports.rendering import RenderFailure
from domain.rendering import rendering_stream
from infrastructure import examinations as module
from infrastructure.examinations import ExaminationRunner
from infrastructure.memory.log import MemoryEventLog
from infrastructure.memory.read_model import MemoryReadModel
from tests.examples import append, new_id, requested, uploaded

FOUND = Findings(pixel_hash="1" * 64, perceptual_hash="2" * 16, placeholder="x")
PASSING = RenderFailure("OUT_OF_MEMORY", "Not this time.", final=False)
BROKEN = RenderFailure("DAMAGED_FILE", "It is broken.")


class FakeExaminer:
    """Answers as it is told, and remembers what it was asked and how much at once."""

    def __init__(self, *answers: Findings | RenderFailure | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[PendingExamination] = []
        self.at_once = self.most_at_once = 0
        self.began = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def examine(self, pending: PendingExamination) -> Findings | RenderFailure:
        self.asked.append(pending)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.began.set()
        try:
            await self.gate.wait()
        finally:
            self.at_once -= 1
        answer = self.answers.pop(0) if self.answers else FOUND
        if isinstance(answer, Exception):
            raise answer
        return answer


class World:
    def __init__(self, *answers: Findings | RenderFailure | Exception) -> None:
        self.read_model = MemoryReadModel()
        self.log = MemoryEventLog(self.read_model.fold)
        self.examiner = FakeExaminer(*answers)
        self.runner = ExaminationRunner(self.log, self.read_model, self.examiner)

    async def upload(self, *rendition_ids: str) -> str:
        image_id = new_id()
        for rendition_id in rendition_ids:
            stream = rendering_stream(image_id, rendition_id)
            await self.log.append(append(stream, requested(image_id, rendition_id)))
        await self.log.append(append(image_stream(image_id), uploaded(image_id)))
        return image_id

    async def ends(self, count: int) -> list[ImageExamined | ExaminationFailed]:
        ends: list[ImageExamined | ExaminationFailed] = []
        async with asyncio.timeout(10), aclosing(self.log.follow(0)) as following:
            async for recorded in following:
                if isinstance(recorded.event, ImageExamined | ExaminationFailed):
                    ends.append(recorded.event)
                    if len(ends) == count:
                        break
        return ends

    async def of(self, image_id: str) -> list[type]:
        recorded = await self.log.read_stream(examination_stream(image_id))
        return [type(each.event) for each in recorded]


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BACKOFF_SECONDS", 0.001)
    monkeypatch.setattr(Busy, "retry_after", 0)
    monkeypatch.setattr(StorageFull, "retry_after", 0)


async def test_images_are_examined_one_at_a_time_each_once() -> None:
    """Those uploaded before the start, the oldest first, and those that come; not again after a restart."""
    world = World()
    before = [await world.upload() for _ in range(20)]
    async with world.runner.running():
        await world.ends(20)
        later = [await world.upload() for _ in range(3)]
        await world.ends(23)
    async with world.runner.running():
        later.append(await world.upload())
        ends = await world.ends(24)
    assert [end.image_id for end in ends] == [*before, *later]
    assert len(world.examiner.asked) == 24
    assert world.examiner.most_at_once == 1
    assert await world.of(before[0]) == [ExaminationStarted, ImageExamined]


async def test_renditions_come_first() -> None:
    """Whatever becomes of them."""
    world = World()
    first, second = await world.upload("1" * 32), await world.upload()
    async with world.runner.running():
        assert [end.image_id for end in await world.ends(1)] == [second]
        failed = RenderingFailed(image_id=first, rendition_id="1" * 32, code="X", message="")
        await world.log.append(append(rendering_stream(first, "1" * 32), failed))
        assert [end.image_id for end in await world.ends(2)] == [second, first]


async def test_the_version_of_the_image_does_not_move() -> None:
    """Who edits with the version that the upload answered is not refused."""
    world = World()
    image_id = await world.upload()
    async with world.runner.running():
        await world.ends(1)
    renamed = append(image_stream(image_id), ImageRenamed(image_id=image_id, name="x"), expect=1)
    await world.log.append(renamed)


async def test_what_is_broken_is_tried_once() -> None:
    """And never again."""
    world = World(BROKEN)
    image_id = await world.upload()
    async with world.runner.running():
        (end,) = await world.ends(1)
        await world.upload()
        await world.ends(2)
    assert isinstance(end, ExaminationFailed)
    assert end.code == "DAMAGED_FILE"
    assert await world.of(image_id) == [ExaminationStarted, ExaminationFailed]


async def test_what_may_pass_is_tried_again() -> None:
    """Errors count as attempts; a full pool does not."""
    world = World(Busy("Later."), PASSING, RuntimeError("a mistake"))
    image_id = await world.upload()
    async with world.runner.running():
        await world.ends(1)
    assert await world.of(image_id) == [*[ExaminationStarted] * 3, ImageExamined]


async def test_nothing_is_tried_for_ever() -> None:
    """Its last failure is recorded."""
    world = World(*[PASSING] * MAX_ATTEMPTS)
    image_id = await world.upload()
    async with world.runner.running():
        (end,) = await world.ends(1)
    assert isinstance(end, ExaminationFailed)
    assert end.code == PASSING.code
    assert await world.of(image_id) == [*[ExaminationStarted] * MAX_ATTEMPTS, ExaminationFailed]


async def test_what_is_quarantined_is_not_examined() -> None:
    """It has come to its end without an attempt."""
    world = World()
    image_id = await world.upload()
    quarantined = ImageQuarantined(image_id=image_id, code="TOO_SLOW", message="Too slow.")
    await world.log.append(append(image_stream(image_id), quarantined))
    async with world.runner.running():
        (end,) = await world.ends(1)
    assert isinstance(end, ExaminationFailed)
    assert end.code == "QUARANTINED"
    assert world.examiner.asked == []


async def test_attempts_that_ended_with_the_process_count() -> None:
    """A picture that kills what looks at it is not looked at for ever."""
    world = World()
    image_id = await world.upload()
    stream = examination_stream(image_id)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        await world.log.append(append(stream, ExaminationStarted(image_id=image_id, attempt=attempt)))
    async with world.runner.running():
        (end,) = await world.ends(1)
    assert isinstance(end, ExaminationFailed)
    assert end.code == "ATTEMPTS_EXHAUSTED"
    assert world.examiner.asked == []


async def test_none_begins_once_the_image_is_purged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where the read model was asked before: the log refuses it."""
    world = World()
    purged, other = await world.upload(), await world.upload()
    pending = await world.read_model.pending_examinations(9)
    await world.log.append(append(image_stream(purged), ImagePurged(image_id=purged)))
    asked = world.read_model.pending_examinations
    answers = [pending]

    async def stale(limit: int) -> list[PendingExamination]:
        return list(answers.pop() if answers else await asked(limit))

    monkeypatch.setattr(world.read_model, "pending_examinations", stale)
    async with world.runner.running():
        assert [end.image_id for end in await world.ends(1)] == [other]
    assert await world.of(purged) == []


async def test_a_log_that_is_full_for_a_while_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is examined twice for it."""
    world = World()
    append_, refusals = world.log.append, [StorageFull("Full."), StorageFull("Full.")]

    async def full(wanted: Append) -> Appended:
        if refusals and any(write.events for write in wanted.writes):
            raise refusals.pop()
        return await append_(wanted)

    await world.upload()
    monkeypatch.setattr(world.log, "append", full)
    async with world.runner.running():
        await world.ends(1)
    assert len(world.examiner.asked) == 1


async def test_a_mistake_elsewhere_does_not_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes on with the next look."""
    world = World()
    await world.upload()
    asked = world.read_model.pending_examinations
    failures = [RuntimeError("a mistake")]

    async def failing(limit: int) -> list[PendingExamination]:
        if failures:
            raise failures.pop()
        return list(await asked(limit))

    monkeypatch.setattr(world.read_model, "pending_examinations", failing)
    async with world.runner.running():
        assert len(await world.ends(1)) == 1


async def test_what_is_cut_off_is_taken_up_again() -> None:
    """The attempt is lost, nothing else."""
    world = World()
    image_id = await world.upload()
    world.examiner.gate.clear()
    async with asyncio.timeout(10), world.runner.running():
        await world.examiner.began.wait()
    world.examiner.gate.set()
    async with world.runner.running():
        await world.ends(1)
    assert await world.of(image_id) == [ExaminationStarted, ExaminationStarted, ImageExamined]
