"""Erasure: after a purge nothing personal is left in any file, and nothing of anybody else is gone."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import ExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.album import album_stream
from domain.bulk import operation_stream
from domain.commands import (
    CreateAlbum,
    DeleteImage,
    DescribeAlbum,
    DescribeImage,
    EraseAlbum,
    EraseImage,
    UndoImage,
    UntagImage,
)
from domain.errors import NotFound, StorageFull
from domain.events import (
    AlbumErased,
    BulkAction,
    ExaminationStarted,
    ImageErased,
    ImageExamined,
    ImageUploaded,
    RenderingFinished,
    RenderingRequested,
)
from domain.examination import examination_stream
from domain.header import MediaType
from domain.image import image_stream
from domain.metadata import Location, Metadata
from domain.ports.content import Hold
from domain.ports.log import Append, Appended, RecordedEvent, StreamAppend
from domain.ports.read_model import AlbumQuery, Snapshot
from domain.ports.rendering import Rendered, RenderJob, RenderOutcome
from domain.ports.views import ImageState
from domain.query import ImageFilter
from domain.rendering import rendering_stream
from domain.requests import Caller
from infrastructure import erasure as module
from infrastructure.deaths import Deaths
from infrastructure.erasure import Eraser
from infrastructure.log.chain import Row, first_break
from infrastructure.renderings import RenderingRunner
from infrastructure.sqlite.ledger import COLUMNS
from infrastructure.sqlite.scan import Scan
from infrastructure.sqlite.store import Store
from tests.examples import OWNER, context, new_id, requested
from tests.infrastructure.archive import CALLER, Archive, in_memory, on_files
from tests.infrastructure.sqlite.tables import folded, tables
from tests.infrastructure.traces import found, secrets

MARKER = "Zoë-47Ω1b9-marker"
PIXEL_HASH = "5ca1ab1e" * 8
PLACEHOLDER = "UGxhY2Vob2xkZXIgbWFya2Vk"
LATITUDE = 48.8583701
FOUND = (PIXEL_HASH, PLACEHOLDER, str(LATITUDE), "1984-04-04")
ORIGINAL = b"\xff\xd8\xff\xfe" + MARKER.encode() + bytes(range(256)) * 20
STRANGER = Caller("actor-2", "owner-2")
Rebuild = Callable[[], Awaitable[object]]


class Painter:
    """Renders by marking what it was given; waits where it is told to."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.began = asyncio.Event()

    async def render(self, job: RenderJob, hold: Hold) -> Mapping[str, RenderOutcome]:
        self.began.set()
        await self.gate.wait()
        return {rendition_id: await self._make(job, rendition_id, hold) for rendition_id in job.requests}

    async def _make(self, job: RenderJob, rendition_id: str, hold: Hold) -> RenderOutcome:
        content = f"{MARKER} {job.original} {rendition_id}".encode()
        sha256 = await asyncio.to_thread(hold.put, content)
        return Rendered(sha256=sha256, byte_size=len(content), media_type=MediaType.WEBP, width=1, height=1)


@dataclass
class World:
    archive: Archive
    rebuild: Rebuild
    rebuilds: int = 0
    forgotten: list[tuple[str, bool]] = field(default_factory=list)

    def eraser(self) -> Eraser:
        archive = self.archive
        return Eraser(archive.log, archive.read_model, archive.content, self.rebuilt, self.forget)

    async def forget(self, sha256: str) -> None:
        """With the word whether its bytes were still there."""
        self.forgotten.append((sha256, self.holds(sha256)))

    async def rebuilt(self) -> None:
        self.rebuilds += 1
        await self.rebuild()

    async def erase(self) -> None:
        """Until nothing is left to erase."""
        async with self.eraser().running(), asyncio.timeout(60):
            while await self.archive.read_model.pending_erasures(1):
                await asyncio.sleep(0.002)

    async def examine(self, image_id: str) -> None:
        """With the marker in all that was found."""
        started = ExaminationStarted(image_id=image_id, attempt=1)
        examined = ImageExamined(
            image_id=image_id,
            pixel_hash=PIXEL_HASH,
            perceptual_hash="0123456789abcdef",
            placeholder=PLACEHOLDER,
            metadata=Metadata(make=MARKER, taken_at=datetime(1984, 4, 4, tzinfo=UTC)),
            location=Location(latitude=LATITUDE, longitude=2.25),
        )
        writes = [StreamAppend(examination_stream(image_id), [started, examined])]
        await self.archive.log.append(Append(context=context(), writes=writes))

    async def purge(self, *image_ids: str, caller: Caller = CALLER) -> None:
        for image_id in image_ids:
            await self.archive.images.change(caller, EraseImage(image_id=image_id), None, None)

    async def request(self, image_id: str) -> None:
        stream = rendering_stream(image_id, "b" * 32)
        original = (await self.archive.image(image_id)).sha256
        event = requested(image_id)
        write = StreamAppend(stream, [_of(event, original)])
        await self.archive.log.append(Append(context=context(), writes=[write]))

    def holds(self, sha256: str) -> bool:
        try:
            with ExitStack() as stack:
                stack.enter_context(self.archive.content.open(sha256))
        except NotFound:
            return False
        return True

    def painting(self, painter: Painter) -> RenderingRunner:
        archive = self.archive
        return RenderingRunner(archive.log, archive.read_model, archive.content, painter, Deaths(), at_once=2)

    async def painted(self, count: int) -> None:
        async with asyncio.timeout(30):
            while len(await self.archive.events(RenderingFinished)) < count:
                await asyncio.sleep(0.002)


