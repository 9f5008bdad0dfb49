"""An album: an ordered set of images with a name; what may be done to it, and what it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias, assert_never

from domain.commands import (
    AddToAlbum,
    AlbumCommand,
    CreateAlbum,
    DeleteAlbum,
    DescribeAlbum,
    EraseAlbum,
    MoveInAlbum,
    PurgeAlbum,
    RedoAlbum,
    RemoveFromAlbum,
    RestoreAlbum,
    RevertAlbum,
    UndoAlbum,
)
from domain.errors import Conflict, Erased, InvalidInput, NotFound
from domain.events import (
    AlbumCreated,
    AlbumDeleted,
    AlbumDescribed,
    AlbumErased,
    AlbumEvent,
    AlbumImagesAdded,
    AlbumImagesMoved,
    AlbumImagesRemoved,
    AlbumPurged,
    AlbumRenamed,
    AlbumRestored,
    AlbumReverted,
    Return,
)
from domain.history import Moment, last_done, last_undone, state_at
from domain.order import checked_index
from domain.text import clean_description, clean_name

LARGEST_ALBUM: Final = 10_000


@dataclass(frozen=True, slots=True)
class AlbumRevision:
    """All that may be edited of an album."""

    name: str
    description: str
    image_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Album:
    album_id: str
    revision: AlbumRevision
    deleted: bool = False
    purged: bool = False


AlbumPast: TypeAlias = Sequence[Moment[Album, AlbumEvent]]


def album_stream(album_id: str) -> str:
    return f"album-{album_id}"


def decide(past: AlbumPast, command: AlbumCommand) -> Sequence[AlbumEvent]:
    """The events that a command leads to: none where all is as asked already. Raises Refusal."""
    if isinstance(command, CreateAlbum):
        return _create(past, command)
    if not past:
        raise NotFound("There is no such album.", field="id")
    album = past[-1].state
    if album.purged:
        raise Erased("The album was purged; nothing of it is left.", field="id")
    match command:
        case DeleteAlbum():
            return [] if album.deleted else [AlbumDeleted(album_id=album.album_id)]
        case RestoreAlbum():
            return [AlbumRestored(album_id=album.album_id)] if album.deleted else []
        case PurgeAlbum():
            return _purge(album)
        case EraseAlbum():
            return [AlbumPurged(album_id=album.album_id)]
    if album.deleted:
        raise Conflict("The album is deleted. Restore it before it is changed.", field="id")
    match command:
        case DescribeAlbum():
            return _describe(album, command)
        case AddToAlbum():
            return _add(album, command)
        case RemoveFromAlbum():
            return _remove(album, command)
        case MoveInAlbum():
            return _move(album, command)
        case UndoAlbum() | RedoAlbum() | RevertAlbum():
            return _go_back(past, album, command)
        case _:
            assert_never(command)


def evolve(album: Album | None, event: AlbumEvent) -> Album:
    """The album after one more event."""
    if isinstance(event, AlbumCreated):
        return Album(album_id=event.album_id, revision=AlbumRevision(event.name, event.description))
    if album is None:
        raise ValueError(f"{type(event).__name__} before AlbumCreated")
    revision = album.revision
    match event:
        case AlbumRenamed():
            return replace(album, revision=replace(revision, name=event.name))
        case AlbumDescribed():
            return replace(album, revision=replace(revision, description=event.description))
        case AlbumImagesAdded():
            return _arranged(album, placed(revision.image_ids, event.image_ids, event.index))
        case AlbumImagesRemoved():
            return _arranged(album, without(revision.image_ids, event.image_ids))
        case AlbumImagesMoved():
            others = without(revision.image_ids, event.image_ids)
            return _arranged(album, placed(others, event.image_ids, event.index))
        case AlbumReverted():
            return replace(album, revision=AlbumRevision(event.name, event.description, event.image_ids))
        case AlbumDeleted():
            return replace(album, deleted=True)
        case AlbumRestored():
            return replace(album, deleted=False)
        case AlbumPurged():
            return replace(album, purged=True)
        case AlbumErased():
            return album
        case _:
            assert_never(event)


def placed(image_ids: tuple[str, ...], new: tuple[str, ...], index: int) -> tuple[str, ...]:
    return (*image_ids[:index], *new, *image_ids[index:])


def without(image_ids: tuple[str, ...], gone: Iterable[str]) -> tuple[str, ...]:
    leaving = frozenset(gone)
    return tuple(image_id for image_id in image_ids if image_id not in leaving)


def _arranged(album: Album, image_ids: tuple[str, ...]) -> Album:
    return replace(album, revision=replace(album.revision, image_ids=image_ids))


def _create(past: AlbumPast, command: CreateAlbum) -> list[AlbumEvent]:
    if past:
        raise Conflict("This album was created before.")
    name, description = clean_name(command.name), clean_description(command.description)
    return [AlbumCreated(album_id=command.album_id, name=name, description=description)]


def _describe(album: Album, command: DescribeAlbum) -> list[AlbumEvent]:
    events: list[AlbumEvent] = []
    if command.name is not None and (name := clean_name(command.name)) != album.revision.name:
        events.append(AlbumRenamed(album_id=album.album_id, name=name))
    if command.description is not None:
        description = clean_description(command.description)
        if description != album.revision.description:
            events.append(AlbumDescribed(album_id=album.album_id, description=description))
    return events


def _add(album: Album, command: AddToAlbum) -> list[AlbumEvent]:
    there = album.revision.image_ids
    known = frozenset(there)
    new = tuple(image_id for image_id in dict.fromkeys(command.image_ids) if image_id not in known)
    if len(there) + len(new) > LARGEST_ALBUM:
        message = f"An album has at most {LARGEST_ALBUM:,} images; this would make {len(there) + len(new):,}."
        raise InvalidInput(message, field="images")
    index = len(there) if command.index is None else checked_index(command.index, len(there))
    return [AlbumImagesAdded(album_id=album.album_id, image_ids=new, index=index)] if new else []


def _remove(album: Album, command: RemoveFromAlbum) -> list[AlbumEvent]:
    known = frozenset(album.revision.image_ids)
    gone = tuple(image_id for image_id in dict.fromkeys(command.image_ids) if image_id in known)
    return [AlbumImagesRemoved(album_id=album.album_id, image_ids=gone)] if gone else []


def _move(album: Album, command: MoveInAlbum) -> list[AlbumEvent]:
    there = album.revision.image_ids
    moved = tuple(dict.fromkeys(command.image_ids))
    if not frozenset(there).issuperset(moved):
        raise NotFound("Only images that are in the album can be moved in it.", field="images")
    others = without(there, moved)
    index = checked_index(command.index, len(others))
    if placed(others, moved, index) == there:
        return []
    return [AlbumImagesMoved(album_id=album.album_id, image_ids=moved, index=index)]


def _purge(album: Album) -> list[AlbumEvent]:
    if not album.deleted:
        raise Conflict("Only a deleted album can be purged. Delete it first.", field="id")
    return [AlbumPurged(album_id=album.album_id)]


def _go_back(past: AlbumPast, album: Album, command: UndoAlbum | RedoAlbum | RevertAlbum) -> list[AlbumEvent]:
    match command:
        case UndoAlbum():
            change = last_done(past, _is_edit)
            return [_reverted(album, change.before.revision, Return.UNDO, change.versions)]
        case RedoAlbum():
            change = last_undone(past, _is_edit)
            return [_reverted(album, change.after.revision, Return.REDO, change.versions)]
        case RevertAlbum(version=version):
            then = state_at(past, version).revision
            same = then == album.revision
            return [] if same else [_reverted(album, then, Return.REVERT, (version,))]
        case _:
            assert_never(command)


def _reverted(album: Album, revision: AlbumRevision, why: Return, of: tuple[int, ...]) -> AlbumEvent:
    return AlbumReverted(
        album_id=album.album_id,
        why=why,
        of=of,
        image_ids=revision.image_ids,
        name=revision.name,
        description=revision.description,
    )


def _is_edit(event: AlbumEvent) -> bool:
    return not isinstance(event, AlbumDeleted | AlbumRestored | AlbumPurged | AlbumErased)
