"""What may be asked about."""

from __future__ import annotations

import strawberry

from domain.query import ImageFilter, ImageOrder
from gql.context import Ask
from gql.schema.catalogue import Operation, Preset, operation_catalogue, preset_catalogue
from gql.schema.events import find_rendition
from gql.schema.ids import parse_image_id, parse_rendition_id
from gql.schema.image import Image, Node, image_from
from gql.schema.images import (
    ImageConnection,
    ImageFilterInput,
    ImageOrderInput,
    PageArguments,
    connection_from,
)


@strawberry.type
class Query:
    @strawberry.field(description="Anything with a global id; null where there is no such thing.")
    async def node(self, info: Ask, id: strawberry.ID) -> Node | None:  # noqa: A002
        rendition = parse_rendition_id(id)
        if rendition is not None:
            return await find_rendition(info.context, *rendition)
        return await _image(info, id)

    @strawberry.field(description="One image, deleted or not; null where there is no such image.")
    async def image(self, info: Ask, id: strawberry.ID) -> Image | None:  # noqa: A002
        return await _image(info, id)

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
    ) -> ImageConnection:
        context = info.context
        query = PageArguments(first, after, last, before).query(
            context.caller.owner,
            ImageFilter() if filter is None else filter.to_domain(),
            ImageOrder() if order_by is None else order_by.to_domain(),
        )
        return connection_from(await context.read_model.images(query), query, context)

    @strawberry.field(description="What can be done to pixels.")
    def operations(self) -> list[Operation]:
        return operation_catalogue()

    @strawberry.field(description="Named recipes that renditions are made by.")
    def presets(self, info: Ask) -> list[Preset]:
        return preset_catalogue(info.context.presets)


async def _image(info: Ask, global_id: str) -> Image | None:
    context = info.context
    found = await context.read_model.image(context.caller.owner, parse_image_id(global_id))
    return None if found.value is None else image_from(found.value, found.as_of, context)
