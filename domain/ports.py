"""What Darkroom needs of the world, as protocols; adapters live in `infrastructure`."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO, Generic, NamedTuple, Protocol, TypeAlias, TypeVar

from domain.events import BulkAction, DisableReason, Event
from domain.findings import Findings
from domain.header import ImageHeader, MediaType
from domain.levels import Levels
from domain.output import Output
from domain.picture import Original, Picture, PictureRequest, TileName
from domain.presets import Preset
from domain.provenance import Source, Tag
from domain.quarantine import Quarantine
from domain.query import ImageFilter, ImageQuery
from domain.recipe import Edit, Recipe
from domain.region import Region

T = TypeVar("T")

# -- the log


class Expect(StrEnum):
    """What a stream must be for an append, where it is not an exact version."""

    NO_STREAM = "no stream"
    EXISTS = "an existing stream"
    ANY = "any state"


Expectation: TypeAlias = int | Expect


@dataclass(frozen=True, slots=True)
class StreamAppend:
    """Events that a stream goes on with; none: it is only to be as it is expected."""

    stream: str
    events: Sequence[Event]
    expect: Expectation = Expect.ANY


@dataclass(frozen=True, slots=True)
class Claim:
    """A value that may belong to one stream only, such as the hash of an original."""

    scope: str
    value: str
    holder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Who asks, and which request this is.

    `fingerprint` is the body of a request whose command id the client chose: seen again with the
    same body it is answered as the first time, with another it is refused. Without a fingerprint
    the id is ours and names no request that could be repeated.
    """

    command_id: str
    actor: str
    owner: str
    fingerprint: str | None = None
    correlation_id: str = ""
    causation_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """One command's outcome: all of it is recorded, or nothing."""

    context: Context
    writes: Sequence[StreamAppend]
    claims: Sequence[Claim] = ()
    releases: Sequence[Claim] = ()
    """Claims that end with this command."""
    answer: str = ""
    """Kept with the command id, and given back when the command is repeated."""


@dataclass(frozen=True, slots=True)
class Appended:
    """`position` is the last one written, or the head at the time where nothing was."""

    position: int
    answer: str
    repeated: bool = False


class RecordedEvent(NamedTuple):
    """An event with its envelope.

    `event` is None where this version of Darkroom does not know the type: it is kept, not shown.
    A tuple, because one is made for every event that is written or read.
    """

    position: int
    stream: str
    version: int
    event_id: bytes
    type: str
    schema_version: int
    recorded_at: datetime
    command_id: str
    correlation_id: str
    causation_id: str
    actor: str
    owner: str
    event: Event | None


class EventLog(Protocol):
    """The truth: append-only, positions and stream versions dense from 1."""

    @property
    def store_id(self) -> str:
        """Which store this is; cursors of another one are refused."""
        ...

    @property
    def head(self) -> int:
        """The last position that readers and read model have both seen; 0 when empty."""
        ...

    @property
    def end(self) -> int:
        """The last position recorded: beyond the head while the read model has stopped."""
        ...

    @property
    def forgettings(self) -> int:
        """How often something was forgotten: what was made of events before is not to be told any more."""
        ...

    async def append(self, append: Append) -> Appended:
        """Record a command's outcome durably.

        Raises VersionConflict, AlreadyClaimed, CommandReused; Busy and StorageFull when nothing
        was done and asking again may help.
        """
        ...

    async def read(self, after: int, limit: int) -> Sequence[RecordedEvent]:
        """Events after a position, in order, up to the head."""
        ...

    async def read_stream(
        self, stream: str, after: int = 0, limit: int | None = None
    ) -> Sequence[RecordedEvent]:
        """Events of one stream after a version, in order."""
        ...

    async def read_stream_back(self, stream: str, before: int, limit: int) -> Sequence[RecordedEvent]:
        """Events of one stream before a version, the latest first."""
        ...

    async def owners(self, streams: Sequence[str]) -> Mapping[str, str]:
        """Whose streams these are; those that do not exist are missing."""
        ...

    async def streams(self, prefix: str) -> Sequence[str]:
        """The names of all streams that begin so."""
        ...

    async def position_at(self, moment: datetime) -> int:
        """The last position recorded at that moment or before; 0 where nothing was."""
        ...

    async def answered(self, context: Context) -> Appended | None:
        """What this command was answered before, or None. Raises CommandReused."""
        ...

    async def holder(self, owner: str, scope: str, value: str) -> str | None:
        """The stream that holds a claimed value."""
        ...

    async def forget(self, streams: Sequence[str]) -> None:
        """Destroy the keys of streams: what is personal in them is read as its default from now on, in every
        copy of the log, and by those who follow it. May be repeated."""
        ...

    def follow(self, after: int) -> AsyncGenerator[RecordedEvent, None]:
        """Every event after a position, for ever: the past first, then as it happens."""
        ...

    def follow_batches(self, after: int) -> AsyncGenerator[Sequence[RecordedEvent], None]:
        """The same, several at once where several are there: for those of whom there are many."""
        ...


