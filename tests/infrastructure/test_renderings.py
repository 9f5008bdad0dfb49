"""The runner: every requested rendering comes to exactly one end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import replace

import anyio
import pytest

from domain.errors import Busy, Refusal, StorageFull, TooSlow, WorkerDied
from domain.events import (
    ImagePurged,
    ImageQuarantined,
    RenderingFailed,
    RenderingFinished,
    RenderingRequested,
    RenderingStarted,
)
from domain.header import MediaType
from domain.ports.content import Hold
from domain.ports.log import Append, Appended, StreamAppend
from domain.ports.rendering import Rendered, RenderFailure, RenderJob, RenderOutcome
from domain.recipe import Recipe, Step
from domain.rendering import MAX_ATTEMPTS, rendering_stream
from infrastructure import renderings as module
from infrastructure.deaths import Deaths
from infrastructure.memory.content import MemoryContentStore
from infrastructure.memory.log import MemoryEventLog
from infrastructure.memory.read_model import MemoryReadModel
from infrastructure.pixels.tasks import failure
from infrastructure.renderings import RenderingRunner
from tests.examples import HEADER, append, context, new_id, requested, uploaded

RENDERED = Rendered(sha256="c" * 64, byte_size=9, media_type=MediaType.WEBP, width=2, height=1)
PASSING = RenderFailure("RENDER_FAILED", "Not this time.", final=False)
Answer = Callable[[RenderJob], RenderOutcome]


class FakeRenderer:
    """Answers as it is told, and remembers what it was asked and how much at once."""

    def __init__(self, *answers: Answer | RenderOutcome | Exception) -> None:
        self.answers = list(answers)
        self.jobs: list[RenderJob] = []
        self.at_once = self.most_at_once = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.deaths = Deaths()

    async def render(self, job: RenderJob, hold: Hold) -> Mapping[str, RenderOutcome]:
        self.jobs.append(job)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.gate.wait()
            answer = self.answers.pop(0) if self.answers else RENDERED
        finally:
            self.at_once -= 1
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            return {rendition_id: answer(job) for rendition_id in job.requests}
        return dict.fromkeys(job.requests, self._work(job, answer))

    def _work(self, job: RenderJob, answer: RenderOutcome) -> RenderOutcome:
        """Die of the original where that is the answer."""
        recipes = (recipe for recipe, _ in job.requests.values())
        try:
            with self.deaths.counted(job.original, *recipes):
                for death in (WorkerDied, TooSlow):
                    if isinstance(answer, RenderFailure) and answer.code == death.code:
                        raise death(answer.message)
        except Refusal as refusal:
            return failure(refusal)
        return answer


class World:
    def __init__(self, renderer: FakeRenderer, at_once: int = 2) -> None:
        self.read_model = MemoryReadModel()
        self.log = MemoryEventLog(self.read_model.fold)
        self.content = MemoryContentStore(lambda _: HEADER)
        self.renderer = renderer
        self.runner = self.restarted(renderer, at_once)

    def restarted(self, renderer: FakeRenderer, at_once: int) -> RenderingRunner:
        """What the next process would begin with."""
        return RenderingRunner(self.log, self.read_model, self.content, renderer, renderer.deaths, at_once)

    async def upload(self, *rendition_ids: str) -> str:
        image_id = new_id()
        writes = [StreamAppend(f"image-{image_id}", [uploaded(image_id)])]
        for rendition_id in rendition_ids:
            stream = rendering_stream(image_id, rendition_id)
            writes.append(StreamAppend(stream, [requested(image_id, rendition_id)]))
        await self.log.append(Append(context=context(), writes=writes))
        return image_id

    async def settled(self, count: int) -> list[RenderingFinished | RenderingFailed]:
        ends: list[RenderingFinished | RenderingFailed] = []
        async with asyncio.timeout(10), aclosing(self.log.follow(0)) as following:
            async for recorded in following:
                if isinstance(recorded.event, RenderingFinished | RenderingFailed):
                    ends.append(recorded.event)
                    if len(ends) == count:
                        break
        return ends

    async def count(self, kind: type) -> int:
        return sum(isinstance(recorded.event, kind) for recorded in await self.log.read(0, 10_000))


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BACKOFF_SECONDS", 0.001)
    monkeypatch.setattr(Busy, "retry_after", 0)
    monkeypatch.setattr(StorageFull, "retry_after", 0)


async def test_all_renditions_of_an_upload_are_one_job() -> None:
    """The original is decoded once."""
    world = World(FakeRenderer())
    async with world.runner.running():
        image_id = await world.upload("1" * 32, "2" * 32)
        ends = await world.settled(2)
    assert [type(end) for end in ends] == [RenderingFinished] * 2
    (job,) = world.renderer.jobs
    assert set(job.requests) == {"1" * 32, "2" * 32}
    assert job.original == (image_id * 2)[:64]
    assert await world.count(RenderingStarted) == 2


async def test_what_was_asked_before_the_start_is_done() -> None:
    """As after a restart: the read model knows what has no end."""
    world = World(FakeRenderer())
    for _ in range(5):
        await world.upload("1" * 32)
    async with world.runner.running():
        await world.settled(5)
    async with world.runner.running():
        await world.upload("2" * 32)
        await world.settled(6)
    assert len(world.renderer.jobs) == 6


async def test_many_uploads_are_settled_once_each_and_few_at_once() -> None:
    """What waits, waits in the log."""
    world = World(FakeRenderer(), at_once=3)
    async with world.runner.running():
        for _ in range(300):
            await world.upload("1" * 32, "2" * 32)
        ends = await world.settled(600)
    assert len({(end.image_id, end.rendition_id) for end in ends}) == 600
    assert await world.count(RenderingFinished) == 600
    assert 1 <= world.renderer.most_at_once <= 3


async def test_a_request_for_an_image_in_work_is_not_forgotten() -> None:
    """It is taken up when the image is free again."""
    world = World(FakeRenderer())
    world.renderer.gate.clear()
    async with world.runner.running():
        image_id = await world.upload("1" * 32)
        while not world.renderer.jobs:
            await asyncio.sleep(0.001)
        stream = rendering_stream(image_id, "2" * 32)
        await world.log.append(append(stream, requested(image_id, "2" * 32)))
        await asyncio.sleep(0.01)
        world.renderer.gate.set()
        await world.settled(2)
    assert len(world.renderer.jobs) == 2


async def test_a_passing_failure_is_tried_again() -> None:
    """And the attempts are counted in the log."""
    world = World(FakeRenderer(PASSING, RuntimeError("surprise"), RENDERED))
    async with world.runner.running():
        await world.upload("1" * 32)
        (end,) = await world.settled(1)
    assert isinstance(end, RenderingFinished)
    assert await world.count(RenderingStarted) == 3


async def test_the_pause_before_another_attempt_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other pictures are rendered meanwhile."""
    monkeypatch.setattr(module, "BACKOFF_SECONDS", 1000)
    world = World(FakeRenderer(PASSING), at_once=1)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(live, world.runner)
        await world.upload("1" * 32)
        second = await world.upload("1" * 32)
        (end,) = await world.settled(1)
        tasks.cancel_scope.cancel()
    assert end.image_id == second


