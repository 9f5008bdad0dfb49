"""Originals are examined where renditions are made; what ends a worker is a failure like others."""

from __future__ import annotations

import io
from typing import NoReturn

import pytest

from domain.errors import Refusal, ShuttingDown, TooSlow, WorkerDied
from domain.header import ImageHeader, MediaType
from domain.ports.pending import PendingExamination
from domain.ports.rendering import RenderFailure
from infrastructure.deaths import Deaths
from infrastructure.memory.content import MemoryContentStore
from infrastructure.pixels.examiner import PoolExaminer
from infrastructure.pixels.executor import DirectExecutor
from infrastructure.pixels.pool import Pool

HEADER = ImageHeader(MediaType.PNG, 10, 10)
PENDING = PendingExamination(
    image_id="a" * 32,
    original="b" * 64,
    byte_size=1,
    header=HEADER,
    image_version=1,
    attempts=0,
    version=0,
    owner="somebody",
    correlation_id="c",
    quarantine=None,
)


async def outcome(refusal: Refusal, monkeypatch: pytest.MonkeyPatch) -> object:
    """Of an examination in whose midst this happens."""

    class Failing(DirectExecutor):
        def execute(self, *_: object) -> NoReturn:
            raise refusal

    store = MemoryContentStore(lambda _: HEADER)
    monkeypatch.setattr(store, "open", lambda _: io.BytesIO())
    pool = Pool(threads=1, waiting=0, memory=1 << 30)
    try:
        return await PoolExaminer(pool, Failing(), store, Deaths()).examine(PENDING)
    finally:
        await pool.aclose()


@pytest.mark.parametrize("refusal", [WorkerDied("It died."), TooSlow("It took too long.")])
async def test_the_death_of_a_worker_is_an_attempt(refusal: Refusal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a reason to ask again for ever."""
    failure = RenderFailure(refusal.code, refusal.message, final=False)
    assert await outcome(refusal, monkeypatch) == failure


async def test_the_end_of_the_server_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked again when there is a server."""
    with pytest.raises(ShuttingDown):
        await outcome(ShuttingDown("Later."), monkeypatch)
