"""The read model, and what it is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from domain.ports.pending import PendingErasure, PendingExamination, PendingRendering
from domain.ports.views import (
    AlbumPage,
    AlbumView,
    ImagePage,
    ImageView,
    OperationView,
    RenditionView,
    ReplayFate,
)
from domain.presets import Preset
from domain.query import ImageFilter, ImageQuery

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumQuery:
    """A page of albums, the newest first, behind the album created at `after`."""

    owner: str
    limit: int = 24
    after: int | None = None
    deleted: bool | None = False
    as_of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumImagesQuery:
    """A page of an album's images in their order, behind the first `offset` of them."""

    owner: str
    album_id: str
    offset: int = 0
    limit: int = 24
    as_of: int | None = None


@dataclass(frozen=True, slots=True)
class Snapshot(Generic[T]):
    """A value and the position of the log that it shows."""

    value: T
    as_of: int


class ReadModel(Protocol):
    """Everything that is queried. `as_of`: as it was when the log had this position; None: as it is."""

    async def image(
        self, owner: str, image_id: str, as_of: int | None = None
    ) -> Snapshot[ImageView | None]: ...

    async def images(self, query: ImageQuery) -> Snapshot[ImagePage]: ...

    async def count(self, owner: str, filter: ImageFilter, as_of: int | None = None) -> int: ...  # noqa: A002

    async def rendition(
        self, owner: str, image_id: str, rendition_id: str, as_of: int | None = None
    ) -> Snapshot[RenditionView | None]: ...

    async def pending(
        self, limit: int, exclude: frozenset[str] = frozenset()
    ) -> Snapshot[Sequence[PendingRendering]]:
        """The oldest renderings without a terminal event; `exclude` names images to leave out."""
        ...

    async def pending_examinations(self, limit: int) -> Sequence[PendingExamination]:
        """Of the oldest images first; those of which a rendition is on its way are left out, and those that
        are purged, but for an examination that has begun."""
        ...

    async def same_pixels(
        self, owner: str, image_id: str, limit: int, as_of: int | None = None
    ) -> Snapshot[Sequence[ImageView]]:
        """Other images that show exactly the same, the oldest first; deleted ones are left out."""
        ...

    async def near_duplicates(
        self, owner: str, image_id: str, within: int, limit: int, as_of: int | None = None
    ) -> Snapshot[Sequence[tuple[int, ImageView]]]:
        """Other images whose perceptual hashes differ in so many bits at most, each with their number, the
        nearest first, of the same distance the oldest; deleted ones are left out."""
        ...

    async def album(
        self, owner: str, album_id: str, as_of: int | None = None
    ) -> Snapshot[AlbumView | None]: ...

    async def albums(self, query: AlbumQuery) -> Snapshot[AlbumPage]: ...

    async def album_images(self, query: AlbumImagesQuery) -> Snapshot[ImagePage]:
        """Images that are deleted or erased by then are left out."""
        ...

    async def presets(self, owner: str, as_of: int | None = None) -> Snapshot[Sequence[Preset]]:
        """Those that were saved, by name."""
        ...

    async def operation(self, owner: str, operation_id: str) -> Snapshot[OperationView | None]: ...

    async def running_operations(self, limit: int, *, replays: bool | None = None) -> Sequence[OperationView]:
        """The oldest ones that have not ended, cancelled ones among them. `replays`: those alone, or all
        others."""
        ...

    async def rendered_by(
        self, owner: str, preset: str, after: int, limit: int, as_of: int
    ) -> Sequence[tuple[int, str]]:
        """Positions and ids of images, by position, that had a rendition by a preset, of their recipe as it
        stood then."""
        ...

    async def replay_counts(self, owner: str, preset: Preset, engine: str) -> Snapshot[Counter[ReplayFate]]:
        """What a replay would do to the images that have a rendition by the preset of this name."""
        ...

    async def replay_sample(self, owner: str, preset: Preset, engine: str, limit: int) -> Sequence[ImageView]:
        """The newest images that a replay would render anew."""
        ...

    async def changed_by(self, operation_id: str, after: int, limit: int) -> Sequence[tuple[int, str]]:
        """Positions and ids of images that an operation changed, by position."""
        ...

    async def pending_erasures(self, limit: int) -> Sequence[PendingErasure]:
        """The oldest ones."""
        ...

    async def images_of(self, sha256: str) -> Sequence[str]:
        """The ids of the images, whoever's, that have this original and are not purged, the oldest first."""
        ...

    async def referred(self, hashes: Sequence[str]) -> Snapshot[frozenset[str]]:
        """Which of these are the original or a rendition of an image, whoever's, that is not purged."""
        ...
