"""Random histories against a list as the model, on every event log in lock-step."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from domain.errors import Refusal
from domain.events import ImageDeleted
from domain.ports import Append, Appended, Claim, EventLog, Expect, StreamAppend
from domain.query import ImageQuery
from infrastructure.memory.log import MemoryEventLog
from infrastructure.sqlite.store import Store, open_store
from tests.examples import OWNER, context

streams = st.sampled_from(["image-1", "image-2", "image-3"])
expectations = st.sampled_from([*Expect, 0, 1, 2, 3])
writes = st.builds(
    StreamAppend, streams, st.lists(st.just(ImageDeleted(image_id="1")), max_size=3), expectations
)
claims = st.lists(st.builds(Claim, st.just("original"), st.sampled_from("xy"), streams), max_size=1)
command_ids = st.none() | st.sampled_from(["c-1", "c-2", "c-3"])
fingerprints = st.sampled_from(["one body", "another"])


class LogsInLockStep(RuleBasedStateMachine):
    """Every log answers every command alike; the SQLite one is also closed, opened and rebuilt."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.memory = MemoryEventLog()
        self.stack = AsyncExitStack()
        self.store = self.run(self.open())
        self.model: list[tuple[str, int]] = []

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
        self, written: list[StreamAppend], claimed: list[Claim], command_id: str | None, fingerprint: str
    ) -> None:
        command = Append(
            context=context(command_id, None if command_id is None else fingerprint),
            writes=written,
            claims=claimed,
            answer=f"answer {len(self.model)}",
        )
        outcomes = [self.run(outcome(log, command)) for log in (self.memory, self.store.log)]
        assert outcomes[0] == outcomes[1]
        if isinstance(outcomes[0], Appended) and not outcomes[0].repeated:
            for write in written:
                for _ in write.events:
                    version = sum(stream == write.stream for stream, _ in self.model) + 1
                    self.model.append((write.stream, version))
            assert outcomes[0].position == len(self.model)

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
        for log in (self.memory, self.store.log):
            read = self.run(log.read(after, limit))
            assert [(event.stream, event.version) for event in read] == self.model[after : after + limit]
            assert [event.position for event in read] == list(range(after + 1, after + 1 + len(read)))

    @rule(stream=streams)
    def read_stream(self, stream: str) -> None:
        for log in (self.memory, self.store.log):
            read = self.run(log.read_stream(stream))
            assert [event.version for event in read] == list(range(1, len(read) + 1))
            assert len(read) == sum(name == stream for name, _ in self.model)

    @invariant()
    def heads_agree(self) -> None:
        assert self.memory.head == self.store.log.head == len(self.model)
        query = ImageQuery(owner=OWNER)
        assert self.run(self.store.read_model.images(query)).as_of == len(self.model)

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.loop.close()
        self.folder.cleanup()


async def outcome(log: EventLog, command: Append) -> Appended | tuple[str, str]:
    try:
        return await log.append(command)
    except Refusal as refusal:
        return refusal.code, type(refusal).__name__


LogsInLockStep.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestLogsInLockStep = LogsInLockStep.TestCase
