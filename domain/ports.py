"""What Darkroom needs of the world, as protocols; adapters live in `infrastructure`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO, Generic, NamedTuple, Protocol, TypeAlias, TypeVar

from domain.events import Event
from domain.header import ImageHeader, MediaType
from domain.output import Output
from domain.recipe import Recipe

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

    async def append(self, append: Append) -> Appended:
        """Record a command's outcome durably.

        Raises VersionConflict, AlreadyClaimed, CommandReused; Busy and StorageFull when nothing
        was done and asking again may help.
        """
        ...

    async def read(self, after: int, limit: int) -> Sequence[RecordedEvent]:
        """Events after a position, in order, up to the head."""
        ...

    async def read_stream(self, stream: str) -> Sequence[RecordedEvent]:
        """All events of one stream, in order."""
        ...

    async def answered(self, context: Context) -> Appended | None:
        """What this command was answered before, or None. Raises CommandReused."""
        ...

    async def holder(self, owner: str, scope: str, value: str) -> str | None:
        """The stream that holds a claimed value."""
        ...

    def follow(self, after: int) -> AsyncGenerator[RecordedEvent, None]:
        """Every event after a position, for ever: the past first, then as it happens."""
        ...


# -- originals and renditions, by the hash of their bytes


@dataclass(frozen=True, slots=True)
class Staged:
    """Bytes received and hashed, not yet kept."""

    token: str
    sha256: str
    byte_size: int


class Staging(Protocol):
    """Where the bytes of one file arrive. Leaving its context without `keep` removes them."""

    async def write(self, chunk: bytes) -> None: ...

    async def finish(self) -> Staged: ...


class ContentStore(Protocol):
    """Bytes under their SHA-256 (64 lower-case hex digits); written once, never changed."""

    def stage(self) -> AbstractAsyncContextManager[Staging]: ...

    async def keep(self, staged: Staged) -> ImageHeader:
        """Pass staged bytes through the gate, and make them durable under their hash.

        They may be there already. Raises UnacceptableFile; nothing is kept then.
        """
        ...

    def put(self, content: bytes | memoryview) -> str:
        """Store bytes durably and answer their hash. Blocks: for pool threads."""
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


@dataclass(frozen=True, slots=True)
class RenderFailure:
    """Why a rendition cannot be made. `final`: trying again would not help."""

    code: str
    message: str
    final: bool = True


RenderOutcome: TypeAlias = Rendered | RenderFailure


class Renderer(Protocol):
    async def render(self, job: RenderJob) -> Mapping[str, RenderOutcome]:
        """Every requested rendition, in the content store, or why not. Raises Busy."""
        ...


# -- the read model


class ImageState(StrEnum):
    ACTIVE = "ACTIVE"
    DELETED = "DELETED"


class RenditionState(StrEnum):
    PENDING = "PENDING"
    RENDERING = "RENDERING"
    READY = "READY"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenditionView:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageView:
    """Width and height in pixels as shown, that is with the orientation applied."""

    image_id: str
    position: int
    version: int
    owner: str
    uploaded_by: str
    uploaded_at: datetime
    name: str
    description: str
    tags: tuple[str, ...]
    state: ImageState
    sha256: str
    byte_size: int
    media_type: MediaType
    width: int
    height: int
    orientation: int
    frames: int
    renditions: tuple[RenditionView, ...]


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
    """All that is given must hold. `tags`: every one of them. `deleted` None: both."""

    width: Range[int] | None = None
    height: Range[int] | None = None
    byte_size: Range[int] | None = None
    uploaded_at: Range[datetime] | None = None
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
    """A page of images, read from its start, or (`backward`) from its end; always shown in order."""

    owner: str
    filter: ImageFilter = field(default_factory=ImageFilter)
    order: ImageOrder = field(default_factory=ImageOrder)
    limit: int = 24
    after: Keyset | None = None
    before: Keyset | None = None
    backward: bool = False


@dataclass(frozen=True, slots=True)
class ImagePage:
    images: tuple[ImageView, ...]
    has_next: bool
    has_previous: bool


@dataclass(frozen=True, slots=True)
class Snapshot(Generic[T]):
    """A value and the position of the log that it shows."""

    value: T
    as_of: int


class ReadModel(Protocol):
    async def image(self, owner: str, image_id: str) -> Snapshot[ImageView | None]: ...

    async def images(self, query: ImageQuery) -> Snapshot[ImagePage]: ...

    async def count(self, owner: str, filter: ImageFilter) -> int: ...  # noqa: A002

    async def rendition(
        self, owner: str, image_id: str, rendition_id: str
    ) -> Snapshot[RenditionView | None]: ...

    async def pending(
        self, limit: int, exclude: frozenset[str] = frozenset()
    ) -> Snapshot[Sequence[PendingRendering]]:
        """The oldest renderings without a terminal event; `exclude` names images to leave out."""
        ...
