"""Which images: filters, orders, pages and selections, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

from domain.header import MediaType

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Range(Generic[T]):
    """Bounds on one property; all that are given must hold."""

    lt: T | None = None
    lte: T | None = None
    gt: T | None = None
    gte: T | None = None
    eq: T | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFilter:
    """All that is given must hold. `tags`: every one of them. `deleted` None: both.

    `camera`: words, all of which stand in what names camera and lens.
    """

    width: Range[int] | None = None
    height: Range[int] | None = None
    byte_size: Range[int] | None = None
    uploaded_at: Range[datetime] | None = None
    taken_at: Range[datetime] | None = None
    camera: str | None = None
    media_types: tuple[MediaType, ...] | None = None
    text: str | None = None
    tags: tuple[str, ...] = ()
    deleted: bool | None = False


class SortKey(StrEnum):
    UPLOADED_AT = "uploaded_at"
    NAME = "name"
    WIDTH = "width"
    HEIGHT = "height"
    BYTE_SIZE = "byte_size"
    TAKEN_AT = "taken_at"
    """Those of which it is not known come last, whatever the direction."""


@dataclass(frozen=True, slots=True)
class ImageOrder:
    key: SortKey = SortKey.UPLOADED_AT
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Keyset:
    """Where a page begins or ends: the sort value and the position of an image, which is unique."""

    value: str | int
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageQuery:
    """A page of images, read from its start, or (`backward`) from its end; always shown in order.

    `as_of`: as they were when the log had this position; None: as they are.
    """

    owner: str
    filter: ImageFilter = field(default_factory=ImageFilter)
    order: ImageOrder = field(default_factory=ImageOrder)
    limit: int = 24
    after: Keyset | None = None
    before: Keyset | None = None
    backward: bool = False
    as_of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The images of a bulk operation: these, or all that a filter found when the log was at `as_of`."""

    image_ids: tuple[str, ...] | None = None
    filter: ImageFilter | None = None
    as_of: int = 0
