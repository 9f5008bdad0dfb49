"""Albums and their images."""

from __future__ import annotations

import strawberry

from domain.album import album_stream
from domain.paging import page_size
from domain.ports.read_model import AlbumImagesQuery, AlbumQuery, Snapshot
from domain.ports.views import AlbumPage, AlbumView, ImageState
from gql.context import Ask, Context
from gql.schema.ids import album_global_id
from gql.schema.image import Image, Node, image_from
from gql.schema.log_items import EventConnection, VersionPage
from gql.schema.numbered import numbered_cursor, numbered_page, parse_numbered
from gql.schema.pages import PageInfo
from gql.schema.scalars import Cursor, DateTime


@strawberry.type
class AlbumImageEdge:
    cursor: str
    node: Image


@strawberry.type(description="A page of an album's images, in their order.")
class AlbumImageConnection:
    edges: list[AlbumImageEdge]
    page_info: PageInfo
    as_of: Cursor = strawberry.field(description="What this answer has seen of the log.")

    @strawberry.field(description="The images without their cursors.")
    def nodes(self) -> list[Image]:
        return [edge.node for edge in self.edges]


@strawberry.type(description="An ordered set of images with a name.")
class Album(Node):
    name: str
    description: str
    state: ImageState
    version: int = strawberry.field(description="Counts the changes; give it as expectedVersion.")
    created_at: DateTime
    created_by: str
    size: int = strawberry.field(description="How many images are in it, deleted ones included.")
    as_of: Cursor = strawberry.field(description="What this answer has seen of the log.")
    key: strawberry.Private[str]
    position: strawberry.Private[int | None]

    @strawberry.field(description="Its images in their order; those deleted are left out.")
    async def images(
        self, info: Ask, first: int | None = None, after: str | None = None
    ) -> AlbumImageConnection:
        context = info.context
        limit, _ = page_size(first, None)
        offset = 0 if after is None else parse_numbered(after, "image")
        query = AlbumImagesQuery(
            owner=context.caller.owner, album_id=self.key, offset=offset, limit=limit, as_of=self.position
        )
        found = await context.read_model.album_images(query)
        edges = [
            AlbumImageEdge(
                cursor=numbered_cursor("image", offset + place),
                node=image_from(view, found.as_of, context, self.position),
            )
            for place, view in enumerate(found.value.images, 1)
        ]
        return AlbumImageConnection(
            edges=edges,
            page_info=numbered_page([edge.cursor for edge in edges], found.value.has_next, offset > 0),
            as_of=Cursor(context.cursor(found.as_of)),
        )

    @strawberry.field(description="All that was done to it, up to this version, the first first.")
    async def history(
        self,
        info: Ask,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> EventConnection:
        from gql.schema.history import history  # noqa: PLC0415  (events show albums)

        page = VersionPage.of(first, after, last, before, self.version)
        return await history(album_stream(self.key), page, info.context)


@strawberry.type
class AlbumEdge:
    cursor: str
    node: Album


@strawberry.type(description="A page of albums, the newest first.")
class AlbumConnection:
    edges: list[AlbumEdge]
    page_info: PageInfo
    as_of: Cursor = strawberry.field(description="What this answer has seen of the log.")

    @strawberry.field(description="The albums without their cursors.")
    def nodes(self) -> list[Album]:
        return [edge.node for edge in self.edges]


def album_query(
    owner: str, first: int | None, after: str | None, deleted: bool | None, as_of: int | None
) -> AlbumQuery:
    """Raises InvalidInput and InvalidCursor."""
    limit, _ = page_size(first, None)
    behind = None if after is None else parse_numbered(after, "album")
    return AlbumQuery(owner=owner, limit=limit, after=behind, deleted=deleted, as_of=as_of)


def albums_from(found: Snapshot[AlbumPage], query: AlbumQuery, context: Context) -> AlbumConnection:
    edges = [
        AlbumEdge(
            cursor=numbered_cursor("album", view.position),
            node=album_from(view, found.as_of, context, query.as_of),
        )
        for view in found.value.albums
    ]
    return AlbumConnection(
        edges=edges,
        page_info=numbered_page(
            [edge.cursor for edge in edges], found.value.has_next, query.after is not None
        ),
        as_of=Cursor(context.cursor(found.as_of)),
    )


def album_from(view: AlbumView, as_of: int, context: Context, position: int | None = None) -> Album:
    """`position`: the moment of the past that it is shown as of, if it is one."""
    return Album(
        id=strawberry.ID(album_global_id(view.album_id)),
        name=view.name,
        description=view.description,
        state=view.state,
        version=view.version,
        created_at=DateTime(view.created_at),
        created_by=view.created_by,
        size=view.size,
        as_of=Cursor(context.cursor(as_of)),
        key=view.album_id,
        position=position,
    )
