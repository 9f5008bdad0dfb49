"""Bulk operations: every image once, all of them counted, and nothing that comes between is lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from domain.bulk import child_command_id, operation_stream
from domain.commands import (
    CreateAlbum,
    DeleteImage,
    DescribeImage,
    RestoreImage,
    StartOperation,
    TagImage,
    UntagImage,
)
from domain.errors import Refusal, StorageFull
from domain.events import (
    BulkAction,
    ImageDeleted,
    ImageTagged,
    OperationCancelled,
    OperationFinished,
    OperationProgressed,
    OperationStarted,
)
from domain.ports.log import Append, Appended
from domain.ports.read_model import AlbumQuery
from domain.ports.views import ImageState, OperationState
from domain.query import ImageFilter, Selection
from domain.recipe import Step
from domain.requests import Caller
from infrastructure import operation_runner
from infrastructure import operations as module
from tests.examples import ACTOR, OWNER, new_id
from tests.infrastructure.archive import CALLER, Archive, in_memory, on_files

STRANGER = Caller("actor-2", "owner-2")


@pytest.fixture
def archive() -> Archive:
    return in_memory()


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 10)
    monkeypatch.setattr(operation_runner, "BACKOFF_SECONDS", 0.001)
    monkeypatch.setattr(StorageFull, "retry_after", 0)


async def refused(asking: object) -> str:
    with pytest.raises(Refusal) as refusal:
        await asking  # type: ignore[misc]
    return refusal.value.code


async def cut_off(archive: Archive, when: Callable[[Append], bool]) -> None:
    """Work until an append, which is not written any more, nor is any after it."""
    plain, died = archive.log.append, asyncio.Event()

    async def dying(append: Append) -> Appended:
        if died.is_set() or when(append):
            died.set()
            await asyncio.Event().wait()
        return await plain(append)

    archive.log.append = dying  # type: ignore[method-assign]
    async with archive.runner().running(), asyncio.timeout(30):
        await died.wait()
    archive.log.append = plain  # type: ignore[method-assign]


async def test_all_that_a_filter_finds_are_changed(archive: Archive) -> None:
    """Each by a command of its own, of whoever started it, which is traced back to the operation."""
    image_ids = await archive.uploads(35)
    operation_id = await archive.start(BulkAction.TAG, ImageFilter(), "sea")
    assert (await archive.operation(operation_id)).total == 35
    await archive.run()
    assert await archive.counts(operation_id) == (35, 0, 0)
    for image_id in image_ids:
        last = (await archive.log.read_stream(f"image-{image_id}"))[-1]
        assert last.event == ImageTagged(image_id=image_id, source="person", tags=("sea",))  # type: ignore[arg-type]
        assert (last.actor, last.owner) == (ACTOR, OWNER)
        assert last.command_id == child_command_id(operation_id, image_id)
        assert last.correlation_id == operation_stream(operation_id)
    progress = await archive.events(OperationProgressed)
    assert [each.changed for each in progress] == [10, 20, 30, 35]
    assert len(await archive.events(OperationFinished)) == 1


async def test_a_selection_is_that_of_its_moment(archive: Archive) -> None:
    """What is uploaded later is not in it; what it would not find any more by its own doing is."""
    image_ids = await archive.uploads(25, tags=("old",))
    operation_id = await archive.start(BulkAction.UNTAG, ImageFilter(tags=("old",)), "old")
    late = await archive.upload(b"late", tags=("old",))
    await archive.run()
    assert await archive.counts(operation_id) == (25, 0, 0)
    assert {image.image_id for image in await archive.shown(ImageFilter(tags=("old",)))} == {late}
    assert len(image_ids) == 25


async def test_images_that_are_named_are_changed_in_their_order(archive: Archive) -> None:
    """Named twice they count once."""
    image_ids = (await archive.uploads(15))[::-1]
    operation_id = await archive.start(BulkAction.DELETE, [*image_ids, *image_ids[:3]])
    assert (await archive.operation(operation_id)).total == 15
    await archive.run()
    assert await archive.counts(operation_id) == (15, 0, 0)
    deleted = await archive.events(ImageDeleted)
    assert {each.image_id for each in deleted[:10]} == set(image_ids[:10])


async def test_what_cannot_be_changed_is_counted(archive: Archive) -> None:
    """Deleted, of somebody else, unknown, or as asked already: each in its place."""
    image_ids = await archive.uploads(4)
    await archive.change(DeleteImage(image_id=image_ids[0]))
    await archive.change(TagImage(image_id=image_ids[1], tags=("sea",)))
    foreign = await archive.upload(b"foreign", STRANGER)
    operation_id = await archive.start(BulkAction.TAG, [*image_ids, foreign, new_id()], "sea")
    await archive.run()
    assert await archive.counts(operation_id) == (2, 1, 3)


async def test_an_operation_on_nothing_ends_at_once(archive: Archive) -> None:
    """With nothing counted."""
    operation_id = await archive.start(BulkAction.DELETE, ImageFilter())
    await archive.run()
    view = await archive.operation(operation_id)
    assert (view.state, view.total, view.changed) == (OperationState.FINISHED, 0, 0)


@pytest.mark.parametrize("killed_after", [0, 1, 2, 7, 9, 10, 11, 14, 20, 26, 31, 32, 33])
async def test_an_operation_goes_on_where_it_was_cut_off(archive: Archive, killed_after: int) -> None:
    """Every image is changed once, and counted once, whenever it was."""
    image_ids = await archive.uploads(30)
    operation_id = await archive.start(BulkAction.TAG, image_ids, "sea")
    appends = iter(range(killed_after))
    await cut_off(archive, lambda _: next(appends, None) is None)
    await archive.run()
    assert await archive.counts(operation_id) == (30, 0, 0)
    assert len(await archive.events(ImageTagged)) == 30
    assert len(await archive.events(OperationFinished)) == 1


async def test_what_was_changed_before_a_crash_counts_as_changed(archive: Archive) -> None:
    """Although it is as asked by then, and somebody else has changed it since."""
    (image_id,) = await archive.uploads(1)
    operation_id = await archive.start(BulkAction.TAG, [image_id], "sea")
    await cut_off(
        archive,
        lambda append: any(isinstance(event, OperationProgressed) for event in append.writes[0].events),
    )
    await archive.change(UntagImage(image_id=image_id, tags=("sea",)))
    await archive.run()
    assert await archive.counts(operation_id) == (1, 0, 0)
    assert [tag.text for tag in (await archive.image(image_id)).tags] == []


async def test_a_full_disk_delays_it_and_loses_nothing(archive: Archive) -> None:
    """It waits."""
    await archive.uploads(12)
    operation_id = await archive.start(BulkAction.DELETE)
    plain, refusals = archive.log.append, iter([StorageFull("full")] * 5)

    async def sometimes_full(append: Append) -> Appended:
        if refusal := next(refusals, None):
            raise refusal
        return await plain(append)

    archive.log.append = sometimes_full  # type: ignore[method-assign]
    await archive.run()
    assert await archive.counts(operation_id) == (12, 0, 0)


async def test_an_unforeseen_error_does_not_end_the_runner(archive: Archive) -> None:
    """The page is tried again."""
    await archive.uploads(12)
    operation_id = await archive.start(BulkAction.DELETE)
    plain, errors = archive.log.append, iter([RuntimeError("surprise")])

    async def sometimes_broken(append: Append) -> Appended:
        if error := next(errors, None):
            raise error
        return await plain(append)

    archive.log.append = sometimes_broken  # type: ignore[method-assign]
    await archive.run()
    assert await archive.counts(operation_id) == (12, 0, 0)


async def test_operations_take_turns(archive: Archive) -> None:
    """A short one need not wait for the end of a long one."""
    image_ids = await archive.uploads(50)
    long = await archive.start(BulkAction.TAG, ImageFilter(), "sea")
    short = await archive.start(BulkAction.TAG, image_ids[:5], "sand")
    await archive.run()
    ends = [each.operation_id for each in await archive.events(OperationFinished)]
    assert ends == [short, long]


async def test_few_images_are_in_work_at_once(archive: Archive) -> None:
    """However large a page is."""
    await archive.uploads(40)
    operation_id = await archive.start(BulkAction.DELETE)
    plain, at_once, most = archive.log.append, 0, 0

    async def counted(append: Append) -> Appended:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.001)
        at_once -= 1
        return await plain(append)

    archive.log.append = counted  # type: ignore[method-assign]
    await archive.run()
    assert await archive.counts(operation_id) == (40, 0, 0)
    assert 1 < most <= operation_runner.AT_ONCE


# -- cancelling


async def test_a_cancelled_operation_ends_after_the_page_under_way(archive: Archive) -> None:
    """What that page changed is counted; nothing else is changed; it ends once."""
    image_ids = await archive.uploads(30)
    operation_id = await archive.start(BulkAction.DELETE, image_ids)
    plain = archive.log.append

    async def cancelling(append: Append) -> Appended:
        appended = await plain(append)
        if append.context.command_id == child_command_id(operation_id, image_ids[13]):
            await archive.bulk.cancel(CALLER, operation_id, None)
            assert (await archive.operation(operation_id)).state is OperationState.CANCELLING
        return appended

    archive.log.append = cancelling  # type: ignore[method-assign]
    await archive.run()
    assert await archive.counts(operation_id) == (20, 0, 0)
    assert len(await archive.events(ImageDeleted)) == 20
    view = await archive.operation(operation_id)
    assert view.state is OperationState.CANCELLED
    undo = (await archive.bulk.undo(CALLER, operation_id, None)).operation_id
    await archive.run()
    assert await archive.counts(undo) == (20, 0, 0)
    assert len(await archive.shown(ImageFilter())) == 30


async def test_cancelling_is_done_once(archive: Archive) -> None:
    """Asked again it is answered the same; a stranger finds nothing to cancel."""
    await archive.uploads(1)
    operation_id = await archive.start(BulkAction.DELETE)
    one = await archive.bulk.cancel(CALLER, operation_id, "c-1")
    assert await archive.bulk.cancel(CALLER, operation_id, "c-1") == one
    await archive.bulk.cancel(CALLER, operation_id, None)
    assert len(await archive.events(OperationCancelled)) == 1
    assert await refused(archive.bulk.cancel(STRANGER, operation_id, None)) == "NOT_FOUND"
    await archive.run()
    assert await refused(archive.bulk.cancel(CALLER, operation_id, None)) == "CONFLICT"
    assert await archive.counts(operation_id) == (0, 0, 0)


# -- undoing


@pytest.mark.parametrize(
    "action", [BulkAction.TAG, BulkAction.UNTAG, BulkAction.DELETE, BulkAction.SET_RECIPE]
)
async def test_an_operation_is_undone_as_one(archive: Archive, action: BulkAction) -> None:
    """All images are as they were; undoing that brings the change back."""
    image_ids = await archive.uploads(23, tags=("old",))
    before = [await _edited(archive, image_id) for image_id in image_ids]
    command = StartOperation(
        action=action, images=ImageFilter(), tags=("old" if action is BulkAction.UNTAG else "new",),
        steps=(Step("grayscale"),),
    )  # fmt: skip
    done = await archive.bulk.start(CALLER, command, None)
    await archive.run()
    after = [await _edited(archive, image_id) for image_id in image_ids]
    assert all(one != other for one, other in zip(before, after, strict=True))
    undo = await archive.bulk.undo(CALLER, done.operation_id, None)
    await archive.run()
    assert await archive.counts(undo.operation_id) == (23, 0, 0)
    assert [await _edited(archive, image_id) for image_id in image_ids] == before
    redo = await archive.bulk.undo(CALLER, undo.operation_id, None)
    await archive.run()
    assert await archive.counts(redo.operation_id) == (23, 0, 0)
    assert [await _edited(archive, image_id) for image_id in image_ids] == after


async def _edited(archive: Archive, image_id: str) -> object:
    image = await archive.image(image_id)
    return image.state, [tag.text for tag in image.tags], [edit.step for edit in image.edits]


async def test_restoring_is_undone_as_well(archive: Archive) -> None:
    """And only what it restored."""
    image_ids = await archive.uploads(3)
    for image_id in image_ids[:2]:
        await archive.change(DeleteImage(image_id=image_id))
    operation_id = await archive.start(BulkAction.RESTORE, image_ids)
    await archive.run()
    assert await archive.counts(operation_id) == (2, 1, 0)
    await archive.bulk.undo(CALLER, operation_id, None)
    await archive.run()
    states = [(await archive.image(image_id)).state for image_id in image_ids]
    assert states == [ImageState.DELETED, ImageState.DELETED, ImageState.ACTIVE]


async def test_what_was_changed_again_since_stays(archive: Archive) -> None:
    """Undoing takes back the operation, not what came after it."""
    one, two, three = await archive.uploads(3)
    operation_id = await archive.start(BulkAction.DELETE, [one, two, three])
    await archive.run()
    await archive.change(RestoreImage(image_id=one))
    await archive.change(RestoreImage(image_id=two))
    await archive.change(DeleteImage(image_id=two))
    undo = (await archive.bulk.undo(CALLER, operation_id, None)).operation_id
    await archive.run()
    assert await archive.counts(undo) == (1, 2, 0)
    states = [(await archive.image(image_id)).state for image_id in (one, two, three)]
    assert states == [ImageState.ACTIVE, ImageState.DELETED, ImageState.ACTIVE]


async def test_other_edits_survive_an_undo(archive: Archive) -> None:
    """Only the tags go back."""
    (image_id,) = await archive.uploads(1)
    operation_id = await archive.start(BulkAction.TAG, [image_id], "sea")
    await archive.run()
    await archive.change(DescribeImage(image_id=image_id, name="b.jpg", tags=("sea", "sand")))
    await archive.bulk.undo(CALLER, operation_id, None)
    await archive.run()
    image = await archive.image(image_id)
    assert (image.name, [tag.text for tag in image.tags]) == ("b.jpg", ["sand"])


async def test_only_what_has_ended_is_undone(archive: Archive) -> None:
    """And nobody else's."""
    await archive.uploads(1)
    operation_id = await archive.start(BulkAction.DELETE)
    assert await refused(archive.bulk.undo(CALLER, operation_id, None)) == "CONFLICT"
    await archive.run()
    assert await refused(archive.bulk.undo(STRANGER, operation_id, None)) == "NOT_FOUND"
    assert await refused(archive.bulk.undo(CALLER, new_id(), None)) == "NOT_FOUND"
    one = await archive.bulk.undo(CALLER, operation_id, "c-1")
    assert await archive.bulk.undo(CALLER, operation_id, "c-1") == one


