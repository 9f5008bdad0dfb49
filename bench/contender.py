"""One of those that are compared: a server that is asked for some paths over and over."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field

import cv2
import numpy as np

from bench.connection import Connection
from bench.servers import Server


@dataclass
class Contender:
    """A server, and the paths that each client asks it for. What it took for each request, by rounds."""

    server: Server
    paths: Sequence[str]
    cpu: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)

    async def run(self, requests: int) -> None:
        before, begun = self.server.cpu, time.perf_counter()
        await asyncio.gather(*(self._client(path, requests) for path in self.paths))
        count = requests * len(self.paths)
        self.rate.append(count / (time.perf_counter() - begun))
        self.cpu.append((self.server.cpu - before) / count)

    async def _client(self, path: str, requests: int) -> None:
        with closing(Connection(self.server.port)) as http:
            for _ in range(requests):
                await http.get(path)

    async def size(self) -> tuple[int, int]:
        with closing(Connection(self.server.port)) as http:
            content = await http.get(self.paths[0])
        pixels = np.asarray(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR))
        return pixels.shape[1], pixels.shape[0]

    @property
    def per_cpu_second(self) -> float:
        return 1 / statistics.median(self.cpu)

    @property
    def per_second(self) -> float:
        return statistics.median(self.rate)
