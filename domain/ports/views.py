"""What the read model shows of images, renditions, albums and operations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.events import BulkAction
from domain.findings import Findings
from domain.header import ImageHeader, MediaType
from domain.picture import Original
from domain.provenance import Source, Tag
from domain.quarantine import Quarantine
from domain.recipe import Edit


class ImageState(StrEnum):
    """ERASED: purged; nothing personal of it is left, whatever moment is looked at."""

    ACTIVE = "ACTIVE"
    DELETED = "DELETED"
    ERASED = "ERASED"


class RenditionState(StrEnum):
    PENDING = "PENDING"
    RENDERING = "RENDERING"
    READY = "READY"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenditionView:
    """`preset` and `preset_version` are what it was asked for by; `shown_as` names the presets whose shown
    version makes just this."""

    image_id: str
    rendition_id: str
    preset: str
    state: RenditionState
    attempts: int
    sha256: str | None
    byte_size: int | None
    media_type: MediaType
    width: int | None
    height: int | None
    failure_code: str | None
    failure_message: str | None
    preset_version: int = 0
    shown_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageView:
    """Width and height in pixels as shown, that is with the orientation applied.

    `tags` are those that are there; `renditions` those of the image's recipe as it stands, by whatever
    version of a preset.
    `changed_at` is the position of the event that made it what it is here. `findings`: None until it has
    been examined, and where that failed.
    """

    image_id: str
    position: int
    changed_at: int
    version: int
    owner: str
    uploaded_by: str
    uploaded_at: datetime
    name: str
    description: str
    description_source: Source | None
    tags: tuple[Tag, ...]
    edits: tuple[Edit, ...]
    state: ImageState
    sha256: str
    byte_size: int
    media_type: MediaType
    width: int
    height: int
    orientation: int
    frames: int
    quarantine: Quarantine | None
    renditions: tuple[RenditionView, ...]
    findings: Findings | None = None

    @property
    def source(self) -> Original:
        """What pictures of it are made of. Raises Quarantined."""
        if self.quarantine is not None:
            raise self.quarantine.refusal
        across = ImageHeader(self.media_type, self.width, self.height, self.frames, self.orientation)
        width, height = across.shown_size  # turned once more, they are as stored
        header = ImageHeader(self.media_type, width, height, self.frames, self.orientation)
        return Original(self.sha256, self.byte_size, header)

    def shown(self, preset: str) -> RenditionView | None:
        """The rendition by the shown version of a preset, if one was asked for by any. While that is not
        ready, the newest that is, so that nothing disappears; without any, what may still become ready."""
        asked = [made for made in self.renditions if made.preset == preset]
        wanted = [made for made in self.renditions if preset in made.shown_as] if asked else []
        hoped = [made for made in wanted if made.state is not RenditionState.FAILED]
        ranked = _ready(wanted) or _ready(asked) or hoped or asked
        return replace(ranked[-1], preset=preset) if ranked else None

    @property
    def shown_renditions(self) -> tuple[RenditionView, ...]:
        """One of each preset, and those that are of none."""
        shown = {made.preset: self.shown(made.preset) for made in self.renditions if made.preset}
        others = (made for made in self.renditions if not made.preset)
        return (*(made for made in shown.values() if made is not None), *others)


def _ready(renditions: Sequence[RenditionView]) -> list[RenditionView]:
    return [made for made in renditions if made.state is RenditionState.READY]


@dataclass(frozen=True, slots=True)
class ImagePage:
    images: tuple[ImageView, ...]
    has_next: bool
    has_previous: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumView:
    album_id: str
    position: int
    version: int
    owner: str
    created_by: str
    created_at: datetime
    name: str
    description: str
    state: ImageState
    size: int
    """How many images are in it, deleted ones included."""


@dataclass(frozen=True, slots=True)
class AlbumPage:
    albums: tuple[AlbumView, ...]
    has_next: bool


class OperationState(StrEnum):
    """CANCELLING: cancelled, and not at its end yet."""

    RUNNING = "RUNNING"
    CANCELLING = "CANCELLING"
    FINISHED = "FINISHED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationView:
    """A bulk operation and how far it is."""

    operation_id: str
    position: int
    version: int
    owner: str
    started_by: str
    started_at: datetime
    action: BulkAction
    undoes: str
    total: int
    changed: int
    unchanged: int
    refused: int
    failed: int
    state: OperationState


class ReplayFate(StrEnum):
    """What a replay would do to an image. THERE: it has such a rendition, or it is on its way."""

    TO_RENDER = "TO_RENDER"
    THERE = "THERE"
    DELETED = "DELETED"
    QUARANTINED = "QUARANTINED"