# -- purging and erasing


async def test_only_deleted_images_are_purged(archive: Archive) -> None:
    """The others are refused; what was purged cannot be undone."""
    image_ids = await archive.uploads(3)
    await archive.change(DeleteImage(image_id=image_ids[0]))
    operation_id = await archive.start(BulkAction.PURGE, image_ids)
    await archive.run()
    assert await archive.counts(operation_id) == (1, 0, 2)
    assert (await archive.image(image_ids[0])).state is ImageState.ERASED
    assert await refused(archive.bulk.undo(CALLER, operation_id, None)) == "CONFLICT"


async def test_purged_bytes_may_be_uploaded_again(archive: Archive) -> None:
    """They are a new image then."""
    (image_id,) = await archive.uploads(1)
    await archive.bulk.erase(CALLER, None)
    await archive.run()
    again = await archive.upload(b"picture 0")
    assert again != image_id
    assert [image.image_id for image in await archive.shown()] == [again]


async def test_erasing_takes_all_images_and_albums_of_one_owner(archive: Archive) -> None:
    """Deleted or not, and nobody else's."""
    image_ids = await archive.uploads(14)
    await archive.change(DeleteImage(image_id=image_ids[0]))
    foreign = await archive.upload(b"foreign", STRANGER)
    for number in range(12):
        await archive.albums.create(CALLER, CreateAlbum(album_id=new_id(), name=f"album {number}"), None)
    await archive.albums.create(STRANGER, CreateAlbum(album_id=new_id(), name="foreign"), None)
    operation_id = (await archive.bulk.erase(CALLER, "c-1")).operation_id
    assert (await archive.bulk.erase(CALLER, "c-1")).operation_id == operation_id
    await archive.run()
    assert await archive.counts(operation_id) == (14, 0, 0)
    assert await archive.shown() == []
    assert (await archive.read_model.albums(AlbumQuery(owner=OWNER, deleted=None))).value.albums == ()
    assert [image.image_id for image in await archive.shown(owner="owner-2")] == [foreign]
    foreign_albums = (await archive.read_model.albums(AlbumQuery(owner="owner-2"))).value.albums
    assert [album.name for album in foreign_albums] == ["foreign"]


