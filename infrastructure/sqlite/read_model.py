"""Queries on the read file: each is one statement, and so sees one state of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

import msgspec

from domain.header import ImageHeader, MediaType
from domain.output import Output
from domain.paging import micros
from domain.ports import (
    ImagePage,
    ImageState,
    ImageView,
    PendingRendering,
    RenditionState,
    RenditionView,
    Snapshot,
)
from domain.query import ImageFilter, ImageQuery, Range
from domain.recipe import Recipe
from infrastructure.sqlite.readers import Readers

Value: TypeAlias = str | int
Row: TypeAlias = tuple[Any, ...]

_RENDITION: Final = (
    "r.image_id, r.rendition_id, r.preset, r.state, r.attempts, r.sha256, r.byte_size, r.media_type, "
    "r.width, r.height, r.failure_code, r.failure_message"
)
_RENDITIONS: Final = f"""
    (SELECT json_group_array(json_array({_RENDITION}))
     FROM (SELECT * FROM renditions WHERE image_id = i.image_id ORDER BY requested) r)
"""  # noqa: S608
_IMAGE: Final = (
    "i.image_id, i.position, i.version, i.owner, i.uploaded_by, i.uploaded_at, i.name, i.description, "
    "i.tags, i.deleted, i.sha256, i.byte_size, i.media_type, i.width, i.height, i.orientation, i.frames, "
    + _RENDITIONS
)
_AS_OF: Final = (
    "SELECT c.position, {columns} FROM checkpoint c LEFT JOIN {source} ON {condition} WHERE c.one = 1"
)
_PENDING: Final = (
    "r.image_id, r.rendition_id, i.sha256, i.media_type, i.width, i.height, i.frames, i.orientation, "
    "r.recipe, r.output, r.attempts, r.version, i.owner, r.correlation_id, i.byte_size"
)


class SqliteReadModel:
    """Answers from the read file; the checkpoint comes with every row, from the same statement."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    async def image(self, owner: str, image_id: str) -> Snapshot[ImageView | None]:
        query = _AS_OF.format(columns=_IMAGE, source="images i", condition="i.owner = ? AND i.image_id = ?")
        as_of, found = _split(await self._readers.rows(query, (owner, image_id)))
        return Snapshot(_image(found[0]) if found else None, as_of)

    async def images(self, query: ImageQuery) -> Snapshot[ImagePage]:
        where = _Where(query.owner, query.filter)
        where.page(query)
        statement = _AS_OF.format(columns=_IMAGE, source="images i", condition=where.text)
        statement += f" ORDER BY {_order(query)} LIMIT ?"
        as_of, found = _split(await self._readers.rows(statement, (*where.values, query.limit + 1)))
        return Snapshot(_page(query, [_image(row) for row in found]), as_of)

    async def count(self, owner: str, filter: ImageFilter) -> int:  # noqa: A002
        where = _Where(owner, filter)
        statement = f"SELECT count(*) FROM images i WHERE {where.text}"  # noqa: S608
        return int((await self._readers.rows(statement, where.values))[0][0])

    async def rendition(self, owner: str, image_id: str, rendition_id: str) -> Snapshot[RenditionView | None]:
        source = "(renditions r JOIN images i ON i.image_id = r.image_id)"
        condition = "i.owner = ? AND r.image_id = ? AND r.rendition_id = ?"
        query = _AS_OF.format(columns=_RENDITION, source=source, condition=condition)
        as_of, found = _split(await self._readers.rows(query, (owner, image_id, rendition_id)))
        return Snapshot(_rendition(found[0]) if found else None, as_of)

    async def pending(
        self, limit: int, exclude: frozenset[str] = frozenset()
    ) -> Snapshot[Sequence[PendingRendering]]:
        source = "(renditions r JOIN images i ON i.image_id = r.image_id)"
        condition = (
            "r.state IN ('PENDING', 'RENDERING') AND r.image_id NOT IN (SELECT value FROM json_each(?))"
        )
        query = _AS_OF.format(columns=_PENDING, source=source, condition=condition)
        query += " ORDER BY r.requested LIMIT ?"
        names = msgspec.json.encode(sorted(exclude)).decode()
        as_of, found = _split(await self._readers.rows(query, (names, limit)))
        return Snapshot([_pending(row) for row in found], as_of)


