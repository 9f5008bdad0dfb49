"""One data folder, and one server after the other on it, each killed at some moment."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path
from statistics import median
from typing import Final

from tests.crash.book import Book
from tests.crash.followers import LogFollower, RenditionFollower
from tests.crash.inspection import Findings, inspect
from tests.crash.load import Worker, repeat
from tests.crash.pictures import Pictures
from tests.server import PATIENCE, Server

WORKERS: Final = 5
INSPECTED_EVERY: Final = 10
KILLED_EARLY: Final = 0.12
"""The part of servers that are killed while they start."""

LOADED_SECONDS: Final = (0.02, 0.4)
"""From the first answer to the kill."""

REPEATED_AT_THE_END: Final = 200


class Lane:
    """`book` has what was promised; `server` is the one of the moment."""

    def __init__(self, folder: Path, seed: int, cursor: str, isolation: str) -> None:
        self.book = Book()
        self.server = Server(folder, {"isolation": isolation})
        self.kills = 0
        self._folder = folder
        self._rng = random.Random(seed)
        self._heard = asyncio.Event()
        self._start_seconds: list[float] = [1.0]
        pictures = Pictures(seed)
        seeds = [self._rng.getrandbits(32) for _ in range(WORKERS)]
        self._workers = [Worker(each, pictures, self.book, self._heard) for each in seeds]
        self._log = LogFollower(cursor)
        self._renditions = RenditionFollower(cursor)

    async def run(self, kills: int) -> Findings:
        try:
            return await self._run(kills)
        finally:
            await self.server.kill()

    async def _run(self, kills: int) -> Findings:
        while self.kills < kills:
            if self._rng.random() < KILLED_EARLY:
                await self._killed_early()
            else:
                await self._killed_under_load()
            self.kills += 1
            if self.kills % INSPECTED_EVERY == 0:
                await self._inspected(settled=False)
        await self._settled()
        findings = await self._inspected(settled=True)
        assert self._log.event_ids == [event.event_id.hex() for event in findings.events]
        assert sorted(self._renditions.settled) == sorted(findings.renditions)
        return findings

    async def _killed_early(self) -> None:
        """At any moment from the birth of the process to shortly after its first request could come."""
        await self.server.launch()
        await asyncio.sleep(self._rng.uniform(0, 1.2 * median(self._start_seconds)))
        await self.server.kill()

    async def _killed_under_load(self) -> None:
        await self._started()
        async with asyncio.TaskGroup() as tasks:
            self._follow(tasks)
            for worker in self._workers:
                tasks.create_task(worker.work(self.server))
            self._heard.clear()
            await asyncio.wait_for(self._heard.wait(), PATIENCE)
            await asyncio.sleep(self._rng.uniform(*LOADED_SECONDS))
            assert self.server.running, self.server.told
            await self.server.kill()

    async def _started(self) -> None:
        """What earlier uploads left in staging is gone before anybody can upload."""
        left = set((self._folder / "staging").iterdir())
        begun = time.monotonic()
        await self.server.start()
        self._start_seconds.append(time.monotonic() - begun)
        assert not left & set((self._folder / "staging").iterdir())

    def _follow(self, tasks: asyncio.TaskGroup) -> None:
        tasks.create_task(self._log.follow(self.server))
        tasks.create_task(self._renditions.follow(self.server))

    async def _settled(self) -> None:
        """A last server, which may finish what all others could not, and is told to stop."""
        await self._started()
        async with asyncio.TaskGroup() as tasks:
            self._follow(tasks)
            for worker in self._workers:
                await worker.catch_up(self.server)
            told = list(self.book.answered)
            for command_id in self._rng.sample(told, min(REPEATED_AT_THE_END, len(told))):
                await repeat(self.server, self.book, command_id)
            await self._log.settled(self.server)
            assert await self.server.stop() == 0

    async def _inspected(self, *, settled: bool) -> Findings:
        return await asyncio.to_thread(inspect, self._folder, self.book, settled=settled)
