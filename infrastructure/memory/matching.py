"""Which images a query means, and which of them are on its page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from domain.paging import keyset
from domain.ports.views import ImagePage, ImageView
from domain.query import ImageFilter, ImageQuery, Keyset, Range


def matches(image: ImageView, wanted: ImageFilter, *, deleted: bool) -> bool:
    """`deleted`: whether it was at the moment, be it erased since."""
    text = "\n".join((image.name, image.description, *(tag.text for tag in image.tags))).lower()
    folded = {tag.text.casefold() for tag in image.tags}
    return (
        wanted.deleted in {None, deleted}
        and _within(image.width, wanted.width)
        and _within(image.height, wanted.height)
        and _within(image.byte_size, wanted.byte_size)
        and _within(image.uploaded_at, wanted.uploaded_at)
        and _was_taken(image, wanted)
        and (wanted.media_types is None or image.media_type in wanted.media_types)
        and all(tag.casefold() in folded for tag in wanted.tags)
        and all(word.lower() in text for word in (wanted.text or "").split())
    )


def paged(query: ImageQuery, images: Iterable[ImageView]) -> ImagePage:
    key = _key(query)
    ordered = sorted(images, key=key, reverse=query.order.descending)
    between = [image for image in ordered if _between(query, key(image))]
    chosen = between[-query.limit :] if query.backward else between[: query.limit]
    more = len(between) > query.limit
    return ImagePage(
        tuple(chosen),
        has_next=query.before is not None if query.backward else more,
        has_previous=more if query.backward else query.after is not None,
    )


def _was_taken(image: ImageView, wanted: ImageFilter) -> bool:
    taken_at = None if image.findings is None else image.findings.metadata.taken_at
    camera = "" if image.findings is None else image.findings.metadata.camera
    return (
        wanted.taken_at in {None, Range()} or (taken_at is not None and _within(taken_at, wanted.taken_at))
    ) and all(word in camera for word in (wanted.camera or "").casefold().split())


def _within(value: Any, wanted: Range[int] | Range[datetime] | None) -> bool:  # noqa: ANN401
    return wanted is None or (
        (wanted.lt is None or value < wanted.lt)
        and (wanted.lte is None or value <= wanted.lte)
        and (wanted.gt is None or value > wanted.gt)
        and (wanted.gte is None or value >= wanted.gte)
        and (wanted.eq is None or value == wanted.eq)
    )


def _key(query: ImageQuery) -> Callable[[ImageView], tuple[Any, int]]:
    return lambda image: _pair(keyset(image, query.order))


def _between(query: ImageQuery, key: tuple[Any, int]) -> bool:
    def follows(one: tuple[Any, int], other: tuple[Any, int]) -> bool:
        return one < other if query.order.descending else one > other

    return (query.after is None or follows(key, _pair(query.after))) and (
        query.before is None or follows(_pair(query.before), key)
    )


def _pair(keyset: Keyset) -> tuple[Any, int]:
    return (keyset.value, keyset.position)
