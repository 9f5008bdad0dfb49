"""Replays: every image is rendered by the new version, and then all of them show it at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from domain.commands import DeleteImage
from domain.errors import Conflict, InvalidInput, NothingToRollBack, Refusal, StorageFull, VersionConflict
from domain.events import (
    Event,
    OperationFinished,
    OperationProgressed,
    PresetReplayed,
    PresetSaved,
    RenderingFinished,
    RenderingRequested,
)
from domain.header import MediaType
from domain.ports.log import Append, Appended
from domain.ports.rendering import Rendered, RenderFailure, RenderJob, RenderOutcome
from domain.ports.views import OperationState, RenditionState, ReplayFate
from domain.preset_service import PresetService, WantedPreset
from domain.preset_shelf import PresetShelf
from domain.presets import Presets
from domain.query import ImageFilter, ImageQuery
from domain.recipe import Step
from domain.rendition_service import RenditionService, WantedRendition
from domain.replay_service import ReplayService
from domain.requests import Caller
from domain.service import Upload
from infrastructure import operation_runner
from infrastructure import replays as module
from infrastructure.deaths import Deaths
from infrastructure.renderings import RenderingRunner
from infrastructure.replays import ReplayRunner
from tests.examples import OWNER
from tests.infrastructure.archive import CALLER, Archive, in_memory, on_files

STRANGER = Caller("actor-2", "owner-2")
RENDERED = Rendered(sha256="c" * 64, byte_size=9, media_type=MediaType.JPEG, width=2, height=1)
GRAY, SEPIA = Step("grayscale"), Step("sepia")


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 4)
    monkeypatch.setattr(operation_runner, "BACKOFF_SECONDS", 0.001)
    monkeypatch.setattr(StorageFull, "retry_after", 0)


class Painter:
    """Renders all, but for originals that it is told to fail."""

    def __init__(self) -> None:
        self.broken: set[str] = set()
        self.jobs = 0

    async def render(self, job: RenderJob, hold: object) -> dict[str, RenderOutcome]:
        self.jobs += 1
        broken = job.original in self.broken
        outcome = RenderFailure("BROKEN", "Broken.") if broken else RENDERED
        return dict.fromkeys(job.requests, outcome)


class Gallery:
    """An archive whose images are rendered by the preset `web`."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.log, self.read_model = archive.log, archive.read_model
        self.presets = PresetService(self.log, Presets())
        self.renditions = RenditionService(self.log, Presets())
        self.replays = ReplayService(self.log, self.read_model, Presets())
        self.painter = Painter()

    async def save(self, *steps: Step) -> None:
        await self.presets.save(CALLER, WantedPreset(name="web", steps=steps), None, None)

    async def upload(self, number: int, *presets: str) -> str:
        async with self.archive.content.stage() as staging:
            await staging.write(b"picture %d" % number)
            upload = Upload(name="a.jpg", presets=presets or ("web",))
            done = await self.archive.images.upload(CALLER, await staging.finish(), upload, None)
            return done.image_id

    async def uploads(self, count: int) -> list[str]:
        image_ids = [await self.upload(number) for number in range(count)]
        await self.rest()
        return image_ids

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        shelf = PresetShelf(self.log, Presets())
        replays = ReplayRunner(self.log, self.read_model, self.renditions, shelf)
        content = self.archive.content
        renderings = RenderingRunner(self.log, self.read_model, content, self.painter, Deaths(), 2)
        async with renderings.running(), replays.running():
            yield

    async def rest(self) -> None:
        """Work until nothing is left to do."""
        async with self.working(), asyncio.timeout(30):
            while await self.read_model.running_operations(1) or (await self.read_model.pending(1)).value:
                await asyncio.sleep(0.001)

    async def start(self) -> str:
        return (await self.replays.start(CALLER, "web", None, None)).operation_id

    async def counts(self, operation_id: str) -> tuple[int, int, int, int]:
        view = await self.archive.operation(operation_id)
        return view.changed, view.unchanged, view.refused, view.failed

    async def shown(self, as_of: int | None = None) -> list[str]:
        """By what each image shows its rendition of the preset, the oldest first."""
        page = await self.read_model.images(query(as_of))
        operations = []
        for image in reversed(page.value.images):
            made = image.shown("web")
            recorded = made and await self.log.read_stream(f"rendering-{image.image_id}-{made.rendition_id}")
            asked = recorded and recorded[0].event
            assert isinstance(asked, RenderingRequested)
            operations.append(asked.recipe.steps[0].operation)
        return operations