def _of(event: RenderingRequested, original: str) -> RenderingRequested:

    return replace(event, original=original)


async def nothing() -> None:
    pass


@pytest.fixture
def world() -> World:
    return World(in_memory(), nothing)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RETRY_SECONDS", 0.001)
    monkeypatch.setattr(StorageFull, "retry_after", 0)


@asynccontextmanager
async def world_on_files(folder: Path) -> AsyncIterator[tuple[World, Store]]:
    async with on_files(folder) as (archive, store):
        yield World(archive, store.rebuild), store


async def marked_image(world: World) -> str:
    """The marker in everything that can be said of an image, now and in the past, and in its pixels."""
    archive = world.archive
    image_id = await archive.upload(ORIGINAL, name=f"{MARKER}.jpg", tags=(MARKER, "cat"))
    for command in (
        DescribeImage(image_id=image_id, description=f"This is {MARKER}."),
        DescribeImage(image_id=image_id, name="other.jpg", description=f"{MARKER} again"),
        UndoImage(image_id=image_id),
        UntagImage(image_id=image_id, tags=(MARKER,)),
        DeleteImage(image_id=image_id),
    ):
        await archive.change(command)
    await world.request(image_id)
    await world.examine(image_id)
    return image_id


def intact(folder: Path) -> bool:
    """Whether the chain is whole, and the read file what the log amounts to."""
    with closing(Scan(folder)) as scan:
        rows = scan._db.execute(f"SELECT {COLUMNS}, hash FROM events ORDER BY position").fetchall()
    whole = first_break((Row(*row[:-1]), row[-1]) for row in rows) is None
    (read_file,) = folder.glob("read-*.db")
    return whole and tables(read_file) == folded(folder, folder.parent / f"{new_id()}.db")


def whole_log(folder: Path) -> list[RecordedEvent]:
    with closing(Scan(folder)) as scan:
        return [each for page in scan.pages(after=0) for each in page]


async def test_nothing_of_a_purged_image_is_left_in_any_file(tmp_path: Path) -> None:
    """Neither its words nor its bytes nor its key; the chain holds, and everything else is as it was."""
    folder, copy = tmp_path / "data", tmp_path / "copy"
    async with world_on_files(folder) as (world, store):
        archive = world.archive
        other = await archive.upload(b"another picture", name="other.jpg", description="It stays.")
        image_id = await marked_image(world)
        async with world.painting(Painter()).running():
            await world.painted(1)
        before = store.log.head
        keys = await asyncio.to_thread(
            secrets, folder, [image_stream(image_id), examination_stream(image_id)]
        )
        assert len(keys) == 2
        assert {name.partition("/")[0] for name, _ in found(folder, MARKER, ORIGINAL)} >= {"content"}
        assert found(folder, *keys)
        assert {form for name, form in found(folder, *FOUND) if name.startswith("read")} == {
            needle.encode() for needle in FOUND
        }
        await asyncio.to_thread(shutil.copytree, folder, copy)
        await world.purge(image_id)
        await world.erase()

        assert found(folder, MARKER, ORIGINAL, *keys, *FOUND) == []
        assert [each.image_id for each in await archive.shown()] == [other]
        for as_of in (None, before):
            view = (await archive.read_model.image(OWNER, image_id, as_of)).value
            assert view is not None
            assert (view.state, view.name, view.description, view.tags) == (ImageState.ERASED, "", "", ())
            assert view.findings is None
        assert (await archive.image(other)).description == "It stays."
        assert world.holds((await archive.image(other)).sha256)
        assert MARKER not in str(await store.log.read(0, 1000))
        assert len(await archive.events(ImageErased)) == 1
        await store.rebuild()
    assert found(folder, MARKER, ORIGINAL, *keys) == []
    assert await asyncio.to_thread(intact, folder)

    for name in ("log.db", "log.db-wal", "log.db-shm"):
        (folder / name).unlink(missing_ok=True)
        if (copy / name).exists():
            shutil.copy(copy / name, folder)
    recorded = await asyncio.to_thread(whole_log, folder)
    assert any(isinstance(each.event, ImageUploaded) and each.event.image_id == image_id for each in recorded)
    assert MARKER not in str(recorded), "an old copy of the log brought it back"


