"""What deaths amount to is recorded, for every image that has the bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest

from domain.errors import Quarantined, StorageFull, VersionConflict, WorkerDied
from domain.events import ImageDeleted, ImagePurged, ImageQuarantined, ImageRenamed
from domain.image import image_stream
from domain.ports.log import Append, Appended, RecordedEvent
from infrastructure.deaths import Deaths
from infrastructure.memory.log import MemoryEventLog
from infrastructure.memory.read_model import MemoryReadModel
from infrastructure.quarantines import QuarantineRunner
from tests.examples import append, new_id, uploaded

BYTES = "e" * 64


class World:
    def __init__(self) -> None:
        self.read_model = MemoryReadModel()
        self.log = MemoryEventLog(self.read_model.fold)
        self.deaths = Deaths()
        self.runner = QuarantineRunner(self.log, self.read_model, self.deaths)

    async def upload(self, owner: str, sha256: str = BYTES) -> str:
        image_id = new_id()
        await self.log.append(append(image_stream(image_id), uploaded(image_id, sha256=sha256), owner=owner))
        return image_id

    async def two_die(self) -> None:
        """In a thread, as workers do."""
        for _ in range(2):
            await asyncio.to_thread(self._die)

    async def asked(self) -> None:
        """By somebody who comes later."""
        with pytest.raises(Quarantined):
            await asyncio.to_thread(self._die)

    def _die(self) -> None:
        with suppress(WorkerDied), self.deaths.counted(BYTES):
            raise WorkerDied("It died.")

    async def quarantined(self, count: int) -> Sequence[RecordedEvent]:
        """All that is recorded of it, once there are so many."""
        async with asyncio.timeout(10):
            while True:
                recorded = await self.log.read(0, 1000)
                found = [each for each in recorded if isinstance(each.event, ImageQuarantined)]
                if len(found) >= count:
                    return found
                await asyncio.sleep(0.001)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StorageFull, "retry_after", 0)


async def test_every_image_of_the_bytes_is_quarantined() -> None:
    """Of whatever owner, deleted or not; those that are purged and those of other bytes are left alone."""
    world = World()
    mine, others, deleted, purged = [await world.upload(owner) for owner in ("me", "you", "they", "she")]
    await world.upload("me", "f" * 64)
    await world.log.append(append(image_stream(deleted), ImageDeleted(image_id=deleted), owner="they"))
    await world.log.append(append(image_stream(purged), ImagePurged(image_id=purged), owner="she"))
    async with world.runner.running():
        await world.two_die()
        recorded = await world.quarantined(3)
    events = [ImageQuarantined(image_id=each, code="WORKER_DIED", message="It died.") for each in
              (mine, others, deleted)]  # fmt: skip
    assert [each.event for each in recorded] == events
    assert [(each.owner, each.actor) for each in recorded] == [
        ("me", "darkroom"),
        ("you", "darkroom"),
        ("they", "darkroom"),
    ]


async def test_an_image_that_comes_later_is_quarantined_when_it_is_asked_for() -> None:
    """And the one before it is not so again."""
    world = World()
    first = await world.upload("me")
    async with world.runner.running():
        await world.two_die()
        await world.quarantined(1)
        second = await world.upload("you")
        await world.asked()
        recorded = await world.quarantined(2)
    assert [each.stream for each in recorded] == [image_stream(first), image_stream(second)]


async def test_a_lost_race_and_a_full_disk_only_delay_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody has changed meanwhile stays changed."""
    world = World()
    image_id = await world.upload("me")
    stream, plain = image_stream(image_id), world.log.append
    hindrances = iter([StorageFull("full"), VersionConflict(stream, expected="1", current=2)])

    async def hindered(command: Append) -> Appended:
        if hindrance := next(hindrances, None):
            await plain(append(stream, ImageRenamed(image_id=image_id, name=hindrance.code), owner="me"))
            raise hindrance
        return await plain(command)

    monkeypatch.setattr(world.log, "append", hindered)
    async with world.runner.running():
        await world.two_die()
        (recorded,) = await world.quarantined(1)
    assert recorded.version == 4


async def test_an_unforeseen_error_does_not_end_the_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told again by the next who asks."""
    world = World()
    await world.upload("me")
    plain, failed = world.log.read_stream, asyncio.Event()

    async def broken(*_: object) -> Sequence[RecordedEvent]:
        failed.set()
        raise RuntimeError("surprise")

    monkeypatch.setattr(world.log, "read_stream", broken)
    async with world.runner.running():
        await world.two_die()
        await asyncio.wait_for(failed.wait(), 10)
        monkeypatch.setattr(world.log, "read_stream", plain)
        await world.asked()
        assert len(await world.quarantined(1)) == 1


async def test_what_is_purged_in_this_moment_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """And does not keep others from it."""
    world = World()
    purged, image_id = await world.upload("me"), await world.upload("you")
    found = await world.read_model.images_of(BYTES)
    assert list(found) == [purged, image_id]
    await world.log.append(append(image_stream(purged), ImagePurged(image_id=purged), owner="me"))

    async def late(_: str) -> Sequence[str]:
        return found

    monkeypatch.setattr(world.read_model, "images_of", late)
    async with world.runner.running():
        await world.two_die()
        (recorded,) = await world.quarantined(1)
    assert recorded.stream == image_stream(image_id)
