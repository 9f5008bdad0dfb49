"""Random histories against a list as the model, on every event log in lock-step."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from domain.errors import CommandReused, Refusal, VersionConflict
from domain.events import Event, ImageDeleted, ImageRenamed, ImageRestored, ImageTagged, ImageUploaded
from domain.ports.log import (
    Append,
    Appended,
    Claim,
    EventLog,
    Expect,
    Expectation,
    RecordedEvent,
    StreamAppend,
)
from domain.query import ImageQuery
from infrastructure.memory.log import MemoryEventLog
from infrastructure.sqlite.store import Store, open_store
from infrastructure.verification import Kind, verify
from tests.examples import OWNER, append, context, new_id, uploaded

streams = st.sampled_from(["image-1", "image-2", "image-3"])
expectations = st.sampled_from([*Expect, 0, 1, 2, 3])
kinds = st.sampled_from(["uploaded", "deleted", "restored", "renamed", "tagged"])
writes = st.tuples(streams, st.lists(kinds, max_size=3), expectations)
claims = st.lists(st.builds(Claim, st.just("original"), st.sampled_from("xy"), streams), max_size=1)
command_ids = st.none() | st.sampled_from(["c-1", "c-2", "c-3"])
fingerprints = st.sampled_from(["one body", "another"])


class LogsInLockStep(RuleBasedStateMachine):
    """Every log answers every command alike; the SQLite one is also closed, opened and rebuilt.

    `model` has stream and version of every event; `answers` what commands were answered, by their ids;
    `heard` the event ids that a subscriber of each log has heard of, who comes and goes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.memory = MemoryEventLog()
        self.stack = AsyncExitStack()
        self.store = self.run(self.open())
        self.model: list[tuple[str, int]] = []
        self.images = ["none"]
        self.answers: dict[str, tuple[str, Appended]] = {}
        self.heard: tuple[list[bytes], list[bytes]] = ([], [])

    @property
    def logs(self) -> tuple[EventLog, EventLog]:
        return self.memory, self.store.log

    def run(self, awaitable: Any) -> Any:  # noqa: ANN401
        return self.loop.run_until_complete(awaitable)

    async def open(self) -> Store:
        return await self.stack.enter_async_context(open_store(Path(self.folder.name)))

    @rule(
        written=st.lists(writes, max_size=3),
        claimed=claims,
        command_id=command_ids,
        fingerprint=fingerprints,
    )
    def append(
        self,
        written: list[tuple[str, list[str], Expectation]],
        claimed: list[Claim],
        command_id: str | None,
        fingerprint: str,
    ) -> None:
        command = Append(
            context=context(command_id, None if command_id is None else fingerprint),
            writes=[
                StreamAppend(stream, [self.event(kind) for kind in kinds], expect)
                for stream, kinds, expect in written
            ],
            claims=claimed,
            answer=f"answer {len(self.model)}",
        )
        outcomes = [self.run(outcome(log, command)) for log in self.logs]
        assert outcomes[0] == outcomes[1]
        before = None if command_id is None else self.answers.get(command_id)
        if before is not None:
            self.check_repeated(outcomes[0], before, fingerprint)
        elif isinstance(outcomes[0], Appended):
            assert not outcomes[0].repeated
            self.take(command.writes)
            assert outcomes[0].position == len(self.model)
            if command_id is not None:
                self.answers[command_id] = (fingerprint, outcomes[0])

    def check_repeated(self, outcome: object, before: tuple[str, Appended], fingerprint: str) -> None:
        """The same command has the same answer; another one under its id is refused."""
        first_fingerprint, first = before
        if fingerprint == first_fingerprint:
            assert outcome == Appended(first.position, first.answer, repeated=True)
        else:
            assert outcome == (CommandReused.code, CommandReused.__name__)

    @rule(stream=streams, count=st.integers(2, 6), expect=expectations)
    def race(self, stream: str, count: int, expect: Expectation) -> None:
        """Of so many with one expected version exactly one wins, or none where it is not the version."""
        version = sum(name == stream for name, _ in self.model)
        met = {Expect.ANY: count, Expect.NO_STREAM: version == 0, Expect.EXISTS: count * (version > 0)}
        for log in self.logs:
            racers = [append(stream, ImageDeleted(image_id=str(n)), expect=expect) for n in range(count)]
            outcomes = self.run(gathered(log, racers))
            losers = [outcome for outcome in outcomes if isinstance(outcome, tuple)]
            assert all(outcome == (VersionConflict.code, VersionConflict.__name__) for outcome in losers)
            winners = count - len(losers)
            assert winners == (met[expect] if isinstance(expect, Expect) else expect == version)
        self.take([StreamAppend(stream, [ImageDeleted(image_id="")] * winners)])

    @precondition(lambda self: self.model)
    @rule(forget=st.booleans())
    def restart(self, forget: bool) -> None:
        self.run(self.stack.aclose())
        if forget:
            for path in Path(self.folder.name).glob("read-*"):
                path.unlink()
        self.store = self.run(self.open())

    @rule(after=st.integers(0, 30), limit=st.integers(1, 10))
    def read(self, after: int, limit: int) -> None:
        for log in self.logs:
            read = self.run(log.read(after, limit))
            assert [(event.stream, event.version) for event in read] == self.model[after : after + limit]
            assert [event.position for event in read] == list(range(after + 1, after + 1 + len(read)))

    @rule(stream=streams)
    def read_stream(self, stream: str) -> None:
        for log in self.logs:
            read = self.run(log.read_stream(stream))
            assert [event.version for event in read] == list(range(1, len(read) + 1))
            assert len(read) == sum(name == stream for name, _ in self.model)

    @rule(coming=st.integers(0, 3))
    def hear(self, coming: int) -> None:
        """A subscriber who comes back hears exactly what follows, be it there already or still to come."""
        known = len(self.heard[0])
        later = [append("image-1", self.event("uploaded")) for _ in range(coming)]
        for log, heard in zip(self.logs, self.heard, strict=True):
            events = self.run(following(log, known, len(self.model) - known, later))
            assert [event.position for event in events] == list(
                range(known + 1, len(self.model) + coming + 1)
            )
            heard.extend(event.event_id for event in events)
        for each in later:
            self.take(each.writes)

    @rule()
    def rebuild(self) -> None:
        """The log folded anew is what was folded as it came, and folding once more changes nothing."""
        events = self.run(self.store.log.read(0, len(self.model)))
        self.store.writer._upkeep._projection.fold(events)
        wrong = [finding for finding in verify(Path(self.folder.name)) if finding.kind not in _NO_CONTENT]
        assert wrong == []

    @invariant()
    def event_ids_are_unique_and_as_they_were_heard(self) -> None:
        for log, heard in zip(self.logs, self.heard, strict=True):
            ids = [event.event_id for event in self.run(log.read(0, len(self.model) + 1))]
            assert len(set(ids)) == len(self.model)
            assert ids[: len(heard)] == heard

    @invariant()
    def heads_agree(self) -> None:
        assert self.memory.head == self.store.log.head == len(self.model)
        query = ImageQuery(owner=OWNER)
        assert self.run(self.store.read_model.images(query)).as_of == len(self.model)

    def event(self, kind: str) -> Event:
        """Of a new image, or of the last one that there is."""
        image_id = self.images[-1]
        match kind:
            case "uploaded":
                return uploaded(new_id())
            case "renamed" if image_id != "none":
                return ImageRenamed(image_id=image_id, name=f"name {len(self.model)}")
            case "tagged" if image_id != "none":
                return ImageTagged(image_id=image_id, tags=(f"tag {len(self.model)}", "tag"))
            case "restored":
                return ImageRestored(image_id=image_id)
            case _:
                return ImageDeleted(image_id=image_id)

    def take(self, written: Sequence[StreamAppend]) -> None:
        """What was written is in the model from now on."""
        for write in written:
            for event in write.events:
                version = sum(stream == write.stream for stream, _ in self.model) + 1
                self.model.append((write.stream, version))
                if isinstance(event, ImageUploaded):
                    self.images.append(event.image_id)

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.loop.close()
        self.folder.cleanup()


_NO_CONTENT = {Kind.BLOB, Kind.CLAIM}
"""What these uploads lack."""


async def gathered(log: EventLog, commands: Sequence[Append]) -> list[Appended | tuple[str, str]]:
    return await asyncio.gather(*(outcome(log, command) for command in commands))


async def following(log: EventLog, after: int, count: int, later: Sequence[Append]) -> list[RecordedEvent]:
    """So many events after a position, and then those of later commands, which wait until it listens."""
    events: list[RecordedEvent] = []
    async with aclosing(log.follow(after)) as following:
        while len(events) < count:
            events.append(await anext(following))
        for command in later:
            heard = asyncio.ensure_future(anext(following))
            await asyncio.sleep(0)
            await log.append(command)
            events.append(await heard)
    return events


async def outcome(log: EventLog, command: Append) -> Appended | tuple[str, str]:
    try:
        return await log.append(command)
    except Refusal as refusal:
        return refusal.code, type(refusal).__name__


LogsInLockStep.TestCase.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
TestLogsInLockStep = LogsInLockStep.TestCase
