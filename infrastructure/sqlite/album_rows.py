"""Albums: columns, lists and views."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from domain.ports.read_model import AlbumImagesQuery, AlbumQuery
from domain.ports.views import AlbumView
from infrastructure.sqlite.image_rows import STATES, image_columns
from infrastructure.sqlite.moment import Versions, album_versions, image_versions
from infrastructure.sqlite.statement import Row, Values, with_checkpoint
from infrastructure.sqlite.tables import ACTIVE, DELETED, PRESENT, RESTORED

_LASTING: Final = "now.album_id, now.position, now.owner, now.created_by, now.created_at"
_CHANGING: Final = ("version", "name", "description", "size")


def one_album(owner: str, album_id: str, as_of: int | None) -> tuple[str, Values]:
    values = Values()
    albums = album_versions(values, as_of)
    which = f"now.owner = {values.mark(owner)} AND now.album_id = {values.mark(album_id)} AND {albums.there}"
    return with_checkpoint(_columns(albums), f"{albums.source} ON {which} {albums.join}"), values


def album_list(query: AlbumQuery) -> tuple[str, Values]:
    values = Values()
    albums = album_versions(values, query.as_of)
    parts = [f"now.owner = {values.mark(query.owner)}", albums.there]
    if query.after is not None:
        parts.append(f"now.position < {values.mark(query.after)}")
    states = (ACTIVE, DELETED) if query.deleted is None else (int(query.deleted),)
    parts.append(f"{albums.column('state')} IN ({', '.join(map(str, states))})")
    page = (
        f"SELECT {_columns(albums)} FROM {albums.source} {albums.join} WHERE {' AND '.join(parts)} "
        f"ORDER BY now.position DESC LIMIT {values.mark(query.limit + 1)}"
    )
    return with_checkpoint("page.*", f"({page}) page"), values


def album_image_list(query: AlbumImagesQuery) -> tuple[str, Values]:
    """What is on the page is found first: only its images are looked at whole."""
    values = Values()
    images = image_versions(values, query.as_of)
    there = (
        f"m.until = {PRESENT}" if images.at is None else f"m.since <= {images.at} AND m.until > {images.at}"
    )
    entries = (
        f"SELECT m.rank, m.image_id FROM albums a CROSS JOIN album_images m ON m.album = a.position "
        f"CROSS JOIN {images.source} ON now.image_id = m.image_id {images.join} "
        f"WHERE a.owner = {values.mark(query.owner)} AND a.album_id = {values.mark(query.album_id)} "
        f"AND {there} AND {images.column('state')} IN ({ACTIVE}, {RESTORED}) "
        f"ORDER BY m.rank LIMIT {values.mark(query.limit + 1)} OFFSET {values.mark(query.offset)}"
    )
    page = (
        f"SELECT {image_columns(images)} FROM ({entries}) entry "
        f"CROSS JOIN {images.source} ON now.image_id = entry.image_id {images.join} ORDER BY entry.rank"
    )
    return with_checkpoint("page.*", f"({page}) page"), values


def album_view(row: Row) -> AlbumView:
    return AlbumView(
        album_id=row[0],
        position=row[1],
        owner=row[2],
        created_by=row[3],
        created_at=datetime.fromtimestamp(row[4] / 1_000_000, UTC),
        version=row[5],
        name=row[6],
        description=row[7],
        size=row[8],
        state=STATES[row[9]],
    )


def _columns(albums: Versions) -> str:
    return ", ".join((_LASTING, *map(albums.column, _CHANGING), albums.shown_state))
