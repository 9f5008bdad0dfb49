"""The event log in memory: the port's rules in their plainest form, for tests and trials."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from datetime import UTC, datetime

from domain.errors import AlreadyClaimed, CommandReused, VersionConflict
from domain.events import WIRE_NAMES, Event
from domain.ports.log import Append, Appended, Context, Expect, Expectation, RecordedEvent
from infrastructure.log import serialization
from infrastructure.log.tail import Tail


class MemoryEventLog:
    """Everything in lists and dictionaries; `fold` is shown each batch before the head moves."""

    def __init__(self, fold: Callable[[Sequence[RecordedEvent]], None] = lambda _: None) -> None:
        self.store_id = secrets.token_hex(4)
        self._fold = fold
        self._events: list[RecordedEvent] = []
        self._claims: dict[tuple[str, str, str], str] = {}
        self._commands: dict[tuple[str, str], tuple[str, Appended]] = {}
        self._tail = Tail(0)

    @property
    def head(self) -> int:
        return self._tail.head

    @property
    def end(self) -> int:
        return self._tail.head

    @property
    def forgettings(self) -> int:
        return self._tail.forgettings

    async def append(self, append: Append) -> Appended:
        before = await self.answered(append.context)
        if before is not None:
            return before
        self._check(append)
        events = self._recorded(append)
        self._events.extend(events)
        self._claims |= {(append.context.owner, c.scope, c.value): c.holder for c in append.claims}
        for claim in append.releases:
            if self._claims.get(key := (append.context.owner, claim.scope, claim.value)) == claim.holder:
                del self._claims[key]
        appended = Appended(len(self._events), append.answer)
        self._remember(append.context, appended)
        self._fold(events)
        self._tail.publish(events)
        return appended

    async def read(self, after: int, limit: int) -> Sequence[RecordedEvent]:
        return self._events[after : after + limit]

    async def read_stream(
        self, stream: str, after: int = 0, limit: int | None = None
    ) -> Sequence[RecordedEvent]:
        return [event for event in self._events if event.stream == stream][after:][:limit]

    async def read_stream_back(self, stream: str, before: int, limit: int) -> Sequence[RecordedEvent]:
        events = [event for event in self._events if event.stream == stream and event.version < before]
        return events[::-1][:limit]

    async def owners(self, streams: Sequence[str]) -> Mapping[str, str]:
        return {event.stream: event.owner for event in self._events if event.stream in streams}

    async def streams(self, prefix: str) -> Sequence[str]:
        return sorted({event.stream for event in self._events if event.stream.startswith(prefix)})

    async def position_at(self, moment: datetime) -> int:
        return sum(event.recorded_at <= moment for event in self._events)

    async def answered(self, context: Context) -> Appended | None:
        before = self._commands.get((context.owner, context.command_id))
        if before is None or context.fingerprint is None:
            return None
        fingerprint, appended = before
        if fingerprint != context.fingerprint:
            raise CommandReused
        return Appended(appended.position, appended.answer, repeated=True)

    async def holder(self, owner: str, scope: str, value: str) -> str | None:
        return self._claims.get((owner, scope, value))

    async def forget(self, streams: Sequence[str]) -> None:
        gone = frozenset(streams)
        self._events = [_erased(event) if event.stream in gone else event for event in self._events]
        self._tail.forget()

    def follow(self, after: int) -> AsyncGenerator[RecordedEvent, None]:
        return self._tail.follow(after, self.read)

    def follow_batches(self, after: int) -> AsyncGenerator[Sequence[RecordedEvent], None]:
        return self._tail.follow_batches(after, self.read)

    def _check(self, append: Append) -> None:
        for claim in append.claims:
            holder = self._claims.get((append.context.owner, claim.scope, claim.value), claim.holder)
            if holder != claim.holder:
                raise AlreadyClaimed(claim.scope, holder)
        ahead: dict[str, int] = {}
        for write in append.writes:
            version = self._version(write.stream) + ahead.get(write.stream, 0)
            if not _met(write.expect, version):
                raise VersionConflict(write.stream, expected=str(write.expect), current=version)
            ahead[write.stream] = ahead.get(write.stream, 0) + len(write.events)

    def _version(self, stream: str) -> int:
        return sum(1 for event in self._events if event.stream == stream)

    def _recorded(self, append: Append) -> list[RecordedEvent]:
        events: list[RecordedEvent] = []
        for write in append.writes:
            for event in write.events:
                version = self._version(write.stream) + sum(e.stream == write.stream for e in events) + 1
                position = len(self._events) + len(events) + 1
                events.append(_envelope(position, write.stream, version, event, append.context))
        return events

    def _remember(self, context: Context, appended: Appended) -> None:
        if context.fingerprint is not None:
            self._commands[context.owner, context.command_id] = (context.fingerprint, appended)


def _met(expect: Expectation, version: int) -> bool:
    match expect:
        case Expect.ANY:
            return True
        case Expect.NO_STREAM:
            return version == 0
        case Expect.EXISTS:
            return version > 0
        case _:
            return version == expect


def _erased(recorded: RecordedEvent) -> RecordedEvent:
    """Through the wire and back, without the key."""
    if recorded.event is None:
        return recorded
    written = serialization.write(recorded.event, lambda personal: serialization.SealedBox(0, personal))
    return recorded._replace(event=serialization.read(written, lambda _: None))


def _envelope(position: int, stream: str, version: int, event: Event, context: Context) -> RecordedEvent:
    wire_name = WIRE_NAMES[type(event)]
    return RecordedEvent(
        position=position,
        stream=stream,
        version=version,
        event_id=secrets.token_bytes(16),
        type=wire_name.name,
        schema_version=wire_name.version,
        recorded_at=datetime.now(UTC),
        command_id=context.command_id,
        correlation_id=context.correlation_id or context.command_id,
        causation_id=context.causation_id,
        actor=context.actor,
        owner=context.owner,
        event=event,
    )