def query(as_of: int | None) -> ImageQuery:
    return ImageQuery(owner=OWNER, filter=ImageFilter(), limit=100, as_of=as_of)


@pytest.fixture
def gallery() -> Gallery:
    return Gallery(in_memory())


async def cut_off(gallery: Gallery, when: Callable[[Append], bool]) -> None:
    """Work until an append, which is not written any more, nor is any after it."""
    plain, died = gallery.log.append, asyncio.Event()

    async def dying(append: Append) -> Appended:
        if died.is_set() or when(append):
            died.set()
            await asyncio.Event().wait()
        return await plain(append)

    gallery.log.append = dying  # type: ignore[method-assign]
    async with asyncio.timeout(30):
        working = asyncio.create_task(_forever(gallery))
        await died.wait()
        working.cancel()
        await asyncio.wait({working})
    gallery.log.append = plain  # type: ignore[method-assign]


async def _forever(gallery: Gallery) -> None:
    async with gallery.working():
        await asyncio.Event().wait()


def happens(append: Append, kind: type[Event]) -> bool:
    return any(isinstance(event, kind) for write in append.writes for event in write.events)


async def test_all_images_switch_at_once(gallery: Gallery) -> None:
    """At every position of the log all of them show the same, and the end is that of the switch."""
    await gallery.save(GRAY)
    await gallery.uploads(10)
    await gallery.save(SEPIA)
    operation_id = await gallery.start()
    await gallery.rest()
    assert (await gallery.archive.operation(operation_id)).total == 10
    assert await gallery.counts(operation_id) == (10, 0, 0, 0)
    progress = await gallery.archive.events(OperationProgressed)
    assert [each.changed for each in progress] == [4, 8, 10]
    recorded = await gallery.log.read(0, 1_000)
    end, switch = recorded[-2:]
    assert isinstance(end.event, OperationFinished)
    assert isinstance(switch.event, PresetReplayed)
    assert end.command_id == switch.command_id
    first = next(each.position for each in recorded if isinstance(each.event, OperationProgressed))
    for position in range(first, switch.position):
        assert set(await gallery.shown(position)) == {"grayscale"}
    assert await gallery.shown() == ["sepia"] * 10


async def test_uploads_are_by_the_newest_version_meanwhile(gallery: Gallery) -> None:
    """And are not a part of the replay."""
    await gallery.save(GRAY)
    await gallery.uploads(2)
    await gallery.save(SEPIA)
    operation_id = await gallery.start()
    await gallery.upload(7)
    assert await gallery.shown() == ["grayscale", "grayscale", "sepia"]
    await gallery.rest()
    assert await gallery.counts(operation_id) == (2, 0, 0, 0)
    assert await gallery.shown() == ["sepia"] * 3


async def test_each_image_counts_as_what_came_of_it(gallery: Gallery) -> None:
    """What failed and what is deleted shows what it has; without the preset an image is left alone."""
    await gallery.save(GRAY)
    there, broken, deleted, _ = await gallery.uploads(4)
    await gallery.upload(8, "thumbnail")
    await gallery.save(SEPIA)
    wanted = WantedRendition(image_id=there, preset="web")
    await gallery.renditions.request(CALLER, wanted, None)
    await gallery.archive.change(DeleteImage(image_id=deleted))
    gallery.painter.broken.add((await gallery.archive.image(broken)).sha256)
    head = gallery.log.head
    dry_run = (await gallery.replays.dry_run(CALLER, "web", 5)).value
    assert dry_run.counts == {ReplayFate.TO_RENDER: 2, ReplayFate.THERE: 1, ReplayFate.DELETED: 1}
    assert len(dry_run.sample) == 2
    assert gallery.log.head == head, "it records nothing"
    operation_id = await gallery.start()
    await gallery.rest()
    assert await gallery.counts(operation_id) == (1, 1, 1, 1)
    for image_id in (broken, deleted):
        shown = (await gallery.archive.image(image_id)).shown("web")
        assert shown is not None
        assert (shown.preset_version, shown.state) == (1, RenditionState.READY)
    again = await gallery.start()
    gallery.painter.broken.clear()
    await gallery.rest()
    assert await gallery.counts(again) == (1, 2, 1, 0)
    assert len(await gallery.archive.events(PresetReplayed)) == 1, "it was shown already"