async def test_what_was_asked_is_forgotten_when_it_is_done(archive: Archive) -> None:
    """Selections and tags may name people, and nobody needs them any more."""
    await archive.uploads(3, description="Anna")
    operation_id = await archive.start(BulkAction.TAG, ImageFilter(text="Anna"), "Anna")
    await archive.run()
    (started,) = await archive.events(OperationStarted)
    assert (started.operation_id, started.total) == (operation_id, 3)
    assert (started.selection, started.tags) == (Selection(), ())
    undo = (await archive.bulk.undo(CALLER, operation_id, None)).operation_id
    await archive.run()
    assert await archive.counts(undo) == (3, 0, 0)


async def test_an_end_that_was_cut_off_is_made_up_for(archive: Archive) -> None:
    """Where the selection had been forgotten already there is nothing left to change."""
    await archive.uploads(3)
    operation_id = await archive.start(BulkAction.DELETE)
    await cut_off(
        archive, lambda append: any(isinstance(event, OperationFinished) for event in append.writes[0].events)
    )
    await archive.run()
    assert await archive.counts(operation_id) == (3, 0, 0)


# -- asking


async def test_a_start_is_done_once(archive: Archive) -> None:
    """The same body is answered the same, another one refused."""
    image_ids = await archive.uploads(2)
    one = await archive.start(BulkAction.TAG, image_ids, "sea", command_id="c-1")
    assert await archive.start(BulkAction.TAG, image_ids, "sea", command_id="c-1") == one
    assert len(await archive.events(OperationStarted)) == 1
    code = await refused(archive.start(BulkAction.TAG, image_ids, "sand", command_id="c-1"))
    assert code == "COMMAND_ID_REUSED"


