"""What subscriptions tell of the state of things, each with the cursor that it is as of."""

from __future__ import annotations

import strawberry

from gql.schema.image import Image, Rendition
from gql.schema.scalars import Cursor


@strawberry.type(description="A rendition that has come to its end, READY or FAILED.")
class RenditionSettled:
    cursor: Cursor
    rendition: Rendition


@strawberry.type(description="An image as it is once everything up to the cursor has happened.")
class ImageChanged:
    cursor: Cursor
    image: Image | None = strawberry.field(description="Null where there is no such image.")