@pytest.mark.parametrize("killed_after", [0, 1, 3, 6, 9, 13, 17, 20])
async def test_a_replay_goes_on_where_it_was_cut_off(gallery: Gallery, killed_after: int) -> None:
    """Every image is rendered once and counted once, whenever it was; the switch comes once."""
    await gallery.save(GRAY)
    await gallery.uploads(6)
    await gallery.save(SEPIA)
    operation_id = await gallery.start()
    before = len(await gallery.archive.events(RenderingFinished))
    appends = iter(range(killed_after))
    await cut_off(gallery, lambda _: next(appends, None) is None)
    assert await gallery.shown() == ["grayscale"] * 6
    await gallery.rest()
    assert await gallery.counts(operation_id) == (6, 0, 0, 0)
    assert len(await gallery.archive.events(RenderingFinished)) == before + 6
    assert len(await gallery.archive.events(PresetReplayed)) == 1
    assert await gallery.shown() == ["sepia"] * 6


async def test_an_end_that_was_cut_off_is_made_up_for(gallery: Gallery) -> None:
    """Neither the end nor the switch is there without the other."""
    await gallery.save(GRAY)
    await gallery.uploads(2)
    await gallery.save(SEPIA)
    operation_id = await gallery.start()
    await cut_off(gallery, lambda append: happens(append, PresetReplayed))
    assert (await gallery.archive.operation(operation_id)).state is OperationState.RUNNING
    assert await gallery.shown() == ["grayscale"] * 2
    await gallery.rest()
    assert await gallery.counts(operation_id) == (2, 0, 0, 0)
    assert await gallery.shown() == ["sepia"] * 2


async def test_a_cancelled_replay_switches_nothing(gallery: Gallery) -> None:
    """What it has rendered stays, and is not rendered again by the next one."""
    await gallery.save(GRAY)
    await gallery.uploads(6)
    await gallery.save(SEPIA)
    operation_id = await gallery.start()
    plain = gallery.log.append

    async def cancelling(append: Append) -> Appended:
        appended = await plain(append)
        if happens(append, OperationProgressed):
            await gallery.archive.bulk.cancel(CALLER, operation_id, None)
        return appended

    gallery.log.append = cancelling  # type: ignore[method-assign]
    await gallery.rest()
    gallery.log.append = plain  # type: ignore[method-assign]
    assert (await gallery.archive.operation(operation_id)).state is OperationState.CANCELLED
    assert await gallery.counts(operation_id) == (4, 0, 0, 0)
    assert await gallery.shown() == ["grayscale"] * 6
    again = await gallery.start()
    await gallery.rest()
    assert await gallery.counts(again) == (2, 4, 0, 0)
    assert await gallery.shown() == ["sepia"] * 6


async def test_a_replay_of_what_was_saved_before_is_overtaken(gallery: Gallery) -> None:
    """Who replays an older version after a newer one was shown switches nothing back."""
    await gallery.save(GRAY)
    await gallery.uploads(2)
    await gallery.save(SEPIA)
    older = await gallery.start()
    await gallery.save(Step("invert"))
    newer = await gallery.start()
    async with gallery.working(), asyncio.timeout(30):
        await gallery.archive.ended(older)
        await gallery.archive.ended(newer)
    assert await gallery.shown() == ["invert"] * 2
    await gallery.presets.roll_back(CALLER, "web", None, None)
    assert await gallery.shown() == ["sepia"] * 2