@pytest.mark.parametrize("action", [BulkAction.UNDO, BulkAction.ERASE])
async def test_what_has_a_door_of_its_own_is_not_started(archive: Archive, action: BulkAction) -> None:
    """Undoing needs an operation, and erasing takes everything."""
    assert await refused(archive.start(action, ["a" * 32])) == "INVALID_INPUT"


# -- on files


async def test_it_is_the_same_on_files(tmp_path: Path) -> None:
    """Selections by text and names, cancelled, undone and erased, and every event once."""
    async with on_files(tmp_path) as (archive, store):
        await archive.uploads(130, description="by the sea")
        found = await archive.start(BulkAction.TAG, ImageFilter(text="sea"), "sea")
        await archive.run()
        assert await archive.counts(found) == (130, 0, 0)
        undo = (await archive.bulk.undo(CALLER, found, None)).operation_id
        await archive.run()
        assert await archive.counts(undo) == (130, 0, 0)
        assert await archive.shown(ImageFilter(tags=("sea",))) == []
        cancelled = await archive.start(BulkAction.DELETE)
        await archive.bulk.cancel(CALLER, cancelled, None)
        await archive.run()
        assert (await archive.operation(cancelled)).state is OperationState.CANCELLED
        erased = (await archive.bulk.erase(CALLER, None)).operation_id
        await archive.run()
        assert await archive.counts(erased) == (130, 0, 0)
        assert await archive.shown() == []
        tagged = Counter(
            each.command_id for each in await store.log.read(0, 10_000) if each.type == "ImageTagged"
        )
        assert (len(tagged), set(tagged.values())) == (130, {1})
