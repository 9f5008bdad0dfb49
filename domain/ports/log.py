"""The log of events, and what is recorded in it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeAlias

from domain.events import Event


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
