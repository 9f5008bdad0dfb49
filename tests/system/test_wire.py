"""What is no HTTP and no WebSocket message: the connection ends, the server does not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from itertools import repeat
from typing import Final
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from tests.server import PATIENCE, PROTOCOL, Server, running_server, socket
from tests.system.kept import nothing_kept
from tests.system.raw import connected
from tests.system.watch import MIB, Watch

pytestmark = pytest.mark.asyncio(loop_scope="module")

GET: Final = b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n"
POST: Final = b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
CHUNKED: Final = POST + b"Transfer-Encoding: chunked\r\n\r\n"
LETTERS: Final = b"a" * 64 * 1024
FIELDS: Final = b"X-Field: value\r\n" * 4096

GARBAGE: Final = {
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
    "a protocol of its own": b"HELO example.org\r\n\r\n",
    "zeros": bytes(1000),
    "a field without a colon": GET + b"Nonsense\r\n\r\n",
    "a space in a field's name": GET + b"X Field: value\r\n\r\n",
    "a length that is no number": POST + b"Content-Length: many\r\n\r\n",
    "a length below nothing": POST + b"Content-Length: -1\r\n\r\n",
    "two lengths": POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
    "a length and chunks": POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
    "a chunk of no length": CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n",
}

ENDLESS: Final = {
    "a path": (b"GET /", LETTERS),
    "a field's name": (GET, LETTERS),
    "a field": (GET + b"X-Field: ", LETTERS),
    "fields": (GET, FIELDS),
    "a chunk's extension": (CHUNKED + b"1;", LETTERS),
    "trailers": (CHUNKED + b"0\r\n", FIELDS),
}

INIT: Final = json.dumps({"type": "connection_init"})
EVENTS: Final = {"query": "subscription { events { cursor } }"}


def subscription(**changes: object) -> str:
    return json.dumps({"type": "subscribe", "id": "1", "payload": EVENTS} | changes)


MESSAGES: Final[dict[str, tuple[list[str | bytes], int]]] = {
    "text": (["hello"], 4400),
    "bytes": ([b"\x00\xff"], 4400),
    "nothing": ([""], 4400),
    "a number": (["1"], 4400),
    "null": (["null"], 4400),
    "a list": (["[]"], 4400),
    "an object of no type": (["{}"], 4400),
    "an object of an unknown type": (['{"type": "open"}'], 4400),
    "a hundred thousand floors": (["[" * 100_000], 4400),
    "a greeting with a list": (['{"type": "connection_init", "payload": []}'], 4400),
    "a subscription to nothing": ([INIT, json.dumps({"type": "subscribe", "id": "1"})], 4400),
    "a subscription without a name": ([INIT, subscription(id="")], 4400),
    "a subscription named by a number": ([INIT, subscription(id=1)], 4400),
    "a subscription before the greeting": ([subscription()], 4401),
    "two greetings": ([INIT, INIT], 4429),
    "two subscriptions of one name": ([INIT, subscription(), subscription()], 4409),
    "two megabytes": ([" " * 2 * MIB], 1009),
}

FRAMES: Final = {
    "reserved bits": b"\xff" * 100,
    "an unknown opcode": b"\x83\x80" + bytes(4),
    "no mask": b"\x81\x05hello",
    "a fragment of nothing": b"\x80\x80" + bytes(4),
    "a ping too long": b"\x89\xfe\x01\x00" + bytes(4 + 256),
}
"""Frames that RFC 6455 §5 forbids."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    folder = tmp_path_factory.mktemp("wire") / "data"
    async with running_server(folder, upload_presets="") as server:
        yield server
        assert "Traceback" not in server.told


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def unmoved(server: Server) -> AsyncIterator[None]:
    async with nothing_kept(server):
        yield


@pytest.mark.parametrize("content", GARBAGE.values(), ids=GARBAGE)
async def test_what_is_no_http_is_refused(server: Server, content: bytes) -> None:
    """With 400, and the connection is closed."""
    async with connected(server.url) as connection:
        await connection.send(content)
        assert await connection.farewell() == (400, b"")


@pytest.mark.parametrize(("start", "piece"), ENDLESS.values(), ids=ENDLESS)
async def test_what_never_ends_is_cut_off(server: Server, start: bytes, piece: bytes) -> None:
    """Soon, and without memory: the parser would keep it all until it is complete."""
    with Watch(server.url, server.process.pid) as watch:
        async with connected(server.url) as connection:
            await connection.send(start)
            await connection.pour(repeat(piece, 64 * MIB // len(piece)))
            assert (await connection.farewell())[0] in {None, 400}
            assert connection.sent < 32 * MIB
    assert watch.failures == []
    assert watch.grown < 16 * MIB


@pytest.mark.parametrize(("messages", "code"), MESSAGES.values(), ids=MESSAGES)
async def test_messages_of_no_protocol_close_the_socket(
    server: Server, messages: list[str | bytes], code: int
) -> None:
    """With the code that the reference server of graphql-transport-ws has for it."""
    async with socket(server.url) as connection:
        assert await closed(connection, *messages) == code


async def test_another_protocol_is_not_spoken(server: Server) -> None:
    """The one before graphql-transport-ws has the same name as its library, and is often asked for."""
    async with socket(server.url, protocol=Subprotocol("graphql-ws")) as connection:
        assert await closed(connection) == 4406


@pytest.mark.parametrize(
    "frame", [b"\xff" * 100, b"\x83\x00", b"\x81\x05hello"], ids=["bits", "opcode", "bare"]
)
async def test_frames_that_are_none_close_the_socket(server: Server, frame: bytes) -> None:
    """With the code that says so (RFC 6455 §7.4.1)."""
    async with socket(server.url) as connection:
        connection.transport.write(frame)
        assert await closed(connection) == 1002


async def test_pages_of_other_sites_get_no_socket(server: Server) -> None:
    """Neither under another name of this machine, nor from a page of another one."""
    address = urlsplit(server.url)
    strange = f"http://elsewhere.example:{address.port}"
    for attempt in (socket(strange, host=address.hostname), socket(server.url, origin=strange)):
        with pytest.raises(InvalidStatus) as refused:
            await attempt
        assert refused.value.response.status_code == 403


async def test_a_socket_still_works(server: Server) -> None:
    """After all this."""
    async with socket(server.url) as connection:
        assert connection.subprotocol == PROTOCOL
        await connection.send(INIT)
        assert json.loads(await connection.recv()) == {"type": "connection_ack"}


async def closed(connection: ClientConnection, *messages: str | bytes) -> int:
    """The code with which the server closes a socket on these messages, whatever it says before."""
    with suppress(ConnectionClosed):
        async with asyncio.timeout(PATIENCE):
            for message in messages:
                await connection.send(message)
            while True:
                await connection.recv()
    assert connection.close_code is not None
    return connection.close_code