async def test_nothing_of_a_purged_album_is_left_in_any_file(tmp_path: Path) -> None:
    """Its images stay."""
    async with world_on_files(tmp_path / "data") as (world, store):
        archive, folder = world.archive, tmp_path / "data"
        image_id = await archive.upload(b"a picture")
        album_id = new_id()
        await archive.albums.create(CALLER, CreateAlbum(album_id=album_id, name=MARKER), None)
        describe = DescribeAlbum(album_id=album_id, name="plain", description=f"all of {MARKER}")
        await archive.albums.change(CALLER, describe, None, None)
        keys = await asyncio.to_thread(secrets, folder, [album_stream(album_id)])
        before = store.log.head
        await archive.albums.change(CALLER, EraseAlbum(album_id=album_id), None, None)
        await world.erase()
        assert found(folder, MARKER, *keys) == []
        view = (await archive.read_model.album(OWNER, album_id, before)).value
        assert view is not None
        assert (view.state, view.name, view.description) == (ImageState.ERASED, "", "")
        assert (await archive.image(image_id)).state is ImageState.ACTIVE
        assert len(await archive.events(AlbumErased)) == 1
    assert found(folder, MARKER, *keys) == []
    assert await asyncio.to_thread(intact, folder)


async def test_nothing_of_an_erased_owner_is_left_in_any_file(tmp_path: Path) -> None:
    """Nor in what was asked of bulk operations; what others have stays, even if it is the same picture."""
    folder = tmp_path / "data"
    async with world_on_files(folder) as (world, _):
        archive = world.archive
        shared = await archive.upload(b"shared", STRANGER, name="shared.jpg")
        await archive.upload(b"shared", name=f"{MARKER} shared.jpg")
        others = [await archive.upload(ORIGINAL + bytes([number]), name=MARKER) for number in range(5)]
        image_ids = [await marked_image(world), *others]
        album_id = new_id()
        await archive.albums.create(CALLER, CreateAlbum(album_id=album_id, name=MARKER), None)
        tagged = await archive.start(BulkAction.TAG, ImageFilter(text=MARKER[:6]), f"{MARKER} tag")
        streams = [
            *map(image_stream, image_ids),
            examination_stream(image_ids[0]),
            album_stream(album_id),
            operation_stream(tagged),
        ]
        keys = await asyncio.to_thread(secrets, folder, streams)
        assert len(keys) == len(streams)
        async with world.painting(Painter()).running():
            await archive.run()
            await world.painted(1)
            await archive.bulk.erase(CALLER, None)
            await archive.run()
            await world.erase()
        assert found(folder, MARKER, ORIGINAL, *keys) == []
        assert world.rebuilds <= 3
        assert await archive.shown() == []
        assert (await archive.read_model.albums(AlbumQuery(owner=OWNER, deleted=None))).value.albums == ()
        (left,) = await archive.shown(owner="owner-2")
        assert (left.image_id, left.name) == (shared, "shared.jpg")
        assert world.holds(left.sha256)
        assert {each.name for each in await archive.events(ImageUploaded)} == {"", "shared.jpg"}
    assert found(folder, MARKER, ORIGINAL, *keys) == []
    assert await asyncio.to_thread(intact, folder)


async def test_what_an_examination_under_way_finds_is_erased_too(world: World) -> None:
    """The purge waits for its end: a key made after the others were destroyed would outlive them."""
    archive = world.archive
    image_id = await archive.upload(ORIGINAL)
    stream = examination_stream(image_id)
    started = ExaminationStarted(image_id=image_id, attempt=1)
    await archive.log.append(Append(context=context(), writes=[StreamAppend(stream, [started])]))
    await world.purge(image_id)
    async with world.eraser().running(), asyncio.timeout(30):
        for _ in range(50):
            await asyncio.sleep(0.001)
        assert await archive.events(ImageErased) == []
        found = ImageExamined(image_id=image_id, pixel_hash=PIXEL_HASH, metadata=Metadata(make=MARKER))
        await archive.log.append(Append(context=context(), writes=[StreamAppend(stream, [found])]))
        while await archive.read_model.pending_erasures(1):
            await asyncio.sleep(0.002)
    assert await archive.events(ImageExamined) == [ImageExamined(image_id=image_id)]


