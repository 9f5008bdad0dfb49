"""The read model in memory: each query looks at everything, and so says plainly what is meant.

The past is the same fold, stopped earlier; what has been purged since is emptied in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Final, TypeVar

from domain.events import AlbumErased, BulkAction, ImageErased, RenderingRequested
from domain.findings import distance
from domain.header import MediaType
from domain.image import Image
from domain.ports.log import RecordedEvent
from domain.ports.pending import Erasable, PendingErasure, PendingExamination, PendingRendering
from domain.ports.read_model import AlbumImagesQuery, AlbumQuery, Snapshot
from domain.ports.views import (
    AlbumPage,
    AlbumView,
    ImagePage,
    ImageState,
    ImageView,
    OperationView,
    RenditionState,
    RenditionView,
    ReplayFate,
)
from domain.presets import Preset, output_for
from domain.query import ImageFilter, ImageQuery
from infrastructure.memory.folded import Folded, Rendition, Thing
from infrastructure.memory.matching import matches, paged
from infrastructure.memory.views import (
    album_view,
    image_view,
    operation_view,
    pending_examination,
    pending_rendering,
    upload_of,
)

T = TypeVar("T")

_UNSETTLED: Final = frozenset({RenditionState.PENDING, RenditionState.RENDERING})


class MemoryReadModel:
    """Keeps all events, and what they amount to."""

    def __init__(self) -> None:
        self._events: list[RecordedEvent] = []
        self._now = Folded()

    def fold(self, events: Sequence[RecordedEvent]) -> None:
        for recorded in events:
            self._events.append(recorded)
            self._now.apply(recorded)

    async def image(self, owner: str, image_id: str, as_of: int | None = None) -> Snapshot[ImageView | None]:
        then = self._at(as_of)
        image = then.images.get(image_id)
        return self._seen(self._view(then, image) if image and image.first.owner == owner else None)

    async def images(self, query: ImageQuery) -> Snapshot[ImagePage]:
        return self._seen(paged(query, self._matching(query.owner, query.filter, query.as_of)))

    async def count(self, owner: str, filter: ImageFilter, as_of: int | None = None) -> int:  # noqa: A002
        return len(self._matching(owner, filter, as_of))

    async def rendition(
        self, owner: str, image_id: str, rendition_id: str, as_of: int | None = None
    ) -> Snapshot[RenditionView | None]:
        image = self._now.images.get(image_id)
        then = self._at(as_of)
        found = then.renditions.get((image_id, rendition_id))
        if found is None or image is None or image.first.owner != owner or image.state.purged:
            return self._seen(None)
        return self._seen(self._shown(then, found, image))

    async def pending(
        self, limit: int, exclude: frozenset[str] = frozenset()
    ) -> Snapshot[Sequence[PendingRendering]]:
        unsettled = (
            pending_rendering(rendition, self._now.images[image_id])
            for (image_id, _), rendition in self._now.renditions.items()
            if rendition.view.state in _UNSETTLED
            and image_id not in exclude
            and not isinstance(self._now.images[image_id].last.event, ImageErased)
        )
        return self._seen(list(islice(unsettled, limit)))

    async def pending_examinations(self, limit: int) -> Sequence[PendingExamination]:
        pending = [
            pending_examination(image, self._now.examinations.get(image_id))
            for image_id, image in self._now.images.items()
            if self._is_to_be_examined(image) and self._rendered(image_id)
        ]
        return pending[:limit]

    async def same_pixels(
        self, owner: str, image_id: str, limit: int, as_of: int | None = None
    ) -> Snapshot[Sequence[ImageView]]:
        one = (await self.image(owner, image_id, as_of)).value
        same = [
            other
            for other in self._others(one, owner, as_of)
            if one
            and one.findings
            and other.findings
            and other.findings.pixel_hash == one.findings.pixel_hash
        ]
        return self._seen(same[:limit])

    async def near_duplicates(
        self, owner: str, image_id: str, within: int, limit: int, as_of: int | None = None
    ) -> Snapshot[Sequence[tuple[int, ImageView]]]:
        one = (await self.image(owner, image_id, as_of)).value
        near = [
            (distance(one.findings.perceptual_hash, other.findings.perceptual_hash), other)
            for other in self._others(one, owner, as_of)
            if one and one.findings and other.findings
        ]
        near.sort(key=lambda pair: (pair[0], pair[1].position))
        return self._seen([pair for pair in near if pair[0] <= within][:limit])

    async def album(self, owner: str, album_id: str, as_of: int | None = None) -> Snapshot[AlbumView | None]:
        album = self._at(as_of).albums.get(album_id)
        if album is None or album.first.owner != owner:
            return self._seen(None)
        return self._seen(album_view(album, erased=self._now.albums[album_id].state.purged))

    async def albums(self, query: AlbumQuery) -> Snapshot[AlbumPage]:
        found = [
            album_view(album, erased=self._now.albums[album_id].state.purged)
            for album_id, album in reversed(self._at(query.as_of).albums.items())
            if album.first.owner == query.owner
            and (query.after is None or album.first.position < query.after)
            and not album.state.purged
            and query.deleted in {None, album.state.deleted}
        ]
        return self._seen(AlbumPage(tuple(found[: query.limit]), has_next=len(found) > query.limit))

    async def album_images(self, query: AlbumImagesQuery) -> Snapshot[ImagePage]:
        then = self._at(query.as_of)
        album = then.albums.get(query.album_id)
        ids: tuple[str, ...] = ()
        if album and album.first.owner == query.owner and not self._now.albums[query.album_id].state.purged:
            ids = album.state.revision.image_ids
        images = (then.images[image_id] for image_id in ids if image_id in then.images)
        found = [self._view(then, image) for image in images if not image.state.deleted]
        rest = found[query.offset :]
        page = ImagePage(
            tuple(rest[: query.limit]), has_next=len(rest) > query.limit, has_previous=query.offset > 0
        )
        return self._seen(page)

    async def presets(self, owner: str, as_of: int | None = None) -> Snapshot[Sequence[Preset]]:
        found = [
            replace(preset.state.newest, description="")
            if preset_id in self._now.removed_presets
            else preset.state.newest
            for preset_id, preset in self._at(as_of).presets.items()
            if preset.first.owner == owner
        ]
        return self._seen(sorted(found, key=lambda preset: preset.name))

    async def operation(self, owner: str, operation_id: str) -> Snapshot[OperationView | None]:
        found = self._now.operations.get(operation_id)
        return self._seen(operation_view(found) if found and found.first.owner == owner else None)

    async def running_operations(self, limit: int, *, replays: bool | None = None) -> Sequence[OperationView]:
        running = (
            operation_view(operation)
            for operation in self._now.operations.values()
            if not operation.state.ended
            and replays in {None, operation.state.started.action is BulkAction.REPLAY}
        )
        return list(islice(running, limit))

    async def rendered_by(
        self, owner: str, preset: str, after: int, limit: int, as_of: int
    ) -> Sequence[tuple[int, str]]:
        found = self._rendered_by(owner, preset, as_of)
        return [(image.position, image.image_id) for image in found if image.position > after][:limit]

    async def replay_counts(self, owner: str, preset: Preset, engine: str) -> Snapshot[Counter[ReplayFate]]:
        images = self._rendered_by(owner, preset.name, None)
        return self._seen(Counter(self._fate(image, preset, engine) for image in images))

    async def replay_sample(self, owner: str, preset: Preset, engine: str, limit: int) -> Sequence[ImageView]:
        images = reversed(self._rendered_by(owner, preset.name, None))
        rendered = (image for image in images if self._fate(image, preset, engine) is ReplayFate.TO_RENDER)
        return list(islice(rendered, limit))

    async def changed_by(self, operation_id: str, after: int, limit: int) -> Sequence[tuple[int, str]]:
        if operation_id not in self._now.operations:
            return []
        ids = self._now.changed_by.get(operation_id, set())
        changed = sorted((self._now.images[image_id].first.position, image_id) for image_id in ids)
        return [(position, image_id) for position, image_id in changed if position > after][:limit]

    async def pending_erasures(self, limit: int) -> Sequence[PendingErasure]:
        images = [
            _erasure(
                Erasable.IMAGE, image_id, image.last, self._blobs(image), settled=self._settled(image_id)
            )
            for image_id, image in self._now.images.items()
            if image.state.purged and not isinstance(image.last.event, ImageErased)
        ]
        albums = [
            _erasure(Erasable.ALBUM, album_id, album.last, (), settled=True)
            for album_id, album in self._now.albums.items()
            if album.state.purged and not isinstance(album.last.event, AlbumErased)
        ]
        return sorted((*images, *albums), key=lambda erasure: erasure.purged_at)[:limit]

    async def referred(self, hashes: Sequence[str]) -> Snapshot[frozenset[str]]:
        live = (image for image in self._now.images.values() if not image.state.purged)
        named = {sha256 for image in live for sha256 in self._blobs(image)}
        return self._seen(frozenset(hashes) & named)

    async def images_of(self, sha256: str) -> Sequence[str]:
        live = (image for image in self._now.images.values() if not image.state.purged)
        return [image.state.image_id for image in live if image.state.original == sha256]

    def _rendered_by(self, owner: str, preset: str, as_of: int | None) -> list[ImageView]:
        found = [
            view
            for view in self._matching(owner, ImageFilter(deleted=None), as_of)
            if view.state is not ImageState.ERASED
            and any(rendition.preset == preset for rendition in view.renditions)
        ]
        return sorted(found, key=lambda view: view.position)

    def _fate(self, image: ImageView, preset: Preset, engine: str) -> ReplayFate:
        if image.state is ImageState.DELETED:
            return ReplayFate.DELETED
        if image.quarantine is not None:
            return ReplayFate.QUARANTINED
        made = (self._now.renditions[image.image_id, view.rendition_id] for view in image.renditions)
        there = any(
            rendition.request.engine == engine
            and rendition.view.state is not RenditionState.FAILED
            and _is_by(rendition.request, preset, image.media_type)
            for rendition in made
        )
        return ReplayFate.THERE if there else ReplayFate.TO_RENDER

    def _shown(self, then: Folded, rendition: Rendition, image: Thing[Image]) -> RenditionView:
        media_type = upload_of(image).media_type
        names = (
            name
            for (owner, name), preset in then.shown.items()
            if owner == image.first.owner and _is_by(rendition.request, preset, media_type)
        )
        return replace(rendition.view, shown_as=tuple(sorted(names)))

    def _is_to_be_examined(self, image: Thing[Image]) -> bool:
        examined = self._now.examinations.get(image.state.image_id)
        if examined is None:
            return not image.state.purged
        return not examined.state.settled and not isinstance(image.last.event, ImageErased)

    def _others(self, one: ImageView | None, owner: str, as_of: int | None) -> list[ImageView]:
        """Images beside this one that are not deleted, the oldest first."""
        found = self._matching(owner, ImageFilter(), as_of) if one else []
        return sorted((view for view in found if view != one), key=lambda view: view.position)

    def _at(self, as_of: int | None) -> Folded:
        if as_of is None or as_of >= self._now.position:
            return self._now
        then = Folded()
        for recorded in self._events[:as_of]:
            then.apply(recorded)
        return then

    def _seen(self, value: T) -> Snapshot[T]:
        return Snapshot(value, self._now.position)

    def _matching(self, owner: str, wanted: ImageFilter, as_of: int | None) -> list[ImageView]:
        then = self._at(as_of)
        images = (
            (self._view(then, image), image.state.deleted)
            for image in then.images.values()
            if image.first.owner == owner and not image.state.purged
        )
        return [view for view, deleted in images if matches(view, wanted, deleted=deleted)]

    def _view(self, then: Folded, image: Thing[Image]) -> ImageView:
        """With the renditions of its recipe as it stands."""
        image_id, own = image.state.image_id, image.state.recipe.steps
        renditions = [
            self._shown(then, rendition, image)
            for (of, _), rendition in then.renditions.items()
            if of == image_id and rendition.request.recipe.steps[: rendition.request.edits] == own
        ]
        examined = then.examinations.get(image_id)
        findings = None if examined is None else examined.findings
        return image_view(image, renditions, findings, erased=self._now.images[image_id].state.purged)

    def _settled(self, image_id: str) -> bool:
        examined = self._now.examinations.get(image_id)
        return self._rendered(image_id) and (examined is None or examined.state.settled)

    def _rendered(self, image_id: str) -> bool:
        renditions = self._now.renditions.items()
        return not any(of == image_id and each.view.state in _UNSETTLED for (of, _), each in renditions)

    def _blobs(self, image: Thing[Image]) -> tuple[str, ...]:
        made = (
            rendition.view.sha256
            for (of, _), rendition in self._now.renditions.items()
            if of == image.state.image_id and rendition.view.sha256 is not None
        )
        return tuple(sorted({upload_of(image).sha256, *made}))


def _is_by(request: RenderingRequested, preset: Preset, original: MediaType) -> bool:
    added = request.recipe.steps[request.edits :]
    return added == preset.recipe.steps and request.output == output_for(preset, original)


def _erasure(
    kind: Erasable, thing_id: str, last: RecordedEvent, blobs: tuple[str, ...], *, settled: bool
) -> PendingErasure:
    return PendingErasure(
        kind=kind,
        thing_id=thing_id,
        owner=last.owner,
        purged_at=last.position,
        version=last.version,
        correlation_id=last.correlation_id,
        blobs=blobs,
        settled=settled,
    )
