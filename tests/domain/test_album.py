"""What may be done to an album."""

from __future__ import annotations

from domain.album import LARGEST_ALBUM
from domain.commands import (
    AddToAlbum,
    CreateAlbum,
    DeleteAlbum,
    DescribeAlbum,
    MoveInAlbum,
    PurgeAlbum,
    RedoAlbum,
    RemoveFromAlbum,
    RestoreAlbum,
    RevertAlbum,
    UndoAlbum,
)
from domain.events import (
    AlbumCreated,
    AlbumDeleted,
    AlbumDescribed,
    AlbumImagesAdded,
    AlbumImagesMoved,
    AlbumImagesRemoved,
    AlbumPurged,
    AlbumRenamed,
    AlbumRestored,
    AlbumReverted,
    Return,
)
from tests.domain.decider import given_album

ID = "e" * 32
CREATED = AlbumCreated(album_id=ID, name="Trip")
A, B, C, D = "abcd"
FULL = (CREATED, AlbumImagesAdded(album_id=ID, image_ids=(A, B, C), index=0))


def test_an_album_begins_empty() -> None:
    """With a name."""
    given_album().when(CreateAlbum(album_id=ID, name=" Trip ")).then(CREATED)
    given_album(CREATED).when(CreateAlbum(album_id=ID, name="Trip")).then_refused("CONFLICT")


def test_only_what_changes_of_an_album_is_recorded() -> None:
    """As with images."""
    given_album(CREATED).when(DescribeAlbum(album_id=ID, name="Trip", description="May")).then(
        AlbumDescribed(album_id=ID, description="May")
    )
    given_album(CREATED).when(DescribeAlbum(album_id=ID, name="Journey")).then(
        AlbumRenamed(album_id=ID, name="Journey")
    )


def test_an_image_is_in_an_album_once() -> None:
    """At its place; adding it again changes nothing."""
    given_album(*FULL).when(AddToAlbum(album_id=ID, image_ids=(A, D, D), index=1)).then(
        AlbumImagesAdded(album_id=ID, image_ids=(D,), index=1)
    )
    given_album(*FULL).when(AddToAlbum(album_id=ID, image_ids=(A,))).then()
    given_album(*FULL).when(AddToAlbum(album_id=ID, image_ids=(D,), index=4)).then_refused("INVALID_INPUT")


def test_images_are_removed_and_moved() -> None:
    """Moving names a place among the others."""
    given_album(*FULL).when(RemoveFromAlbum(album_id=ID, image_ids=(B, D))).then(
        AlbumImagesRemoved(album_id=ID, image_ids=(B,))
    )
    given_album(*FULL).when(MoveInAlbum(album_id=ID, image_ids=(C, A), index=1)).then(
        AlbumImagesMoved(album_id=ID, image_ids=(C, A), index=1)
    )
    given_album(*FULL).when(MoveInAlbum(album_id=ID, image_ids=(B,), index=1)).then()
    given_album(*FULL).when(MoveInAlbum(album_id=ID, image_ids=(D,), index=0)).then_refused("NOT_FOUND")


def test_an_album_is_undone_and_redone() -> None:
    """Name, description and order, by events that tell the whole."""
    moved = AlbumImagesMoved(album_id=ID, image_ids=(C,), index=0)
    undone = AlbumReverted(album_id=ID, why=Return.UNDO, of=(3,), image_ids=(A, B, C), name="Trip")
    redone = AlbumReverted(album_id=ID, why=Return.REDO, of=(3,), image_ids=(C, A, B), name="Trip")
    empty = AlbumReverted(album_id=ID, why=Return.REVERT, of=(1,), image_ids=(), name="Trip")
    given_album(*FULL, moved).when(UndoAlbum(album_id=ID)).then(undone)
    given_album(*FULL, moved, undone).when(RedoAlbum(album_id=ID)).then(redone)
    given_album(*FULL, moved).when(RevertAlbum(album_id=ID, version=1)).then(empty)
    given_album(*FULL).when(RevertAlbum(album_id=ID, version=3)).then_refused("INVALID_INPUT")
    given_album(*FULL).when(RedoAlbum(album_id=ID)).then_refused("NOTHING_TO_REDO")
    given_album(CREATED).when(UndoAlbum(album_id=ID)).then_refused("NOTHING_TO_UNDO")


def test_an_album_is_deleted_restored_and_purged() -> None:
    """Its images stay."""
    deleted, purged = AlbumDeleted(album_id=ID), AlbumPurged(album_id=ID)
    given_album(CREATED).when(DeleteAlbum(album_id=ID)).then(deleted)
    given_album(CREATED, deleted).when(RestoreAlbum(album_id=ID)).then(AlbumRestored(album_id=ID))
    given_album(CREATED, deleted).when(DescribeAlbum(album_id=ID, name="x")).then_refused("CONFLICT")
    given_album(CREATED).when(PurgeAlbum(album_id=ID)).then_refused("CONFLICT")
    given_album(CREATED, deleted).when(PurgeAlbum(album_id=ID)).then(purged)
    given_album(CREATED, deleted, purged).when(RestoreAlbum(album_id=ID)).then_refused("ERASED")


def test_an_album_has_a_largest_size() -> None:
    """Adding counts what is there."""
    many = AlbumImagesAdded(album_id=ID, image_ids=tuple(map(str, range(LARGEST_ALBUM))), index=0)
    given_album(CREATED, many).when(AddToAlbum(album_id=ID, image_ids=(A,))).then_refused("INVALID_INPUT")
