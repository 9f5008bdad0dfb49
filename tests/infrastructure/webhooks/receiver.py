"""A receiver of webhooks on loopback, which checks signatures by itself."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import ssl
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Received:
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> str:
        return self.headers["webhook-id"]

    @property
    def content(self) -> Any:  # noqa: ANN401
        return json.loads(self.body)

    def is_signed_with(self, secret: str) -> bool:
        """After https://github.com/standard-webhooks/standard-webhooks, section "Verifying signatures"."""
        key = base64.b64decode(secret.split("_", 1)[1])
        content = f"{self.message}.{self.headers['webhook-timestamp']}.{self.body.decode()}"
        expected = base64.b64encode(hmac.new(key, content.encode(), hashlib.sha256).digest()).decode()
        recent = abs(int(self.headers["webhook-timestamp"]) - time.time()) < 300
        return recent and f"v1,{expected}" in self.headers["webhook-signature"].split(" ")


@dataclass
class Receiver:
    """Answers what it was told to, then 200; while `hold` is not set it answers nothing."""

    url: str = ""
    port: int = 0
    received: list[Received] = field(default_factory=list)
    answers: deque[bytes] = field(default_factory=deque)
    always: bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
    hold: asyncio.Event = field(default_factory=asyncio.Event)
    connections: int = 0
    _came: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def wait_for(self, count: int) -> list[Received]:
        async with asyncio.timeout(10), self._came:
            await self._came.wait_for(lambda: len(self.received) >= count)
        return self.received

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                await self._one(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        async with self._came:
            self.received.append(Received(head.split(" ")[1], headers, body))
            self._came.notify_all()
        await self.hold.wait()
        writer.write(self.answers.popleft() if self.answers else self.always)
        await writer.drain()


def status(code: int, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {code} Whatever", "content-length: 0", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


@asynccontextmanager
async def receiving(
    host: str = "127.0.0.1", port: int = 0, tls: Path | None = None
) -> AsyncIterator[Receiver]:
    """On an address of loopback; `tls`: a file with certificate and key."""
    receiver = Receiver()
    receiver.hold.set()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        await receiver.serve(reader, writer)

    secured = None
    if tls is not None:
        secured = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        secured.load_cert_chain(tls)
    server = await asyncio.start_server(serve, host, port, ssl=secured)
    receiver.port = server.sockets[0].getsockname()[1]
    receiver.url = f"http{'' if tls is None else 's'}://{host}:{receiver.port}/hook"
    async with server:
        yield receiver
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
