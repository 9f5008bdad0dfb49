"""The read model in memory: each query looks at every image, and so says plainly what is meant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any, assert_never

from domain.events import (
    Event,
    ImageDeleted,
    ImageDescribed,
    ImageRenamed,
    ImageRestored,
    ImageTagged,
    ImageUntagged,
    ImageUploaded,
    RenderingFailed,
    RenderingFinished,
    RenderingRequested,
    RenderingStarted,
)
from domain.header import ImageHeader
from domain.image import tagged, untagged
from domain.paging import keyset
from domain.ports import (
    ImagePage,
    ImageState,
    ImageView,
    PendingRendering,
    RecordedEvent,
    RenditionState,
    RenditionView,
    Snapshot,
)
from domain.query import ImageFilter, ImageQuery, Keyset, Range


@dataclass(frozen=True, slots=True)
class _Rendition:
    request: RenderingRequested
    correlation_id: str
    version: int
    view: RenditionView


class MemoryReadModel:
    """Folds events as they come and keeps what they amount to."""

    def __init__(self) -> None:
        self._as_of = 0
        self._images: dict[str, ImageView] = {}
        self._headers: dict[str, ImageHeader] = {}
        self._renditions: dict[tuple[str, str], _Rendition] = {}

    def fold(self, events: Sequence[RecordedEvent]) -> None:
        for recorded in events:
            if recorded.event is not None:
                self._apply(recorded, recorded.event)
            self._as_of = recorded.position

    async def image(self, owner: str, image_id: str) -> Snapshot[ImageView | None]:
        image = self._images.get(image_id)
        return Snapshot(self._whole(image) if image and image.owner == owner else None, self._as_of)

    async def images(self, query: ImageQuery) -> Snapshot[ImagePage]:
        found = [image for image in self._images.values() if _matches(image, query.owner, query.filter)]
        found.sort(key=_key(query), reverse=query.order.descending)
        between = [image for image in found if _between(query, _key(query)(image))]
        chosen = between[-query.limit :] if query.backward else between[: query.limit]
        more = len(between) > query.limit
        page = ImagePage(
            tuple(self._whole(image) for image in chosen),
            has_next=query.before is not None if query.backward else more,
            has_previous=more if query.backward else query.after is not None,
        )
        return Snapshot(page, self._as_of)

    async def count(self, owner: str, filter: ImageFilter) -> int:  # noqa: A002
        return sum(_matches(image, owner, filter) for image in self._images.values())

    async def rendition(self, owner: str, image_id: str, rendition_id: str) -> Snapshot[RenditionView | None]:
        found = self._renditions.get((image_id, rendition_id))
        mine = found is not None and self._images[image_id].owner == owner
        return Snapshot(found.view if found and mine else None, self._as_of)

    async def pending(
        self, limit: int, exclude: frozenset[str] = frozenset()
    ) -> Snapshot[Sequence[PendingRendering]]:
        unsettled = (
            rendition
            for rendition in self._renditions.values()
            if rendition.view.state in {RenditionState.PENDING, RenditionState.RENDERING}
            and rendition.view.image_id not in exclude
        )
        return Snapshot([self._pending(rendition) for rendition in islice(unsettled, limit)], self._as_of)

    def _apply(self, recorded: RecordedEvent, event: Event) -> None:
        match event:
            case ImageUploaded():
                self._uploaded(recorded, event)
            case ImageRenamed(name=name):
                self._change(recorded, event.image_id, name=name)
            case ImageDescribed(description=description):
                self._change(recorded, event.image_id, description=description)
            case ImageTagged(tags=tags):
                tags = tagged(self._images[event.image_id].tags, tags)
                self._change(recorded, event.image_id, tags=tags)
            case ImageUntagged(tags=tags):
                tags = untagged(self._images[event.image_id].tags, tags)
                self._change(recorded, event.image_id, tags=tags)
            case ImageDeleted():
                self._change(recorded, event.image_id, state=ImageState.DELETED)
            case ImageRestored():
                self._change(recorded, event.image_id, state=ImageState.ACTIVE)
            case RenderingRequested():
                self._requested(recorded, event)
            case RenderingStarted(attempt=attempt):
                self._settle(recorded, event, state=RenditionState.RENDERING, attempts=attempt)
            case RenderingFinished():
                self._finished(recorded, event)
            case RenderingFailed(code=code, message=message):
                self._settle(
                    recorded, event, state=RenditionState.FAILED, failure_code=code, failure_message=message
                )
            case _:
                assert_never(event)

    def _uploaded(self, recorded: RecordedEvent, event: ImageUploaded) -> None:
        header = ImageHeader(event.media_type, event.width, event.height, event.frames, event.orientation)
        width, height = header.shown_size
        self._headers[event.image_id] = header
        self._images[event.image_id] = ImageView(
            image_id=event.image_id,
            position=recorded.position,
            version=recorded.version,
            owner=recorded.owner,
            uploaded_by=recorded.actor,
            uploaded_at=recorded.recorded_at,
            name=event.name,
            description=event.description,
            tags=event.tags,
            state=ImageState.ACTIVE,
            sha256=event.sha256,
            byte_size=event.byte_size,
            media_type=event.media_type,
            width=width,
            height=height,
            orientation=event.orientation,
            frames=event.frames,
            renditions=(),
        )

    def _change(self, recorded: RecordedEvent, image_id: str, **values: Any) -> None:  # noqa: ANN401
        self._images[image_id] = replace(self._images[image_id], version=recorded.version, **values)

    def _requested(self, recorded: RecordedEvent, event: RenderingRequested) -> None:
        view = RenditionView(
            image_id=event.image_id,
            rendition_id=event.rendition_id,
            preset=event.preset,
            state=RenditionState.PENDING,
            attempts=0,
            sha256=None,
            byte_size=None,
            media_type=event.output.media_type,
            width=None,
            height=None,
            failure_code=None,
            failure_message=None,
        )
        key = (event.image_id, event.rendition_id)
        self._renditions[key] = _Rendition(event, recorded.correlation_id, recorded.version, view)

    def _finished(self, recorded: RecordedEvent, event: RenderingFinished) -> None:
        self._settle(
            recorded,
            event,
            state=RenditionState.READY,
            sha256=event.sha256,
            byte_size=event.byte_size,
            media_type=event.media_type,
            width=event.width,
            height=event.height,
        )

    def _settle(
        self,
        recorded: RecordedEvent,
        event: RenderingStarted | RenderingFinished | RenderingFailed,
        **values: Any,  # noqa: ANN401
    ) -> None:
        before = self._renditions[event.image_id, event.rendition_id]
        view = replace(before.view, **values)
        self._renditions[event.image_id, event.rendition_id] = replace(
            before, view=view, version=recorded.version
        )

    def _whole(self, image: ImageView) -> ImageView:
        views = (rendition.view for rendition in self._renditions.values())
        return replace(image, renditions=tuple(view for view in views if view.image_id == image.image_id))

    def _pending(self, rendition: _Rendition) -> PendingRendering:
        event = rendition.request
        return PendingRendering(
            image_id=event.image_id,
            rendition_id=event.rendition_id,
            original=event.original,
            byte_size=self._images[event.image_id].byte_size,
            header=self._headers[event.image_id],
            recipe=event.recipe,
            output=event.output,
            attempts=rendition.view.attempts,
            version=rendition.version,
            owner=self._images[event.image_id].owner,
            correlation_id=rendition.correlation_id,
        )


def _matches(image: ImageView, owner: str, wanted: ImageFilter) -> bool:
    text = "\n".join((image.name, image.description, *image.tags)).lower()
    folded = {tag.casefold() for tag in image.tags}
    return (
        image.owner == owner
        and wanted.deleted in {None, image.state is ImageState.DELETED}
        and _within(image.width, wanted.width)
        and _within(image.height, wanted.height)
        and _within(image.byte_size, wanted.byte_size)
        and _within(image.uploaded_at, wanted.uploaded_at)
        and (wanted.media_types is None or image.media_type in wanted.media_types)
        and all(tag.casefold() in folded for tag in wanted.tags)
        and all(word.lower() in text for word in (wanted.text or "").split())
    )


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