# -- the bytes


async def test_bytes_that_another_image_has_stay_until_it_is_purged_too(world: World) -> None:
    """Whoever's it is."""
    archive = world.archive
    mine = await archive.upload(b"the same")
    theirs = await archive.upload(b"the same", STRANGER)
    sha256 = (await archive.image(mine)).sha256
    await world.purge(mine)
    await world.erase()
    assert world.holds(sha256)
    await world.purge(theirs, caller=STRANGER)
    await world.erase()
    assert not world.holds(sha256)


async def test_what_was_made_of_purged_bytes_is_forgotten(world: World) -> None:
    """After the bytes: whoever makes more of them meanwhile finds that they are gone."""
    image_id = await world.archive.upload(ORIGINAL)
    sha256 = (await world.archive.events(ImageUploaded))[0].sha256
    await world.purge(image_id)
    await world.erase()
    assert world.forgotten == [(sha256, False)]


async def test_bytes_uploaded_again_stay(world: World) -> None:
    """They belong to another image then."""
    archive = world.archive
    first = await archive.upload(b"the same")
    await world.purge(first)
    second = await archive.upload(b"the same")
    await world.erase()
    assert first != second
    assert world.holds((await archive.image(second)).sha256)


async def test_an_upload_of_the_same_bytes_is_not_robbed_of_them(world: World) -> None:
    """It finds them there, is about to be recorded, and the eraser comes: they are there afterwards."""
    archive = world.archive
    image_id = await archive.upload(b"the same")
    sha256 = (await archive.image(image_id)).sha256
    await world.purge(image_id)
    plain, kept, erased = archive.log.append, asyncio.Event(), asyncio.Event()

    async def slow(append: Append) -> Appended:
        if any(isinstance(event, ImageUploaded) for write in append.writes for event in write.events):
            kept.set()
            await erased.wait()
        return await plain(append)

    archive.log.append = slow  # type: ignore[method-assign]
    uploading = asyncio.create_task(archive.upload(b"the same"))
    await kept.wait()
    eraser = world.eraser()
    for _ in range(3):
        assert not await eraser._erased_all()
    erased.set()
    second = await uploading
    await world.erase()
    assert world.holds(sha256)
    assert (await archive.image(second)).sha256 == sha256
    assert len(await archive.events(ImageErased)) == 1


async def test_a_rendition_of_the_same_bytes_is_not_robbed_of_them(world: World) -> None:
    """As an upload; the rendition of another owner's picture is the same, and is recorded only later."""
    archive = world.archive
    mine = await archive.upload(b"the same")
    theirs = await archive.upload(b"the same", STRANGER)
    await world.request(mine)
    plain, kept, erased = archive.log.append, asyncio.Event(), asyncio.Event()
    async with world.painting(Painter()).running():
        await world.painted(1)
        await world.purge(mine)

        async def slow(append: Append) -> Appended:
            if any(isinstance(event, RenderingFinished) for write in append.writes for event in write.events):
                kept.set()
                await erased.wait()
            return await plain(append)

        archive.log.append = slow  # type: ignore[method-assign]
        original = (await archive.shown(owner="owner-2"))[0].sha256
        event = _of(requested(theirs), original)
        stream = rendering_stream(theirs, "b" * 32)
        await plain(Append(context=context(owner="owner-2"), writes=[StreamAppend(stream, [event])]))
        await kept.wait()
        eraser = world.eraser()
        for _ in range(3):
            assert not await eraser._erased_all()
        erased.set()
        await world.painted(2)
        await world.erase()
    (image,) = await archive.shown(owner="owner-2")
    (rendition,) = image.renditions
    assert rendition.sha256 is not None
    assert world.holds(rendition.sha256)


async def test_a_rendering_under_way_is_waited_for(world: World) -> None:
    """What it brings is removed as well, and it has its one end."""
    archive, painter = world.archive, Painter()
    image_id = await archive.upload(b"a picture")
    await world.request(image_id)
    painter.gate.clear()
    async with world.painting(painter).running():
        await painter.began.wait()
        await world.purge(image_id)
        eraser = world.eraser()
        for _ in range(3):
            assert not await eraser._erased_all()
        painter.gate.set()
        await world.painted(1)
        (finished,) = await archive.events(RenderingFinished)
        assert world.holds(finished.sha256)
        await world.erase()
    assert not world.holds(finished.sha256)


