"""Lists of images: filter, order, pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

import strawberry

from domain.errors import InvalidInput, UnknownName
from domain.header import MediaType
from domain.paging import decode_keyset, encode_keyset, keyset, page_size
from domain.ports.read_model import Snapshot
from domain.ports.views import ImagePage
from domain.query import ImageFilter, ImageOrder, ImageQuery, Keyset, Range, SortKey
from domain.text import bounded, printable
from gql.context import Ask, Context
from gql.schema.image import Image, image_from
from gql.schema.pages import PageInfo
from gql.schema.scalars import Cursor, DateTime

MOST_WORDS: Final = 100
"""Of a filter; an image has no more tags."""


@strawberry.input(description="Bounds on a number; all that are given must hold.")
class IntRange:
    lt: int | None = None
    lte: int | None = None
    gt: int | None = None
    gte: int | None = None
    eq: int | None = None


@strawberry.input(description="Bounds on a moment; all that are given must hold.")
class DateTimeRange:
    lt: DateTime | None = None
    lte: DateTime | None = None
    gt: DateTime | None = None
    gte: DateTime | None = None
    eq: DateTime | None = None


@strawberry.input(name="ImageFilter", description="Which images; all that is given must hold.")
class ImageFilterInput:
    width: IntRange | None = strawberry.field(default=None, description="In pixels, as shown.")
    height: IntRange | None = strawberry.field(default=None, description="In pixels, as shown.")
    byte_size: IntRange | None = None
    media_type: list[str] | None = strawberry.field(default=None, description="One of these.")
    text: str | None = strawberry.field(
        default=None, description="Words, all of which stand somewhere in name, description or tags."
    )
    tags: list[str] | None = strawberry.field(default=None, description="All of these.")
    uploaded_at: DateTimeRange | None = None
    taken_at: DateTimeRange | None = strawberry.field(
        default=None, description="Images of which it is not known are left out."
    )
    camera: str | None = strawberry.field(
        default=None, description="Words, all of which stand in the make or model of camera or lens."
    )
    deleted: bool | None = strawberry.field(default=False, description="null: deleted ones too.")

    def to_domain(self) -> ImageFilter:
        """Raises InvalidInput and UnknownName."""
        return ImageFilter(
            width=_range(self.width),
            height=_range(self.height),
            byte_size=_range(self.byte_size),
            uploaded_at=_moments(self.uploaded_at),
            taken_at=_moments(self.taken_at),
            camera=_words(self.camera, "camera"),
            media_types=_media_types(self.media_type),
            text=_words(self.text, "text"),
            tags=tuple(_few([printable(bounded(tag, "tags")) for tag in self.tags or ()], "tags")),
            deleted=self.deleted,
        )


@strawberry.enum(description="What a list is ordered by.")
class ImageSortField(Enum):
    UPLOADED_AT = SortKey.UPLOADED_AT
    NAME = SortKey.NAME
    WIDTH = SortKey.WIDTH
    HEIGHT = SortKey.HEIGHT
    BYTE_SIZE = SortKey.BYTE_SIZE
    TAKEN_AT = strawberry.enum_value(
        SortKey.TAKEN_AT, description="Images of which it is not known come last, in either direction."
    )


@strawberry.enum
class SortDirection(Enum):
    ASC = "ASC"
    DESC = "DESC"


@strawberry.input(name="ImageOrder")
class ImageOrderInput:
    field: ImageSortField = ImageSortField.UPLOADED_AT
    direction: SortDirection = SortDirection.DESC

    def to_domain(self) -> ImageOrder:
        return ImageOrder(self.field.value, descending=self.direction is SortDirection.DESC)


@strawberry.type
class ImageEdge:
    cursor: str
    node: Image


@strawberry.type(description="A page of images.")
class ImageConnection:
    edges: list[ImageEdge]
    page_info: PageInfo
    as_of: Cursor = strawberry.field(description="What this answer has seen of the log.")
    query: strawberry.Private[ImageQuery]

    @strawberry.field(description="The images without their cursors.")
    def nodes(self) -> list[Image]:
        return [edge.node for edge in self.edges]

    @strawberry.field(description="All that the filter finds; counted only when asked for.")
    async def total_count(self, info: Ask) -> int:
        return await info.context.read_model.count(self.query.owner, self.query.filter, self.query.as_of)


@dataclass(frozen=True, slots=True)
class PageArguments:
    """`first`, `after`, `last` and `before` of the Relay cursor connections specification."""

    first: int | None
    after: str | None
    last: int | None
    before: str | None

    def query(
        self, owner: str, filter_: ImageFilter, order: ImageOrder, as_of: int | None = None
    ) -> ImageQuery:
        """Raises InvalidInput and InvalidCursor."""
        limit, backward = page_size(self.first, self.last)
        return ImageQuery(
            owner=owner,
            filter=filter_,
            order=order,
            limit=limit,
            after=_keyset(self.after, order, "after"),
            before=_keyset(self.before, order, "before"),
            backward=backward,
            as_of=as_of,
        )


def connection_from(found: Snapshot[ImagePage], query: ImageQuery, context: Context) -> ImageConnection:
    edges = [
        ImageEdge(
            cursor=encode_keyset(keyset(view, query.order), query.order),
            node=image_from(view, found.as_of, context, query.as_of),
        )
        for view in found.value.images
    ]
    return ImageConnection(
        edges=edges,
        page_info=PageInfo(
            has_next_page=found.value.has_next,
            has_previous_page=found.value.has_previous,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
        as_of=Cursor(context.cursor(found.as_of)),
        query=query,
    )


def _keyset(cursor: str | None, order: ImageOrder, field: str) -> Keyset | None:
    return None if cursor is None else decode_keyset(cursor, order, field=field)


def _range(bounds: IntRange | None) -> Range[int] | None:
    if bounds is None:
        return None
    return Range(lt=bounds.lt, lte=bounds.lte, gt=bounds.gt, gte=bounds.gte, eq=bounds.eq)


def _moments(bounds: DateTimeRange | None) -> Range[datetime] | None:
    if bounds is None:
        return None
    return Range(lt=bounds.lt, lte=bounds.lte, gt=bounds.gt, gte=bounds.gte, eq=bounds.eq)


def _words(text: str | None, field: str) -> str | None:
    if text is None:
        return None
    return " ".join(_few(printable(bounded(text, field)).split(), field))


def _few(words: list[str], field: str) -> list[str]:
    """Each is a condition of its own, of which a database takes only so many."""
    distinct = list(dict.fromkeys(words))
    if len(distinct) > MOST_WORDS:
        message = f"A filter has at most {MOST_WORDS} words or tags; these are {len(distinct):,}."
        raise InvalidInput(message, field=field)
    return distinct


def _media_types(names: list[str] | None) -> tuple[MediaType, ...] | None:
    return None if names is None else tuple(dict.fromkeys(map(_media_type, names)))


def _media_type(name: str) -> MediaType:
    try:
        return MediaType(name)
    except ValueError:
        raise UnknownName("media type", name, MediaType, field="mediaType") from None
