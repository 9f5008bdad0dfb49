"""What events do to the rows of albums."""

from __future__ import annotations

import sqlite3
from typing import Final, assert_never

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
)
from domain.paging import micros
from domain.ports.log import RecordedEvent
from domain.ports.pending import Erasable
from infrastructure.sqlite.folds.album_images import AlbumImages
from infrastructure.sqlite.folds.erasures import erasure_done, erasure_pending
from infrastructure.sqlite.tables import ACTIVE, DELETED, ERASED

_CREATED: Final = f"INSERT INTO albums VALUES ({', '.join('?' * 11)})"
_KEEP: Final = """
    INSERT INTO past_albums
    SELECT changed_at, ?, position, version, state, name, description, size FROM albums WHERE album_id = ?
"""


class AlbumFold:
    """One event at a time. A row that changes is first kept as it was."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def apply(self, recorded: RecordedEvent, event: AlbumEvent) -> None:
        album_id = event.album_id
        match event:
            case AlbumCreated():
                self._created(recorded, event)
            case AlbumRenamed(name=name):
                self._change(recorded, album_id, name=name)
            case AlbumDescribed(description=description):
                self._change(recorded, album_id, description=description)
            case AlbumImagesAdded() | AlbumImagesRemoved() | AlbumImagesMoved():
                self._change(recorded, album_id, size=self._arrange(recorded, event))
            case AlbumReverted():
                size = self._images(recorded, album_id).become(event.image_ids)
                self._change(recorded, album_id, name=event.name, description=event.description, size=size)
            case AlbumDeleted():
                self._change(recorded, album_id, state=DELETED)
            case AlbumRestored():
                self._change(recorded, album_id, state=ACTIVE)
            case AlbumPurged():
                self._purged(recorded, album_id)
            case AlbumErased():
                self._change(recorded, album_id, state=ERASED)
                erasure_done(self._db, Erasable.ALBUM, album_id)
            case _:
                assert_never(event)

    def _created(self, recorded: RecordedEvent, event: AlbumCreated) -> None:
        at = recorded.position
        created = (recorded.owner, recorded.actor, micros(recorded.recorded_at))
        row = (at, event.album_id, *created, at, recorded.version, ACTIVE, event.name, event.description, 0)
        self._db.execute(_CREATED, row)

    def _arrange(
        self, recorded: RecordedEvent, event: AlbumImagesAdded | AlbumImagesRemoved | AlbumImagesMoved
    ) -> int:
        images = self._images(recorded, event.album_id)
        match event:
            case AlbumImagesAdded(image_ids=image_ids, index=index):
                images.add(image_ids, index)
            case AlbumImagesRemoved(image_ids=image_ids):
                images.remove(image_ids)
            case AlbumImagesMoved(image_ids=image_ids, index=index):
                images.remove(image_ids)
                images.add(image_ids, index)
            case _:
                assert_never(event)
        return images.size

    def _images(self, recorded: RecordedEvent, album_id: str) -> AlbumImages:
        query = "SELECT position, size FROM albums WHERE album_id = ?"
        position, size = self._db.execute(query, (album_id,)).fetchone()
        return AlbumImages(self._db, position, size, at=recorded.position)

    def _change(self, recorded: RecordedEvent, album_id: str, **values: object) -> None:
        self._db.execute(_KEEP, (recorded.position, album_id))
        columns = ", ".join(f"{name} = ?" for name in values)
        query = f"UPDATE albums SET changed_at = ?, version = ?, {columns} WHERE album_id = ?"
        self._db.execute(query, (recorded.position, recorded.version, *values.values(), album_id))

    def _purged(self, recorded: RecordedEvent, album_id: str) -> None:
        """What is personal goes out of the past as well."""
        self._change(recorded, album_id, state=ERASED)
        album = "(SELECT position FROM albums WHERE album_id = ?)"
        emptied = "name = '', description = ''"
        self._db.execute(f"UPDATE albums SET {emptied} WHERE album_id = ?", (album_id,))
        self._db.execute(f"UPDATE past_albums SET {emptied} WHERE album = {album}", (album_id,))
        self._db.execute(f"DELETE FROM album_images WHERE album = {album}", (album_id,))
        erasure_pending(self._db, Erasable.ALBUM, album_id, recorded)
