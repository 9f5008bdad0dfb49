"""Queries on the read file: each is one statement, and so sees one state of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from domain.events import BulkAction
from domain.ports.pending import Erasable, PendingErasure, PendingExamination, PendingRendering
from domain.ports.read_model import AlbumImagesQuery, AlbumQuery, Snapshot
from domain.ports.views import (
    AlbumPage,
    AlbumView,
    ImagePage,
    ImageView,
    OperationState,
    OperationView,
    RenditionView,
    ReplayFate,
)
from domain.presets import Preset
from domain.query import ImageFilter, ImageQuery
from infrastructure.sqlite.album_rows import album_image_list, album_list, album_view, one_album
from infrastructure.sqlite.alike import AlikeQuery, near_duplicates, same_pixels
from infrastructure.sqlite.image_list import ImageList, image_count
from infrastructure.sqlite.image_rows import (
    PENDING,
    PENDING_EXAMINATION,
    image_columns,
    image_view,
    pending_examination,
    pending_rendering,
    rendition_view,
)
from infrastructure.sqlite.moment import image_versions, rendition_columns, rendition_there
from infrastructure.sqlite.preset_rows import preset_list, preset_view
from infrastructure.sqlite.readers import Readers
from infrastructure.sqlite.replay_rows import rendered_by, replay_counts, replay_sample
from infrastructure.sqlite.statement import Row, Values, split, with_checkpoint
from infrastructure.sqlite.tables import ERASED

_PENDING: Final = """
    (renditions r JOIN images i ON i.image_id = r.image_id)
    ON r.state IN ('PENDING', 'RENDERING') AND r.image_id NOT IN (SELECT value FROM json_each(?))
"""
_PENDING_EXAMINATIONS: Final = f"""
    SELECT {PENDING_EXAMINATION} FROM examinations e CROSS JOIN images i ON i.position = e.image
    WHERE e.state IN ('PENDING', 'RUNNING') AND (e.state = 'RUNNING' OR i.state <> {ERASED})
      AND NOT EXISTS (SELECT 1 FROM renditions
                      WHERE image_id = e.image_id AND state IN ('PENDING', 'RENDERING'))
    ORDER BY e.image LIMIT ?
"""
_OPERATION: Final = (
    "o.operation_id, o.position, o.version, o.owner, o.started_by, o.started_at, o.action, o.undoes, "
    "o.total, o.changed, o.unchanged, o.refused, o.failed, o.state"
)
_CHANGED_BY: Final = """
    SELECT i.position, i.image_id
    FROM operations o
    CROSS JOIN operation_images c ON c.operation = o.position
    CROSS JOIN images i ON i.position = c.image
    WHERE o.operation_id = ? AND c.image > ? ORDER BY c.image LIMIT ?
"""
_ERASURES: Final = """
    SELECT e.kind, e.thing_id, e.owner, e.purged_at, e.version, e.correlation_id,
           (SELECT json_group_array(sha256) FROM (
                SELECT sha256 FROM images WHERE image_id = e.thing_id UNION
                SELECT sha256 FROM renditions WHERE image_id = e.thing_id AND state = 'READY')),
           NOT EXISTS (SELECT 1 FROM renditions
                       WHERE image_id = e.thing_id AND state IN ('PENDING', 'RENDERING'))
           AND NOT EXISTS (SELECT 1 FROM examinations WHERE image_id = e.thing_id AND state = 'RUNNING')
    FROM erasures e ORDER BY e.purged_at LIMIT ?
"""
_IMAGES_OF: Final = f"SELECT image_id FROM images WHERE sha256 = ? AND state <> {ERASED} ORDER BY position"
_REFERRED: Final = f"""
    json_each(?) w ON EXISTS (
        SELECT 1 FROM images WHERE sha256 = w.value AND state <> {ERASED} UNION ALL
        SELECT 1 FROM renditions r JOIN images i ON i.image_id = r.image_id
        WHERE r.sha256 = w.value AND i.state <> {ERASED})
