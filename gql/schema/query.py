"""What may be asked about."""

from __future__ import annotations

import strawberry

from domain.findings import NEAR
from domain.paging import DEFAULT_PAGE, page_size
from domain.query import ImageFilter, ImageOrder
from gql.context import Ask, Context
from gql.schema.albums import Album, AlbumConnection, album_from, album_query, albums_from
from gql.schema.catalogue import Operation, Preset, operation_catalogue, preset_catalogue
from gql.schema.events import find_rendition
from gql.schema.ids import parse_album_id, parse_image_id, parse_operation_id, parse_rendition_id
from gql.schema.image import Image, Node, image_from
from gql.schema.images import (
    ImageConnection,
    ImageFilterInput,
    ImageOrderInput,
    PageArguments,
    connection_from,
)
from gql.schema.likeness import NearDuplicate, near_duplicates_of
from gql.schema.moment import AsOf, position_of
from gql.schema.operations import BulkOperation, operation_from
from gql.schema.replay import PresetReplay, preset_replay
from gql.schema.webhooks import WebhookQueries, find_webhook


@strawberry.type
class Query(WebhookQueries):
    @strawberry.field(description="Anything with a global id; null where there is no such thing.")
    async def node(
        self,
        info: Ask,
        id: strawberry.ID,  # noqa: A002
        as_of: AsOf | None = None,
    ) -> Node | None:
        context = info.context
        position = await position_of(as_of, context)
        rendition = parse_rendition_id(id)
        if rendition is not None:
            return await find_rendition(context, *rendition, position)
        if id.startswith("alb_"):
            return await _album(context, id, position)
        if id.startswith("op_"):
            return await _operation(context, id)
        if id.startswith("whk_"):
            return await find_webhook(context, id)
        return await _image(context, id, position)

    @strawberry.field(description="One image, deleted or not; null where there is no such image.")
    async def image(
        self,
        info: Ask,
        id: strawberry.ID,  # noqa: A002
        as_of: AsOf | None = None,
    ) -> Image | None:
        return await _image(info.context, id, await position_of(as_of, info.context))

    @strawberry.field(description="Images by pages of up to 100.")
    async def images(
        self,
        info: Ask,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        filter: ImageFilterInput | None = None,  # noqa: A002
        order_by: ImageOrderInput | None = None,
        as_of: AsOf | None = None,
    ) -> ImageConnection:
        context = info.context
        query = PageArguments(first, after, last, before).query(
            context.caller.owner,
            ImageFilter() if filter is None else filter.to_domain(),
            ImageOrder() if order_by is None else order_by.to_domain(),
            await position_of(as_of, context),
        )
        return connection_from(await context.read_model.images(query), query, context)

    @strawberry.field(
        description="Other images that look nearly the same, the nearest first; deleted ones are left out. "
        "Nothing is ever merged."
    )
    async def near_duplicates(
        self,
        info: Ask,
        id: strawberry.ID,  # noqa: A002
        max_distance: int = NEAR,
        first: int = DEFAULT_PAGE,
        as_of: AsOf | None = None,
    ) -> list[NearDuplicate]:
        context, (limit, _) = info.context, page_size(first, None)
        return await near_duplicates_of(id, max_distance, limit, await position_of(as_of, context), context)

    @strawberry.field(description="One album, deleted or not; null where there is no such album.")
    async def album(
        self,
        info: Ask,
        id: strawberry.ID,  # noqa: A002
        as_of: AsOf | None = None,
    ) -> Album | None:
        return await _album(info.context, id, await position_of(as_of, info.context))

    @strawberry.field(description="Albums by pages of up to 100, the newest first.")
    async def albums(
        self,
        info: Ask,
        first: int | None = None,
        after: str | None = None,
        deleted: bool | None = False,
        as_of: AsOf | None = None,
    ) -> AlbumConnection:
        context = info.context
        position = await position_of(as_of, context)
        query = album_query(context.caller.owner, first, after, deleted, position)
        return albums_from(await context.read_model.albums(query), query, context)

    @strawberry.field(description="A bulk operation and how far it is; null where there is no such one.")
    async def operation(self, info: Ask, id: strawberry.ID) -> BulkOperation | None:  # noqa: A002
        return await _operation(info.context, id)

    @strawberry.field(
        description="What `replayPreset` would do now, and how some images would look. Changes nothing."
    )
    async def preset_replay(self, info: Ask, name: str, sample: int = 6) -> PresetReplay:
        return await preset_replay(name, sample, info.context)

    @strawberry.field(description="What can be done to pixels.")
    def operations(self) -> list[Operation]:
        return operation_catalogue()

    @strawberry.field(
        description="Named recipes that renditions are made by: what is built in, and what you saved."
    )
    async def presets(self, info: Ask, as_of: AsOf | None = None) -> list[Preset]:
        context = info.context
        saved = await context.read_model.presets(context.caller.owner, await position_of(as_of, context))
        return preset_catalogue(context.presets, saved, context)


async def _image(context: Context, global_id: str, as_of: int | None) -> Image | None:
    found = await context.read_model.image(context.caller.owner, parse_image_id(global_id), as_of)
    return None if found.value is None else image_from(found.value, found.as_of, context, as_of)


async def _album(context: Context, global_id: str, as_of: int | None) -> Album | None:
    found = await context.read_model.album(context.caller.owner, parse_album_id(global_id), as_of)
    return None if found.value is None else album_from(found.value, found.as_of, context, as_of)


async def _operation(context: Context, global_id: str) -> BulkOperation | None:
    operation_id = parse_operation_id(global_id)
    found = await context.read_model.operation(context.caller.owner, operation_id)
    return None if found.value is None else operation_from(found.value, found.as_of, context)
