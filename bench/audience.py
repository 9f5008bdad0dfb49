"""Many subscribers in one process that costs little: `python -m bench.audience PORT COUNT`.

Says `ready` when all are subscribed, and counts from the line `begin` on its standard input to the line
`end`; then it writes what it has found, as JSON. Every event is a renaming, whose name is the time of the
request in seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import select
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

_ROOT: Final = Path(__file__).parents[1]
_DOCUMENT: Final = "subscription { events { ... on ImageRenamed { name } } }"
_HANDSHAKE: Final = (
    b"GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)
_EVENT: Final = b'"name"'
_ASKED_AT: Final = re.compile(rb'"name": ?"([^"]+)"')
_SAMPLE: Final = 20
"""Of so many subscribers one has its latencies measured; of all, events are counted."""
_PONG: Final = bytes((0x8A, 0x84))


@dataclass(frozen=True)
class Heard:
    """Seconds from the request for an event to its arrival, sorted; and what the counting cost."""

    latencies: list[float]
    events: int
    fewest: int
    cpu: float

    def percentile(self, part: float) -> float:
        return self.latencies[int(part * (len(self.latencies) - 1))]


class Audience:
    """Subscribers in a process of their own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def begin(self) -> None:
        await self._say(b"begin\n")

    async def end(self) -> Heard:
        used = psutil.Process(self._process.pid).cpu_times()
        await self._say(b"end\n")
        assert self._process.stdout is not None
        found = json.loads(await self._process.stdout.readline())
        return Heard(sorted(found["latencies"]), found["events"], found["fewest"], used.user + used.system)

    async def _say(self, line: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line)
        await self._process.stdin.drain()


@asynccontextmanager
async def audience(port: int, count: int) -> AsyncIterator[Audience]:
    """So many subscribers, all of them subscribed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.audience", str(port), str(count)),
        cwd=_ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=64 * 1024 * 1024,
    )
    try:
        assert process.stdout is not None
        if await process.stdout.readline() != b"ready\n":
            raise RuntimeError("the subscribers could not subscribe")
        yield Audience(process)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


def main(port: int, count: int) -> None:
    sockets = {each.fileno(): each for each in (_subscribed(port) for _ in range(count))}
    sampled = set(list(sockets)[::_SAMPLE])
    poll = select.epoll()
    for descriptor in sockets:
        poll.register(descriptor, select.EPOLLIN)
    poll.register(sys.stdin, select.EPOLLIN)
    events = dict.fromkeys(sockets, 0)
    arrivals: list[tuple[float, bytes]] = []
    print("ready", flush=True)
    counting = False
    while True:
        for descriptor, _ in poll.poll():
            if descriptor == sys.stdin.fileno():
                if sys.stdin.readline() != "begin\n":
                    print(json.dumps(_found(events, arrivals)), flush=True)
                    return
                counting = True
                continue
            content = sockets[descriptor].recv(1 << 18)
            if not content:
                poll.unregister(descriptor)
            elif content[0] == 0x89:  # a ping of the server's, alone, as it comes when nothing happens
                sockets[descriptor].sendall(_PONG + bytes(4) + content[2:6])
            elif counting:
                events[descriptor] += content.count(_EVENT)
                if descriptor in sampled:
                    arrivals.append((time.time(), content))


def _found(events: dict[int, int], arrivals: list[tuple[float, bytes]]) -> dict[str, object]:
    latencies = [
        arrived - float(match[1]) for arrived, content in arrivals for match in _ASKED_AT.finditer(content)
    ]
    return {"latencies": latencies, "events": sum(events.values()), "fewest": min(events.values())}


def _subscribed(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(_HANDSHAKE)
    _expect(connection, b"\r\n\r\n")
    connection.sendall(_frame({"type": "connection_init"}))
    _expect(connection, b"connection_ack")
    connection.sendall(_frame({"type": "subscribe", "id": "1", "payload": {"query": _DOCUMENT}}))
    return connection


def _expect(connection: socket.socket, end: bytes) -> None:
    content = b""
    while end not in content:
        received = connection.recv(4096)
        if not received:
            raise ConnectionError(content)
        content += received


def _frame(message: dict[str, object]) -> bytes:
    """As a client sends it (RFC 6455 §5.3), masked with zeros."""
    content = json.dumps(message).encode()
    assert len(content) < 1 << 16
    return bytes((0x81, 0x80 | 126)) + len(content).to_bytes(2) + bytes(4) + content


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
