"""Images that look nearly like another one."""

from __future__ import annotations

import strawberry

from domain.errors import InvalidInput
from domain.findings import HASH_BITS
from gql.context import Context
from gql.schema.ids import parse_image_id
from gql.schema.image import Image, image_from


@strawberry.type(description="An image, and how far it is from the one that was asked about.")
class NearDuplicate:
    distance: int = strawberry.field(
        description="In how many of 64 bits the perceptual hashes differ; those of pictures that have "
        "nothing to do with each other differ in about 32."
    )
    image: Image


async def near_duplicates_of(
    global_id: str, within: int, limit: int, as_of: int | None, context: Context
) -> list[NearDuplicate]:
    """Raises InvalidInput and InvalidId."""
    if not 0 <= within <= HASH_BITS:
        raise InvalidInput(
            f"`maxDistance` goes from 0 to {HASH_BITS}; this is {within}.", field="maxDistance"
        )
    owner, image_id = context.caller.owner, parse_image_id(global_id)
    found = await context.read_model.near_duplicates(owner, image_id, within, limit, as_of)
    return [
        NearDuplicate(distance=distance, image=image_from(view, found.as_of, context, as_of))
        for distance, view in found.value
    ]