async def test_an_unforeseen_error_does_not_end_the_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    """The picture is tried again."""
    world = World(FakeRenderer())
    plain, errors = world.log.append, iter([RuntimeError("surprise")])

    async def sometimes_broken(command: Append) -> Appended:
        starting = any(isinstance(event, RenderingStarted) for w in command.writes for event in w.events)
        if starting and (error := next(errors, None)):
            raise error
        return await plain(command)

    monkeypatch.setattr(world.log, "append", sometimes_broken)
    async with world.runner.running():
        await world.upload("1" * 32)
        (end,) = await world.settled(1)
    assert isinstance(end, RenderingFinished)


async def test_attempts_are_bounded() -> None:
    """The last failure is the end."""
    world = World(FakeRenderer(*[PASSING] * 10))
    async with world.runner.running():
        await world.upload("1" * 32)
        (end,) = await world.settled(1)
    assert isinstance(end, RenderingFailed)
    assert end.code == "RENDER_FAILED"
    assert len(world.renderer.jobs) == MAX_ATTEMPTS


async def test_one_failure_does_not_spoil_its_neighbour() -> None:
    """Each rendition has its own end."""
    outcomes: dict[str, RenderOutcome] = {
        "1" * 32: RenderFailure("DAMAGED_FILE", "Broken."),
        "2" * 32: RENDERED,
    }

    class Mixed(FakeRenderer):
        async def render(self, job: RenderJob, hold: Hold) -> Mapping[str, RenderOutcome]:
            return outcomes

    world = World(Mixed())
    async with world.runner.running():
        await world.upload("1" * 32, "2" * 32)
        ends = await world.settled(2)
    assert {end.rendition_id[0]: type(end) for end in ends} == {"1": RenderingFailed, "2": RenderingFinished}