"""


class SqliteReadModel:
    """Answers from the read file; the checkpoint comes with every row, from the same statement."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    async def image(self, owner: str, image_id: str, as_of: int | None = None) -> Snapshot[ImageView | None]:
        values = Values()
        images = image_versions(values, as_of)
        which = (
            f"now.owner = {values.mark(owner)} AND now.image_id = {values.mark(image_id)} AND {images.there}"
        )
        source = f"{images.source} ON {which} {images.join}"
        seen, found = split(await self._readers.rows(with_checkpoint(image_columns(images), source), values))
        return Snapshot(image_view(found[0]) if found else None, seen)

    async def images(self, query: ImageQuery) -> Snapshot[ImagePage]:
        wanted = ImageList(query)
        seen, found = split(await self._readers.rows(wanted.statement, wanted.values))
        return Snapshot(_page(query, [image_view(row) for row in found]), seen)

    async def count(self, owner: str, filter: ImageFilter, as_of: int | None = None) -> int:  # noqa: A002
        return int((await self._readers.rows(*image_count(owner, filter, as_of)))[0][0])

    async def rendition(
        self, owner: str, image_id: str, rendition_id: str, as_of: int | None = None
    ) -> Snapshot[RenditionView | None]:
        values = Values()
        at = None if as_of is None else values.mark(as_of)
        source = (
            "(renditions r JOIN images i ON i.image_id = r.image_id) "
            f"ON i.owner = {values.mark(owner)} AND i.state <> {ERASED} AND {rendition_there(at)} "
            f"AND r.image_id = {values.mark(image_id)} AND r.rendition_id = {values.mark(rendition_id)}"
        )
        seen, found = split(
            await self._readers.rows(with_checkpoint(rendition_columns("i", at), source), values)
        )
        return Snapshot(rendition_view(found[0]) if found else None, seen)

    async def pending(
        self, limit: int, exclude: frozenset[str] = frozenset()
    ) -> Snapshot[Sequence[PendingRendering]]:
        statement = f"{with_checkpoint(PENDING, _PENDING)} ORDER BY r.requested LIMIT ?"
        names = msgspec.json.encode(sorted(exclude)).decode()
        seen, found = split(await self._readers.rows(statement, (names, limit)))
        return Snapshot([pending_rendering(row) for row in found], seen)

    async def pending_examinations(self, limit: int) -> Sequence[PendingExamination]:
        return [pending_examination(row) for row in await self._readers.rows(_PENDING_EXAMINATIONS, (limit,))]

    async def same_pixels(
        self, owner: str, image_id: str, limit: int, as_of: int | None = None
    ) -> Snapshot[Sequence[ImageView]]:
        query = AlikeQuery(owner, image_id, limit, as_of)
        seen, found = split(await self._readers.rows(*same_pixels(query)))
        return Snapshot([image_view(row[1:]) for row in found], seen)

    async def near_duplicates(
        self, owner: str, image_id: str, within: int, limit: int, as_of: int | None = None
    ) -> Snapshot[Sequence[tuple[int, ImageView]]]:
        query = AlikeQuery(owner, image_id, limit, as_of)
        seen, found = split(await self._readers.rows(*near_duplicates(query, within)))
        return Snapshot([(int(row[0]), image_view(row[1:])) for row in found], seen)

    async def album(self, owner: str, album_id: str, as_of: int | None = None) -> Snapshot[AlbumView | None]:
        seen, found = split(await self._readers.rows(*one_album(owner, album_id, as_of)))
        return Snapshot(album_view(found[0]) if found else None, seen)

    async def albums(self, query: AlbumQuery) -> Snapshot[AlbumPage]:
        seen, found = split(await self._readers.rows(*album_list(query)))
        albums = tuple(map(album_view, found[: query.limit]))
        return Snapshot(AlbumPage(albums, has_next=len(found) > query.limit), seen)

    async def album_images(self, query: AlbumImagesQuery) -> Snapshot[ImagePage]:
        seen, found = split(await self._readers.rows(*album_image_list(query)))
        images = tuple(map(image_view, found[: query.limit]))
        page = ImagePage(images, has_next=len(found) > query.limit, has_previous=query.offset > 0)
        return Snapshot(page, seen)

    async def presets(self, owner: str, as_of: int | None = None) -> Snapshot[Sequence[Preset]]:
        seen, found = split(await self._readers.rows(*preset_list(owner, as_of)))
        return Snapshot([preset_view(row) for row in found], seen)

    async def operation(self, owner: str, operation_id: str) -> Snapshot[OperationView | None]:
        statement = with_checkpoint(_OPERATION, "operations o ON o.owner = ? AND o.operation_id = ?")
        seen, found = split(await self._readers.rows(statement, (owner, operation_id)))
        return Snapshot(_operation(found[0]) if found else None, seen)

    async def running_operations(self, limit: int, *, replays: bool | None = None) -> Sequence[OperationView]:
        kind = "" if replays is None else f"AND (o.action = '{BulkAction.REPLAY}') = {int(replays)}"
        running = f"WHERE o.state IN ('RUNNING', 'CANCELLING') {kind} ORDER BY o.position LIMIT ?"
        statement = f"SELECT {_OPERATION} FROM operations o {running}"
        return [_operation(row) for row in await self._readers.rows(statement, (limit,))]

    async def rendered_by(
        self, owner: str, preset: str, after: int, limit: int, as_of: int
    ) -> Sequence[tuple[int, str]]:
        rows = await self._readers.rows(*rendered_by(owner, preset, after, limit, as_of))
        return [(position, image_id) for position, image_id in rows]

    async def replay_counts(self, owner: str, preset: Preset, engine: str) -> Snapshot[Counter[ReplayFate]]:
        seen, found = split(await self._readers.rows(*replay_counts(owner, preset, engine)))
        return Snapshot(Counter({ReplayFate(fate): count for fate, count in found}), seen)

    async def replay_sample(self, owner: str, preset: Preset, engine: str, limit: int) -> Sequence[ImageView]:
        return [
            image_view(row) for row in await self._readers.rows(*replay_sample(owner, preset, engine, limit))
        ]

    async def changed_by(self, operation_id: str, after: int, limit: int) -> Sequence[tuple[int, str]]:
        rows = await self._readers.rows(_CHANGED_BY, (operation_id, after, limit))
        return [(position, image_id) for position, image_id in rows]

    async def pending_erasures(self, limit: int) -> Sequence[PendingErasure]:
        return [_erasure(row) for row in await self._readers.rows(_ERASURES, (limit,))]

    async def referred(self, hashes: Sequence[str]) -> Snapshot[frozenset[str]]:
        statement = with_checkpoint("w.value", _REFERRED)
        seen, found = split(await self._readers.rows(statement, (msgspec.json.encode(hashes).decode(),)))
        return Snapshot(frozenset(str(row[0]) for row in found), seen)

    async def images_of(self, sha256: str) -> Sequence[str]:
        return [image_id for (image_id,) in await self._readers.rows(_IMAGES_OF, (sha256,))]


def _page(query: ImageQuery, images: list[ImageView]) -> ImagePage:
    more = len(images) > query.limit
    images = images[: query.limit]
    if query.backward:
        return ImagePage(tuple(reversed(images)), has_next=query.before is not None, has_previous=more)
    return ImagePage(tuple(images), has_next=more, has_previous=query.after is not None)


def _operation(row: Row) -> OperationView:
    return OperationView(
        operation_id=row[0],
        position=row[1],
        version=row[2],
        owner=row[3],
        started_by=row[4],
        started_at=datetime.fromtimestamp(row[5] / 1_000_000, UTC),
        action=BulkAction(row[6]),
        undoes=row[7],
        total=row[8],
        changed=row[9],
        unchanged=row[10],
        refused=row[11],
        failed=row[12],
        state=OperationState(row[13]),
    )


def _erasure(row: Row) -> PendingErasure:
    return PendingErasure(
        kind=Erasable(row[0]),
        thing_id=row[1],
        owner=row[2],
        purged_at=row[3],
        version=row[4],
        correlation_id=row[5],
        blobs=tuple(msgspec.json.decode(row[6])),
        settled=bool(row[7]),
    )
