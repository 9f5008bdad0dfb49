"""The client's end of a WebSocket, without a network between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.types import Message

from tests.gql.http.toy import Bench

PROTOCOL = "graphql-transport-ws"


class Closed(Exception):
    """The server has closed the socket, or refused the handshake (code 403)."""


class Line:
    def __init__(self, subprotocols: Sequence[str], headers: dict[str, str]) -> None:
        self.scope = {
            "type": "websocket",
            "path": "/graphql",
            "headers": [
                (name.encode(), value.encode()) for name, value in {"host": "toy", **headers}.items()
            ],
            "subprotocols": list(subprotocols),
            "state": {},
        }
        self.accepted: str | None = None
        self.to_server: asyncio.Queue[Message] = asyncio.Queue()
        self.to_client: asyncio.Queue[Message] = asyncio.Queue()
        self.to_server.put_nowait({"type": "websocket.connect"})

    async def take(self, message: Message) -> None:
        """What the server sends."""
        if message["type"] == "websocket.accept":
            self.accepted = message.get("subprotocol")
            self.to_client.put_nowait({"type": "accepted"})
        else:
            self.to_client.put_nowait(message)

    def frame(self, content: str | bytes) -> None:
        kind = "text" if isinstance(content, str) else "bytes"
        self.to_server.put_nowait({"type": "websocket.receive", kind: content})

    def send(self, **message: object) -> None:
        self.frame(json.dumps(message))

    def subscribe(self, operation_id: str, query: str, **variables: object) -> None:
        self.send(type="subscribe", id=operation_id, payload={"query": query, "variables": variables})

    async def receive(self) -> dict[str, object]:
        """The next message. Raises Closed with code and reason."""
        message = await asyncio.wait_for(self.to_client.get(), 10)
        if message["type"] == "accepted":
            return await self.receive()
        if message["type"] == "websocket.close":
            raise Closed(message.get("code", 1000), message.get("reason"))
        found: dict[str, object] = json.loads(message["text"])
        return found

    async def outcome(self) -> list[dict[str, object]]:
        """All messages up to the end of one operation."""
        messages = [await self.receive()]
        while messages[-1]["type"] not in {"complete", "error"}:
            messages.append(await self.receive())
        return messages

    async def closed(self) -> tuple[int, str]:
        """How the server closed the socket, whatever it had to say before."""
        try:
            while True:
                await self.receive()
        except Closed as closed:
            code, reason = closed.args
            return code, reason


@asynccontextmanager
async def opened(
    bench: Bench, *, init: bool = True, subprotocols: Sequence[str] = (PROTOCOL,), **headers: str
) -> AsyncIterator[Line]:
    """A socket that is closed by the client in the end, unless the server did so before."""
    line = Line(subprotocols, headers)
    serving = asyncio.create_task(bench.sockets(line.scope, line.to_server.get, line.take))
    if init:
        line.send(type="connection_init")
        assert await line.receive() == {"type": "connection_ack"}
    try:
        yield line
    finally:
        line.to_server.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(serving, 10)