async def test_attempts_that_died_with_the_process_count() -> None:
    """A picture that kills the process is given up after so many starts."""
    world = World(FakeRenderer())
    image_id = await world.upload("1" * 32)
    stream = rendering_stream(image_id, "1" * 32)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        await world.log.append(
            append(stream, RenderingStarted(image_id=image_id, rendition_id="1" * 32, attempt=attempt))
        )
    async with world.runner.running():
        (end,) = await world.settled(1)
    assert isinstance(end, RenderingFailed)
    assert end.code == "ATTEMPTS_EXHAUSTED"
    assert world.renderer.jobs == []


async def test_no_rendering_is_forgotten_between_two_pages() -> None:
    """With so many pending that a page of them ends in the midst of an image."""
    world = World(FakeRenderer())
    await world.upload("3" * 32)
    for _ in range(200):
        await world.upload("1" * 32, "2" * 32)
    async with world.runner.running():
        await world.settled(401)


async def test_a_picture_that_ends_the_process_takes_no_other_with_it() -> None:
    """It is tried again alone, so that its neighbours lose one attempt at most."""
    world = World(FakeRenderer(), at_once=4)
    poison = await world.upload("1" * 32)
    for _ in range(3):
        await world.upload("1" * 32)

    class Deadly(FakeRenderer):
        async def render(self, job: RenderJob, hold: Hold) -> Mapping[str, RenderOutcome]:
            if job.original == (poison * 2)[:64]:
                died.set()
                await asyncio.Event().wait()
            return await super().render(job, hold)

    for _ in range(2 * MAX_ATTEMPTS):
        died = asyncio.Event()
        life = asyncio.create_task(live(world.restarted(Deadly(), at_once=4)))
        ended = asyncio.create_task(world.settled(4))
        await asyncio.wait((asyncio.create_task(died.wait()), ended), return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        life.cancel()
        await asyncio.wait((life, ended))
    ends = await world.settled(4)
    assert [end.image_id for end in ends if isinstance(end, RenderingFailed)] == [poison]


DIED = RenderFailure("WORKER_DIED", "It died.", final=False)
SLOW = RenderFailure("TOO_SLOW", "It took too long.", final=False)


async def test_an_original_that_ends_two_workers_is_quarantined() -> None:
    """An event says so; what was pending and what is asked for later ends at once, undecoded."""
    world = World(FakeRenderer(DIED, SLOW))
    async with world.runner.running():
        image_id = await world.upload("1" * 32, "2" * 32)
        await world.settled(2)
        await world.log.append(append(rendering_stream(image_id, "3" * 32), requested(image_id, "3" * 32)))
        ends = await world.settled(3)
    assert {end.code for end in ends if isinstance(end, RenderingFailed)} == {"QUARANTINED"}
    assert len({end.rendition_id for end in ends}) == 3
    assert len(world.renderer.jobs) == 2
    events = [recorded.event for recorded in await world.log.read(0, 100)]
    quarantined = ImageQuarantined(image_id=image_id, code="TOO_SLOW", message="It took too long.")
    assert events.count(quarantined) == 1
    assert events.index(quarantined) < events.index(ends[0])
    assert await world.count(RenderingStarted) == 4


async def test_one_death_is_no_quarantine() -> None:
    """Nor are two with another failure or a picture between them."""
    world = World(FakeRenderer(DIED, PASSING, DIED, RENDERED))
    async with world.runner.running():
        image_id = await world.upload("1" * 32)
        (first,) = await world.settled(1)
        await world.log.append(append(rendering_stream(image_id, "2" * 32), requested(image_id, "2" * 32)))
        _, second = await world.settled(2)
    assert isinstance(first, RenderingFailed)
    assert first.code == "WORKER_DIED"
    assert isinstance(second, RenderingFinished)
    assert await world.count(ImageQuarantined) == 0


async def test_a_recipe_that_takes_too_long_is_not_the_files_fault() -> None:
    """Its rendition fails at once, and the image can be rendered otherwise."""
    world = World(FakeRenderer(SLOW, RENDERED))
    long = replace(requested("", "1" * 32), recipe=Recipe((Step("median", {"radius": 25}),) * 100))
    async with world.runner.running():
        image_id = await world.upload()
        event = replace(long, image_id=image_id)
        await world.log.append(append(rendering_stream(image_id, "1" * 32), event))
        (first,) = await world.settled(1)
        await world.log.append(append(rendering_stream(image_id, "2" * 32), requested(image_id, "2" * 32)))
        _, second = await world.settled(2)
    assert isinstance(first, RenderingFailed)
    assert first.code == "TOO_SLOW"
    assert isinstance(second, RenderingFinished)
    assert await world.count(ImageQuarantined) == 0
    assert await world.count(RenderingStarted) == 2


async def test_what_is_slow_beside_what_is_quick_is_tried_again() -> None:
    """Either of them, or the file, may have been it."""
    world = World(FakeRenderer(SLOW, RENDERED))
    async with world.runner.running():
        image_id = new_id()
        quick, slow = requested(image_id, "1" * 32), requested(image_id, "2" * 32)
        slow = replace(slow, recipe=Recipe((Step("median", {"radius": 25}),)))
        writes = [StreamAppend(f"image-{image_id}", [uploaded(image_id)])]
        writes += [StreamAppend(rendering_stream(image_id, e.rendition_id), [e]) for e in (quick, slow)]
        await world.log.append(Append(context=context(), writes=writes))
        ends = await world.settled(2)
    assert all(isinstance(end, RenderingFinished) for end in ends)
    assert await world.count(ImageQuarantined) == 0


def end_two(renderer: FakeRenderer, original: str) -> None:
    """Workers that others have sent."""
    for _ in range(2):
        with suppress(WorkerDied), renderer.deaths.counted(original):
            raise WorkerDied("It died.")


async def test_an_original_that_others_died_of_is_quarantined() -> None:
    """Whoever they were: an image of the same bytes that is new says so as well."""
    world = World(FakeRenderer())
    image_id = await world.upload("1" * 32)
    end_two(world.renderer, (image_id * 2)[:64])
    async with world.runner.running():
        (end,) = await world.settled(1)
    assert isinstance(end, RenderingFailed)
    assert end.code == "QUARANTINED"
    assert await world.count(ImageQuarantined) == 1


async def test_what_was_made_meanwhile_is_kept() -> None:
    """Others have died of the original, but this rendition is there."""

    def made(job: RenderJob) -> RenderOutcome:
        end_two(world.renderer, job.original)
        return RENDERED

    world = World(FakeRenderer(made))
    async with world.runner.running():
        await world.upload("1" * 32)
        (end,) = await world.settled(1)
    assert isinstance(end, RenderingFinished)
    assert await world.count(ImageQuarantined) == 1


async def test_an_image_that_was_purged_meanwhile_is_not_quarantined() -> None:
    """Its renditions come to their end all the same."""
    world = World(FakeRenderer(DIED, DIED))
    async with world.runner.running():
        image_id = await world.upload("1" * 32)
        await world.log.append(append(f"image-{image_id}", ImagePurged(image_id=image_id)))
        (end,) = await world.settled(1)
    assert isinstance(end, RenderingFailed)
    assert await world.count(ImageQuarantined) == 0


async def live(runner: RenderingRunner) -> None:
    async with runner.running():
        await asyncio.Event().wait()


async def test_a_busy_renderer_is_asked_again_within_the_attempt() -> None:
    """To be turned away is no failure."""
    world = World(FakeRenderer(Busy("later"), Busy("later"), RENDERED))
    async with world.runner.running():
        await world.upload("1" * 32)
        await world.settled(1)
    assert await world.count(RenderingStarted) == 1


async def test_an_end_is_recorded_as_soon_as_the_log_takes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk delays it, and does not lose it."""
    world = World(FakeRenderer())
    plain, refusals = world.log.append, iter([StorageFull("full")] * 3)

    async def sometimes_full(command: Append) -> Appended:
        finishing = any(isinstance(event, RenderingFinished) for w in command.writes for event in w.events)
        if finishing and (refusal := next(refusals, None)):
            raise refusal
        return await plain(command)

    monkeypatch.setattr(world.log, "append", sometimes_full)
    async with world.runner.running():
        await world.upload("1" * 32)
        await world.settled(1)
    assert len(world.renderer.jobs) == 1


async def test_work_that_someone_else_settled_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A late second worker is refused by the version, and nothing is wrong."""
    world = World(FakeRenderer())
    world.renderer.gate.clear()
    async with world.runner.running():
        image_id = await world.upload("1" * 32)
        while not world.renderer.jobs:
            await asyncio.sleep(0.001)
        other = RenderingFailed(image_id=image_id, rendition_id="1" * 32, code="X", message="")
        await world.log.append(append(rendering_stream(image_id, "1" * 32), other))
        world.renderer.gate.set()
        await asyncio.sleep(0.01)
    assert await world.count(RenderingFinished) == 0
    assert await world.count(RenderingRequested) == 1


async def test_what_is_in_work_at_the_end_is_finished() -> None:
    """A graceful shutdown does not throw away what is nearly done."""
    world = World(FakeRenderer())
    world.renderer.gate.clear()
    async with world.runner.running():
        await world.upload("1" * 32)
        while not world.renderer.jobs:
            await asyncio.sleep(0.001)
        asyncio.get_running_loop().call_later(0.01, world.renderer.gate.set)
    assert await world.count(RenderingFinished) == 1