# -- originals and renditions, by the hash of their bytes


@dataclass(frozen=True, slots=True)
class Staged:
    """Bytes received and hashed, not yet kept."""

    token: str
    sha256: str
    byte_size: int


class Staging(Protocol):
    """Where the bytes of one file arrive. Leaving its context without `keep` removes them.

    What was kept from it cannot be removed before its context is left: leave it when the event that
    refers to the bytes is recorded.
    """

    async def write(self, chunk: bytes | memoryview) -> None:
        """Take in a chunk of any size: small ones are gathered. Nothing of it is held on to."""
        ...

    async def finish(self) -> Staged: ...


class Hold(Protocol):
    """Bytes put here cannot be removed before its context is left: leave it when the event that refers to
    them is recorded."""

    def put(self, content: bytes | memoryview) -> str:
        """Store bytes durably and answer their hash. Blocks: for pool threads."""
        ...


class ContentStore(Protocol):
    """Bytes under their SHA-256 (64 lower-case hex digits); written once, never changed."""

    def stage(self) -> AbstractAsyncContextManager[Staging]: ...

    async def keep(self, staged: Staged) -> ImageHeader:
        """Pass staged bytes through the gate, and make them durable under their hash.

        They may be there already. Raises UnacceptableFile; nothing is kept then.
        """
        ...

    def hold(self) -> AbstractContextManager[Hold]: ...

    async def remove(self, sha256: str, referred: Callable[[], Awaitable[bool]]) -> bool:
        """Remove bytes for good, unless `referred` says that something refers to them.

        False, and nothing is done, where somebody keeps them at this moment and may be about to refer to
        them: ask again. Who begins to keep them later finds them gone, or saves them.
        """
        ...

    def open(self, sha256: str) -> BinaryIO:
        """The bytes, for reading. Blocks: for pool threads. Raises NotFound."""
        ...


# -- pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderJob:
    """Several renditions of one original of so many bytes, decoded once."""

    original: str
    byte_size: int
    header: ImageHeader
    requests: Mapping[str, tuple[Recipe, Output]]
    """By rendition id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    sha256: str
    byte_size: int
    media_type: MediaType
    width: int
    height: int
    made_with: Mapping[str, str] = field(default_factory=dict)
    """Versions of libraries, by their names."""


@dataclass(frozen=True, slots=True)
class RenderFailure:
    """Why a rendition cannot be made. `final`: trying again would not help."""

    code: str
    message: str
    final: bool = True


RenderOutcome: TypeAlias = Rendered | RenderFailure


class Renderer(Protocol):
    async def render(self, job: RenderJob, hold: Hold) -> Mapping[str, RenderOutcome]:
        """Every requested rendition, put into the hold, or why not. Raises Busy."""
        ...


class Histograms(Protocol):
    async def count(self, original: Original, recipe: Recipe, region: Region | None) -> Levels:
        """The levels of what a recipe makes of an original, within a region of that.

        Raises UnknownName, InvalidInput, NotFound, DamagedFile, NotRendered; Busy at once.
        """
        ...


class Pictures(Protocol):
    """Pictures made when they are asked for. No event tells of them."""

    def kept(self, request: PictureRequest) -> Picture | None:
        """One that was made a moment ago. Raises UnknownName and InvalidInput."""
        ...

    async def make(self, request: PictureRequest) -> Picture:
        """Asked for again while it is being made, it is made once. Where all who asked have gone (their
        tasks are cancelled) before it was begun, it is not made.

        Raises UnknownName, InvalidInput, NotFound, DamagedFile, NotRendered; Busy at once.
        """
        ...

    async def forget(self, sha256: str) -> None:
        """Nothing that was made of the original with this hash remains."""


class Tiles(Protocol):
    """Parts of large pictures, made before they are asked for one by one. No event tells of them.

    Raises UnknownName and InvalidInput where the recipe cannot be applied.
    """

    async def prepare(self, original: Original, recipe: Recipe) -> None:
        """Have all tiles made when there is nothing else to do, where the picture is worth it."""

    async def read(self, original: Original, recipe: Recipe, tile: TileName) -> bytes | None:
        """A tile as a JPEG; None where it has not been made. While it is being made it is waited for, but not
        the one that shows the whole picture: that is had sooner without."""
        ...

    async def forget(self, sha256: str) -> None:
        """Nothing that was made of the original with this hash remains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingExamination:
    """An original whose examination has no end, with all that is needed to carry it out.

    `image_version` is that of the image, which must not be purged meanwhile.
    """

    image_id: str
    original: str
    byte_size: int
    header: ImageHeader
    image_version: int
    attempts: int
    version: int
    owner: str
    correlation_id: str
    quarantine: Quarantine | None