class _Where:
    """A condition on `images i`, with its values in order."""

    def __init__(self, owner: str, wanted: ImageFilter) -> None:
        self._parts: list[str] = []
        self.values: list[Value] = []
        self._add("i.owner = ?", owner)
        self._deleted(wanted.deleted)
        self._range("i.width", wanted.width)
        self._range("i.height", wanted.height)
        self._range("i.byte_size", wanted.byte_size)
        self._range("i.uploaded_at", wanted.uploaded_at)
        self._media_types(wanted.media_types)
        for tag in wanted.tags:
            self._add("i.position IN (SELECT image FROM image_tags WHERE tag = ?)", tag.casefold())
        for word in (wanted.text or "").split():
            self._word(word)

    @property
    def text(self) -> str:
        return " AND ".join(self._parts)

    def page(self, query: ImageQuery) -> None:
        """Only what lies between the cursors."""
        column = _column(query)
        beyond, short_of = ("<", ">") if query.order.descending else (">", "<")
        for keyset, comparison in ((query.after, beyond), (query.before, short_of)):
            if keyset is not None:
                text = f"({column}, i.position) {comparison} (?, ?)"
                self._add(text, keyset.value, keyset.position)

    def _add(self, text: str, *values: Value) -> None:
        self._parts.append(text)
        self.values.extend(values)

    def _deleted(self, deleted: bool | None) -> None:
        if deleted is None:
            self._add("i.deleted IN (0, 1)")
        else:
            self._add("i.deleted = ?", int(deleted))

    def _range(self, column: str, wanted: Range[int] | Range[datetime] | None) -> None:
        if wanted is None:
            return
        for name, comparison in _COMPARISONS.items():
            bound = getattr(wanted, name)
            if bound is not None:
                value = micros(bound) if isinstance(bound, datetime) else bound
                self._add(f"{column} {comparison} ?", value)

    def _media_types(self, wanted: Sequence[MediaType] | None) -> None:
        if wanted is not None:
            self._add(f"i.media_type IN ({', '.join('?' * len(wanted))})", *wanted)

    def _word(self, word: str) -> None:
        """Words of three letters and more are found through the trigram index, shorter ones by looking."""
        if len(word) >= 3:
            phrase = '"' + word.replace('"', '""') + '"'
            self._add("i.position IN (SELECT rowid FROM image_text WHERE body MATCH ?)", phrase)
        else:
            self._add(
                "instr((SELECT lower(body) FROM image_text WHERE rowid = i.position), ?) > 0", word.lower()
            )


_COMPARISONS: Final = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">=", "eq": "="}


def _column(query: ImageQuery) -> str:
    return f"i.{query.order.key.value}"


def _order(query: ImageQuery) -> str:
    direction = "DESC" if query.order.descending != query.backward else "ASC"
    return f"{_column(query)} {direction}, i.position {direction}"


def _page(query: ImageQuery, images: list[ImageView]) -> ImagePage:
    more = len(images) > query.limit
    images = images[: query.limit]
    if query.backward:
        return ImagePage(tuple(reversed(images)), has_next=query.before is not None, has_previous=more)
    return ImagePage(tuple(images), has_next=more, has_previous=query.after is not None)


def _split(rows: list[Row]) -> tuple[int, list[Row]]:
    """The checkpoint, and what was found: a row of nothing but the checkpoint says that none was."""
    found = [row[1:] for row in rows if row[1] is not None]
    return int(rows[0][0]), found


def _image(row: Row) -> ImageView:
    renditions: list[Row] = msgspec.json.decode(row[17])
    return ImageView(
        image_id=row[0],
        position=row[1],
        version=row[2],
        owner=row[3],
        uploaded_by=row[4],
        uploaded_at=datetime.fromtimestamp(row[5] / 1_000_000, UTC),
        name=row[6],
        description=row[7],
        tags=tuple(msgspec.json.decode(row[8])),
        state=ImageState.DELETED if row[9] else ImageState.ACTIVE,
        sha256=row[10],
        byte_size=row[11],
        media_type=MediaType(row[12]),
        width=row[13],
        height=row[14],
        orientation=row[15],
        frames=row[16],
        renditions=tuple(map(_rendition, renditions)),
    )


def _rendition(row: Row) -> RenditionView:
    return RenditionView(
        image_id=row[0],
        rendition_id=row[1],
        preset=row[2],
        state=RenditionState(row[3]),
        attempts=row[4],
        sha256=row[5],
        byte_size=row[6],
        media_type=MediaType(row[7]),
        width=row[8],
        height=row[9],
        failure_code=row[10],
        failure_message=row[11],
    )


def _pending(row: Row) -> PendingRendering:
    media_type, width, height, frames, orientation = row[3:8]
    shown = ImageHeader(MediaType(media_type), width, height, frames, orientation)
    stored_width, stored_height = shown.shown_size
    return PendingRendering(
        image_id=row[0],
        rendition_id=row[1],
        original=row[2],
        byte_size=row[14],
        header=ImageHeader(MediaType(media_type), stored_width, stored_height, frames, orientation),
        recipe=msgspec.json.decode(row[8], type=Recipe),
        output=msgspec.json.decode(row[9], type=Output),
        attempts=row[10],
        version=row[11],
        owner=row[12],
        correlation_id=row[13],
    )
