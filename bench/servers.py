"""Servers under measurement, each a process of its own, and what they spend."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Server:
    port: int
    process: psutil.Process
    started_in: float
    """Seconds from the start of the process to its first answer."""

    @property
    def cpu(self) -> float:
        """Seconds of user and system time so far, of all threads and of the processes it has started."""
        return sum(_seconds(process) for process in (self.process, *self.process.children(recursive=True)))

    @property
    def memory(self) -> int:
        """Resident bytes, of the processes it has started too."""
        processes = (self.process, *self.process.children(recursive=True))
        return sum(int(process.memory_info().rss) for process in processes)

    def url(self, path: str, scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.port}{path}"


@asynccontextmanager
async def darkroom(folder: Path, **settings: str) -> AsyncIterator[Server]:
    """`isolation="thread"` sets DARKROOM_ISOLATION, and so on."""
    port = free_port()
    given = {f"DARKROOM_{name.upper()}": value for name, value in settings.items()}
    environment = {**os.environ, **given, "DARKROOM_DATA": str(folder), "DARKROOM_PORT": str(port)}
    command = [sys.executable, str(ROOT / "darkroom.py"), "serve"]
    async with running(command, port, "/health/live", environment) as server:
        yield server


@asynccontextmanager
async def flask(folder: Path) -> AsyncIterator[Server]:
    port = free_port()
    command = [sys.executable, str(Path(__file__).with_name("flask_app.py")), str(folder), str(port)]
    async with running(command, port, "/", dict(os.environ)) as server:
        yield server


@asynccontextmanager
async def strawberry() -> AsyncIterator[Server]:
    port = free_port()
    command = [sys.executable, str(Path(__file__).with_name("strawberry_app.py")), str(port)]
    async with running(command, port, "/graphql", dict(os.environ)) as server:
        yield server


@asynccontextmanager
async def starlette(picture: Path) -> AsyncIterator[Server]:
    port = free_port()
    command = [sys.executable, str(Path(__file__).with_name("starlette_app.py")), str(port), str(picture)]
    async with running(command, port, "/", dict(os.environ)) as server:
        yield server


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@asynccontextmanager
async def running(
    command: list[str], port: int, path: str, environment: Mapping[str, str]
) -> AsyncIterator[Server]:
    begun = time.perf_counter()
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=quiet, stderr=quiet)
    try:
        await _answering(f"http://127.0.0.1:{port}{path}")
        yield Server(port, psutil.Process(process.pid), time.perf_counter() - begun)
    finally:
        await _ended(process)


async def _ended(process: asyncio.subprocess.Process) -> None:
    """With the processes that it has started, which not every server takes along."""
    children: list[psutil.Process] = []
    with contextlib.suppress(psutil.NoSuchProcess):
        children = psutil.Process(process.pid).children(recursive=True)
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    await process.wait()
    for child in children:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.terminate()


async def _answering(url: str) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(1500):
            with contextlib.suppress(httpx.TransportError):
                await client.get(url)
                return
            await asyncio.sleep(0.02)
    raise TimeoutError(url)
