"""What events do to the rows of images."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from typing import Final, NamedTuple, assert_never

import msgspec

from domain.bulk import operation_of
from domain.events import (
    ImageDeleted,
    ImageDescribed,
    ImageErased,
    ImageEvent,
    ImagePurged,
    ImageQuarantined,
    ImageRenamed,
    ImageRestored,
    ImageReverted,
    ImageTagged,
    ImageUntagged,
    ImageUploaded,
    RecipeChanged,
)
from domain.header import ImageHeader
from domain.image import Revision
from domain.paging import micros
from domain.ports.log import RecordedEvent
from domain.ports.pending import Erasable
from domain.provenance import Source, Tag, shown_description, shown_tags, tagged, untagged
from domain.recipe import Edit, Recipe, recipe_of
from infrastructure.sqlite.folds.erasures import erasure_done, erasure_pending
from infrastructure.sqlite.folds.examinations import examination_pending, findings_forgotten
from infrastructure.sqlite.folds.image_index import ImageIndex, Words
from infrastructure.sqlite.folds.json_text import own_recipe, to_json
from infrastructure.sqlite.folds.operations import changed_by_operation
from infrastructure.sqlite.tables import ACTIVE, DELETED, ERASED, RESTORED

_UPLOADED: Final = f"INSERT INTO images VALUES ({', '.join('?' * 21)}, NULL, NULL)"
_KEEP: Final = """
    INSERT INTO past_images
    SELECT changed_at, ?, position, owner, version, state, name, descriptions, tags, edits, recipe
    FROM images WHERE image_id = ?
"""
_REVISION: Final = (
    "SELECT position, text_since, name, descriptions, tags, edits FROM images WHERE image_id = ?"
)
_QUARANTINED: Final = "INSERT INTO quarantines (image_id, since, code, message) VALUES (?, ?, ?, ?)"
_EMPTIED: Final = "name = '', descriptions = '{}', tags = '[]'"
_EMPTIED_NOW: Final = f"{_EMPTIED}, examined_at = NULL, taken_at = NULL"

_descriptions: Final = msgspec.json.Decoder(dict[Source, str])
_tags: Final = msgspec.json.Decoder(tuple[Tag, ...])
_edits: Final = msgspec.json.Decoder(tuple[Edit, ...])


class _Known(NamedTuple):
    position: int
    text_since: int
    revision: Revision


class ImageFold:
    """One event at a time. A row that changes is first kept as it was."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._index = ImageIndex(db)

    def apply(self, recorded: RecordedEvent, event: ImageEvent) -> None:
        image_id = event.image_id
        match event:
            case ImageUploaded():
                self._uploaded(recorded, event)
            case ImageRenamed(name=name):
                self._revise(recorded, image_id, lambda now: replace(now, name=name))
            case ImageDescribed(source=source, description=text):
                self._revise(
                    recorded,
                    image_id,
                    lambda now: replace(now, descriptions={**now.descriptions, source: text}),
                )
            case ImageTagged(tags=tags, source=source):
                self._revise(
                    recorded, image_id, lambda now: replace(now, tags=tagged(now.tags, tags, source))
                )
            case ImageUntagged(tags=tags, source=source):
                self._revise(
                    recorded, image_id, lambda now: replace(now, tags=untagged(now.tags, tags, source))
                )
            case RecipeChanged(edits=edits):
                own = own_recipe(recipe_of(edits))
                self._change(recorded, image_id, edits=to_json(edits), recipe=own)
            case ImageReverted():
                wanted = Revision(event.name, event.descriptions, event.tags, event.edits)
                self._revise(recorded, image_id, lambda _: wanted)
            case ImageQuarantined(code=code, message=message):
                self._change(recorded, image_id)
                self._db.execute(_QUARANTINED, (image_id, recorded.position, code, message))
            case ImageDeleted():
                self._change(recorded, image_id, state=DELETED)
            case ImageRestored():
                self._change(recorded, image_id, state=RESTORED)
            case ImagePurged():
                self._purged(recorded, image_id)
            case ImageErased():
                self._change(recorded, image_id, state=ERASED)
                self._db.execute("DELETE FROM renditions WHERE image_id = ?", (image_id,))
                self._db.execute("DELETE FROM examinations WHERE image_id = ?", (image_id,))
                erasure_done(self._db, Erasable.IMAGE, image_id)
            case _:
                assert_never(event)
        operation_id = operation_of(recorded.correlation_id)
        if operation_id is not None:
            changed_by_operation(self._db, operation_id, image_id)

    def _uploaded(self, recorded: RecordedEvent, event: ImageUploaded) -> None:
        header = ImageHeader(event.media_type, event.width, event.height, event.frames, event.orientation)
        width, height = header.shown_size
        described = {Source.PERSON: event.description} if event.description else {}
        row = (
            recorded.position,
            event.image_id,
            recorded.owner,
            recorded.actor,
            micros(recorded.recorded_at),
            event.sha256,
            event.byte_size,
            event.media_type,
            width,
            height,
            event.orientation,
            event.frames,
            recorded.position,
            recorded.version,
            ACTIVE,
            event.name,
            to_json(described),
            to_json([Tag(text) for text in event.tags]),
            to_json(()),
            own_recipe(Recipe()),
            recorded.position,
        )
        self._db.execute(_UPLOADED, row)
        examination_pending(self._db, event.image_id, recorded)
        self._index.add(recorded.position, Words(event.name, event.description, event.tags))

    def _revise(self, recorded: RecordedEvent, image_id: str, revise: Callable[[Revision], Revision]) -> None:
        position, text_since, before = self._known(image_id)
        after = revise(before)
        changed = self._index.change(
            position, _words(before), _words(after), since=text_since, at=recorded.position
        )
        self._change(
            recorded,
            image_id,
            name=after.name,
            descriptions=to_json(after.descriptions),
            tags=to_json(after.tags),
            edits=to_json(after.edits),
            recipe=own_recipe(recipe_of(after.edits)),
            text_since=recorded.position if changed else text_since,
        )

    def _known(self, image_id: str) -> _Known:
        row = self._db.execute(_REVISION, (image_id,)).fetchone()
        position, text_since, name, descriptions, tags, edits = row
        revision = Revision(
            name, _descriptions.decode(descriptions), _tags.decode(tags), _edits.decode(edits)
        )
        return _Known(position, text_since, revision)

    def _change(self, recorded: RecordedEvent, image_id: str, **values: object) -> None:
        self._db.execute(_KEEP, (recorded.position, image_id))
        columns = "".join(f", {name} = ?" for name in values)
        query = f"UPDATE images SET changed_at = ?, version = ?{columns} WHERE image_id = ?"
        self._db.execute(query, (recorded.position, recorded.version, *values.values(), image_id))

    def _purged(self, recorded: RecordedEvent, image_id: str) -> None:
        """What is personal goes out of the past as well."""
        known = self._known(image_id)
        self._change(recorded, image_id, state=ERASED)
        self._db.execute(f"UPDATE images SET {_EMPTIED_NOW} WHERE position = ?", (known.position,))
        self._db.execute(f"UPDATE past_images SET {_EMPTIED} WHERE image = ?", (known.position,))
        findings_forgotten(self._db, image_id)
        self._index.forget(known.position, _words(known.revision))
        erasure_pending(self._db, Erasable.IMAGE, image_id, recorded)


def _words(revision: Revision) -> Words:
    return Words(revision.name, shown_description(revision.descriptions), shown_tags(revision.tags))