async def test_a_roll_back_renders_nothing(gallery: Gallery) -> None:
    """What was shown before is there, and uploads are by it again; there is nothing before the first."""
    await gallery.save(GRAY)
    await gallery.uploads(3)
    with pytest.raises(NothingToRollBack):
        await gallery.presets.roll_back(CALLER, "web", None, None)
    await gallery.save(SEPIA)
    await gallery.start()
    await gallery.rest()
    jobs = gallery.painter.jobs
    with pytest.raises(VersionConflict):
        await gallery.presets.roll_back(CALLER, "web", 1, None)
    one = await gallery.presets.roll_back(CALLER, "web", 2, "c-1")
    assert await gallery.presets.roll_back(CALLER, "web", 2, "c-1") == one
    assert await gallery.shown() == ["grayscale"] * 3
    assert (await gallery.read_model.pending(9)).value == []
    assert gallery.painter.jobs == jobs
    await gallery.upload(7)
    assert await gallery.shown() == ["grayscale"] * 4


async def test_a_preset_removed_meanwhile_ends_its_replay(gallery: Gallery) -> None:
    """With nothing switched."""
    await gallery.save(GRAY)
    await gallery.uploads(2)
    await gallery.save(SEPIA)
    operation_id = await gallery.start()
    await gallery.presets.remove(CALLER, "web", None, None)
    await gallery.rest()
    assert (await gallery.archive.operation(operation_id)).state is OperationState.FINISHED
    assert await gallery.archive.events(PresetReplayed) == []
    assert await gallery.shown() == ["grayscale"] * 2


async def test_what_is_deleted_meanwhile_holds_nothing_up(gallery: Gallery) -> None:
    """It is refused."""
    await gallery.save(GRAY)
    gone, _ = await gallery.uploads(2)
    await gallery.save(SEPIA)
    operation_id = await gallery.start()
    await gallery.archive.change(DeleteImage(image_id=gone))
    await gallery.rest()
    assert await gallery.counts(operation_id) == (1, 0, 1, 0)
    assert await gallery.shown() == ["sepia"]


async def test_a_start_is_done_once_and_refused_in_words(gallery: Gallery) -> None:
    """Of a preset that is built in, unknown, another owner's or at another version."""
    await gallery.save(GRAY)
    one = await gallery.replays.start(CALLER, "web", 1, "c-1")
    await gallery.save(SEPIA)
    assert await gallery.replays.start(CALLER, "web", 1, "c-1") == one
    for caller, name, expected, code in (
        (CALLER, "thumbnail", None, "INVALID_INPUT"),
        (CALLER, "wep", None, "NOT_FOUND"),
        (STRANGER, "web", None, "NOT_FOUND"),
        (CALLER, "web", 1, "VERSION_CONFLICT"),
    ):
        with pytest.raises(Refusal) as refusal:
            await gallery.replays.start(caller, name, expected, None)
        assert refusal.value.code == code
    with pytest.raises(InvalidInput, match="0 to 20"):
        await gallery.replays.dry_run(CALLER, "web", 21)
    await gallery.rest()
    with pytest.raises(Conflict, match="roll the preset back"):
        await gallery.archive.bulk.undo(CALLER, one.operation_id, None)


async def test_it_is_the_same_on_files(tmp_path: Path) -> None:
    """Also when the store is opened again in between, and when its read model is made anew."""
    async with on_files(tmp_path) as (archive, _):
        gallery = Gallery(archive)
        await gallery.save(GRAY)
        await gallery.uploads(6)
        await gallery.save(SEPIA)
        operation_id = await gallery.start()
    async with on_files(tmp_path) as (archive, store):
        gallery = Gallery(archive)
        await gallery.rest()
        assert await gallery.counts(operation_id) == (6, 0, 0, 0)
        assert await gallery.shown() == ["sepia"] * 6
        await gallery.presets.roll_back(CALLER, "web", None, None)
        await store.rebuild()
        assert await gallery.shown() == ["grayscale"] * 6
        assert [each.version for each in await archive.events(PresetSaved)] == [1, 2, 3]