async def test_nothing_is_removed_on_the_word_of_a_read_model_that_is_behind(world: World) -> None:
    """It may not know yet what refers to the bytes."""
    archive = world.archive
    image_id = await archive.upload(b"a picture")
    sha256 = (await archive.image(image_id)).sha256
    await world.purge(image_id)
    plain = archive.read_model.referred

    async def behind(hashes: object) -> Snapshot[frozenset[str]]:
        return Snapshot(frozenset(), archive.log.head - 1)

    archive.read_model.referred = behind  # type: ignore[method-assign]
    eraser = world.eraser()
    assert not await eraser._erased_all()
    assert world.holds(sha256)
    archive.read_model.referred = plain  # type: ignore[method-assign]
    await world.erase()
    assert not world.holds(sha256)


# -- cut off


@pytest.mark.parametrize("step", ["forget", "remove", "removed", "rebuild", "rebuilt", "record"])
async def test_an_erasure_is_done_again_where_it_was_cut_off(world: World, step: str) -> None:
    """And recorded once."""
    archive = world.archive
    image_id = await archive.upload(b"a picture")
    sha256 = (await archive.image(image_id)).sha256
    await world.purge(image_id)
    reached = asyncio.Event()

    async def hang() -> None:
        reached.set()
        await asyncio.Event().wait()

    forget, remove, rebuild = archive.log.forget, archive.content.remove, world.rebuild
    with pytest.MonkeyPatch.context() as patch:
        match step:
            case "forget":
                patch.setattr(archive.log, "forget", lambda _: hang())
            case "remove":
                patch.setattr(archive.content, "remove", lambda *_: hang())
            case "removed":

                async def removed(*arguments: object) -> None:
                    await remove(*arguments)  # type: ignore[arg-type]
                    await hang()

                patch.setattr(archive.content, "remove", removed)
            case "rebuild":
                patch.setattr(world, "rebuild", hang)
            case "rebuilt":

                async def rebuilt() -> None:
                    await rebuild()
                    await hang()

                patch.setattr(world, "rebuild", rebuilt)
            case _:
                patch.setattr(archive.log, "append", lambda _: hang())
        async with world.eraser().running(), asyncio.timeout(10):
            await reached.wait()
    assert await archive.events(ImageErased) == []
    assert archive.log.forget == forget
    await world.erase()
    assert await archive.events(ImageErased) == [ImageErased(image_id=image_id)]
    assert not world.holds(sha256)
    assert (await archive.log.read_stream(image_stream(image_id)))[0].event.name == ""  # type: ignore[union-attr]


async def test_two_erasers_record_one_erasure(world: World) -> None:
    """The one that is late is refused by the version."""
    archive = world.archive
    image_id = await archive.upload(b"a picture")
    await world.purge(image_id)
    pending = await archive.read_model.pending_erasures(10)
    eraser = world.eraser()
    await asyncio.gather(eraser._erase(pending), eraser._erase(pending))
    assert len(await archive.events(ImageErased)) == 1


async def test_an_error_delays_it(world: World) -> None:
    """Whatever it is; the purge is in the log, and is carried out when that is possible."""
    archive = world.archive
    image_id = await archive.upload(b"a picture")
    await world.purge(image_id)
    errors = iter([RuntimeError("surprise"), StorageFull("full")])

    async def sometimes_broken() -> None:
        if error := next(errors, None):
            raise error

    world.rebuild = sometimes_broken
    await world.erase()
    assert world.rebuilds == 3
    assert len(await archive.events(ImageErased)) == 1


async def test_many_purges_share_a_rebuild(world: World) -> None:
    """Which is what costs."""
    image_ids = await world.archive.uploads(50)
    await world.purge(*image_ids)
    await world.erase()
    assert world.rebuilds == 1
    assert len(await world.archive.events(ImageErased)) == 50


async def test_a_purge_is_carried_out_as_soon_as_it_is_recorded(world: World) -> None:
    """Nobody has to ask."""
    image_ids = await world.archive.uploads(2)
    async with world.eraser().running(), asyncio.timeout(30):
        for count, image_id in enumerate(image_ids, 1):
            await world.purge(image_id)
            while len(await world.archive.events(ImageErased)) < count:
                await asyncio.sleep(0.001)