class Examiner(Protocol):
    async def examine(self, pending: PendingExamination) -> Findings | RenderFailure:
        """What is found in an original, or why nothing. Raises Busy."""
        ...


# -- the read model


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingRendering:
    """A rendering without a terminal event, with all that is needed to carry it out."""

    image_id: str
    rendition_id: str
    original: str
    byte_size: int
    header: ImageHeader
    recipe: Recipe
    output: Output
    attempts: int
    version: int
    owner: str
    correlation_id: str
    quarantine: Quarantine | None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumQuery:
    """A page of albums, the newest first, behind the album created at `after`."""

    owner: str
    limit: int = 24
    after: int | None = None
    deleted: bool | None = False
    as_of: int | None = None


@dataclass(frozen=True, slots=True)
class AlbumPage:
    albums: tuple[AlbumView, ...]
    has_next: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AlbumImagesQuery:
    """A page of an album's images in their order, behind the first `offset` of them."""

    owner: str
    album_id: str
    offset: int = 0
    limit: int = 24
    as_of: int | None = None


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


class Erasable(StrEnum):
    IMAGE = "image"
    ALBUM = "album"


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingErasure:
    """A purged thing whose key and bytes are not known to be destroyed yet.

    `blobs` are the hashes of its original and its renditions; `settled` says that no rendering is under
    way, so that there will be no more.
    """

    kind: Erasable
    thing_id: str
    owner: str
    purged_at: int
    version: int
    correlation_id: str
    blobs: tuple[str, ...]
    settled: bool


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

    async def referred(self, hashes: Sequence[str]) -> Snapshot[frozenset[str]]:
        """Which of these are the original or a rendition of an image, whoever's, that is not purged."""
        ...


# -- webhooks


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookView:
    """A webhook and how far its deliveries are.

    `delivered` is the position up to which there is nothing more to deliver. `attempts` is how often the
    event behind it was tried in vain, `next_attempt_at` when it is tried next.
    """

    webhook_id: str
    position: int
    version: int
    added_by: str
    added_at: datetime
    url: str
    description: str
    types: tuple[str, ...]
    disabled: DisableReason | None
    delivered: int
    attempts: int
    next_attempt_at: datetime | None


class DeliveryFailure(StrEnum):
    """Why there was no answer."""

    TARGET_NOT_ALLOWED = "TARGET_NOT_ALLOWED"
    HOST_NOT_FOUND = "HOST_NOT_FOUND"
    CONNECTION_FAILED = "CONNECTION_FAILED"
    TIMED_OUT = "TIMED_OUT"
    INVALID_ANSWER = "INVALID_ANSWER"
    INTERNAL = "INTERNAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """One attempt to deliver the event at a position.

    `attempt` counts from 1; it is 0 where the attempt was asked for by Redeliver. There is either the
    status of an answer or a failure. The duration is in milliseconds.
    """

    number: int
    position: int
    attempt: int
    at: datetime
    duration: int
    status: int | None
    failure: DeliveryFailure | None


class Webhooks(Protocol):
    """What is known of webhooks, up to the head of the log."""

    async def all(self, owner: str) -> Sequence[WebhookView]:
        """Those that were not removed, the oldest first."""
        ...

    async def find(self, owner: str, webhook_id: str) -> WebhookView | None: ...

    async def deliveries(self, webhook_id: str, before: int | None, limit: int) -> Sequence[DeliveryView]:
        """The latest attempts, or those numbered below `before`, the latest first."""
        ...


class Targets(Protocol):
    """Where webhooks may deliver to."""

    def check(self, host: str) -> None:
        """Raises TargetNotAllowed for what is certain to be refused when it is connected to."""
        ...
