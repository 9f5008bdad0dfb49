"""What only a real server and real sockets can show."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from gql.limits import MIB, Limits
from tests.gql.http import forms
from tests.gql.http.toy import Bench, until

PROTOCOL = [Subprotocol("graphql-transport-ws")]
TEN_GIB = 10 * 1024 * MIB

# -- uploads


def head(length: int, *headers: str, content_type: str = forms.CONTENT_TYPE) -> bytes:
    lines = [
        "POST /graphql HTTP/1.1",
        "Host: toy",
        f"Content-Type: {content_type}",
        f"Content-Length: {length}",
        *headers,
        "",
        "",
    ]
    return "\r\n".join(lines).encode()


@asynccontextmanager
async def dialled(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def keep_sending(writer: asyncio.StreamWriter, content: bytes) -> None:
    """Like a client that does not listen before it has sent everything."""
    with suppress(ConnectionError):
        while True:
            writer.write(content)
            await writer.drain()


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], dict[str, object]]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
    body = await reader.readexactly(int(headers["content-length"]))
    return int(lines[0].split()[1]), headers, json.loads(body)


START = forms.upload(b"|").split(b"|")[0]


@pytest.mark.parametrize(
    ("request_head", "start", "status", "code"),
    [
        (head(TEN_GIB, "GraphQL-Require-Preflight: 1"), START, 413, "FILE_TOO_LARGE"),
        (head(TEN_GIB), START, 403, "PREFLIGHT_REQUIRED"),
        (head(TEN_GIB, content_type="application/json"), b"{", 413, "BODY_TOO_LARGE"),
        (head(TEN_GIB, content_type="text/plain"), b"x", 415, "UNSUPPORTED_MEDIA_TYPE"),
    ],
)
async def test_a_refused_client_gets_its_answer_while_it_is_sending(
    request_head: bytes, start: bytes, status: int, code: str
) -> None:
    """Without waiting for the 10 GiB; afterwards the connection is closed and nothing is left."""
    bench = Bench(replace(Limits(), file_bytes=2 * MIB))
    async with bench.serve() as port, dialled(port) as (reader, writer):
        writer.write(request_head + start)
        sending = asyncio.create_task(keep_sending(writer, b"x" * 64 * 1024))
        async with asyncio.timeout(5):
            found, headers, body = await answer(reader)
            assert bench.store.open_stagings == set()
            assert (found, headers["connection"]) == (status, "close")
            assert body["errors"][0]["extensions"]["code"] == code  # type: ignore[index]
        sending.cancel()
        await asyncio.wait([sending])


async def test_a_refused_client_that_stops_may_read_at_leisure() -> None:
    """What it had sent is taken, so that the connection is closed and not reset."""
    bench = Bench(replace(Limits(), body_bytes=1_000))
    async with bench.serve() as port, dialled(port) as (reader, writer):
        writer.write(head(MIB, content_type="application/json") + b" " * MIB)
        await writer.drain()
        await asyncio.sleep(0.2)
        found, headers, _ = await answer(reader)
        assert (found, headers["connection"]) == (413, "close")
        assert await reader.read() == b""


async def test_a_connection_is_used_again_after_an_upload() -> None:
    """A body that has been read to its end leaves nothing in the way."""
    body = forms.upload(b"x" * 200_000)
    async with Bench().serve() as port, dialled(port) as (reader, writer):
        for _ in range(2):
            writer.write(head(len(body), "Sec-Fetch-Site: same-origin") + body)
            status, headers, result = await answer(reader)
            assert (status, headers.get("connection")) == (200, None)
            assert result["data"]["upload"]["size"] == 200_000  # type: ignore[index]


async def test_a_client_that_hangs_up_leaves_nothing_behind() -> None:
    """In the middle of a file."""
    bench = Bench()
    async with bench.serve() as port:
        async with dialled(port) as (_, writer):
            writer.write(head(TEN_GIB, "GraphQL-Require-Preflight: 1") + START + b"x" * 300_000)
            await until(lambda: bool(bench.store.open_stagings))
        await until(lambda: not bench.store.open_stagings)


async def test_a_silent_client_is_answered_and_let_go() -> None:
    """408, and what it had sent is removed."""
    bench = Bench(replace(Limits(), idle_seconds=0.2))
    async with bench.serve() as port, dialled(port) as (reader, writer):
        writer.write(head(TEN_GIB, "GraphQL-Require-Preflight: 1") + START + b"x" * 300_000)
        status, headers, body = await answer(reader)
        assert (status, headers["connection"]) == (408, "close")
        assert body["errors"][0]["extensions"]["code"] == "REQUEST_TIMEOUT"  # type: ignore[index]
        assert bench.store.open_stagings == set()


SERVER = """
import asyncio
from tests.gql.http.toy import Bench

async def main():
    async with Bench().serve() as port:
        print(port, flush=True)
        await asyncio.sleep(3600)

asyncio.run(main())
"""


async def test_a_large_file_adds_no_memory() -> None:
    """Measured on a process of its own: less than 32 MiB for a file of hundreds."""
    size = 300 * MIB
    server = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SERVER,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONPATH": "."},
    )
    assert server.stdout is not None
    try:
        port = int(await server.stdout.readline())
        process = psutil.Process(server.pid)
        body_head, body_tail = forms.upload(b"|").split(b"|")
        async with dialled(port) as (reader, writer):
            length = len(body_head) + size + len(body_tail)
            writer.write(head(length, "GraphQL-Require-Preflight: 1") + body_head)
            before, peak = process.memory_info().rss, 0
            for sent in range(0, size, MIB):
                writer.write(b"x" * MIB)
                await writer.drain()
                if sent % (10 * MIB) == 0:
                    peak = max(peak, process.memory_info().rss)
            writer.write(body_tail)
            status, _, result = await answer(reader)
        assert (status, result["data"]["upload"]["size"]) == (200, size)  # type: ignore[index]
        assert peak - before < 32 * MIB
    finally:
        server.kill()
        await server.wait()


# -- WebSockets


@asynccontextmanager
async def subscribed(port: int, query: str, **settings: object) -> AsyncIterator[ClientConnection]:
    """A socket with one subscription; cut off in the end, without ceremony."""
    socket = await connect(f"ws://127.0.0.1:{port}/graphql", subprotocols=PROTOCOL, **settings)  # type: ignore[arg-type]
    try:
        await socket.send('{"type": "connection_init"}')
        await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": query}}))
        assert await socket.recv() == '{"type":"connection_ack"}'
        yield socket
    finally:
        socket.transport.abort()


async def closed(socket: ClientConnection) -> tuple[int, str] | None:
    try:
        async with asyncio.timeout(5):
            while True:
                await socket.recv()
    except ConnectionClosed as error:
        return (error.rcvd.code, error.rcvd.reason) if error.rcvd else None


async def test_a_slow_client_slows_its_own_subscription() -> None:
    """The source is not asked for more while the socket is full; nothing piles up, nothing is lost."""
    bench = Bench()
    query = "subscription { count(to: 5000, size: 100000) }"
    async with (
        bench.serve() as port,
        subscribed(port, query, max_queue=1, compression=None) as socket,
    ):
        await until(lambda: len(bench.produced) > 1)
        stalled = 0
        while len(bench.produced) != stalled:
            stalled = len(bench.produced)
            await asyncio.sleep(0.3)
        assert stalled < 500
        for number in range(stalled + 10):
            assert str(await socket.recv()).startswith(
                f'{{"id":"1","type":"next","payload":{{"data":{{"count":"{number}x'
            )


async def test_a_client_that_does_not_read_is_given_up() -> None:
    """Its sources are closed, though it keeps the connection open."""
    bench = Bench(replace(Limits(), send_seconds=0.2))
    query = "subscription { count(to: 5000, size: 100000) }"
    async with bench.serve() as port, subscribed(port, query, max_queue=1, compression=None):
        await until(lambda: bench.closed == ["count"])
        await until(lambda: not bench.sockets._open)


async def test_a_client_that_is_cut_off_closes_its_sources() -> None:
    """Without a close frame."""
    bench = Bench()
    async with bench.serve() as port:
        async with subscribed(port, "subscription { silence }") as socket:
            await socket.recv()
        await until(lambda: bench.closed == ["silence"])


async def test_closing_sends_every_client_away() -> None:
    """1001, at once, with all sources closed; nobody is let in any more."""
    bench = Bench()
    async with (
        bench.serve() as port,
        subscribed(port, "subscription { silence }") as one,
        subscribed(port, "{ sleeping }") as other,
    ):
        await one.recv()
        async with asyncio.timeout(1):
            await bench.sockets.close(within=5)
        assert sorted(bench.closed) == ["silence", "sleeping"]
        assert [await closed(socket) for socket in (one, other)] == [(1001, "Going away")] * 2
        with pytest.raises(InvalidStatus, match="403"):
            await connect(f"ws://127.0.0.1:{port}/graphql", subprotocols=PROTOCOL)


async def test_the_server_stops_though_nobody_told_the_sockets() -> None:
    """uvicorn closes them itself then (1012), and their sources with them."""
    bench = Bench()
    async with bench.serve(tell_sockets=False) as port:
        socket = await connect(f"ws://127.0.0.1:{port}/graphql", subprotocols=PROTOCOL)
        await socket.send('{"type": "connection_init"}')
        await socket.send(
            '{"type": "subscribe", "id": "1", "payload": {"query": "subscription { silence }"}}'
        )
        await socket.recv()
        await socket.recv()
    assert bench.closed == ["silence"]
    found = await closed(socket)
    assert found is not None
    assert found[0] == 1012


async def test_a_page_of_another_host_is_refused() -> None:
    """403, before the socket is open."""
    async with Bench().serve() as port:
        with pytest.raises(InvalidStatus, match="403"):
            await connect(
                f"ws://127.0.0.1:{port}/graphql", subprotocols=PROTOCOL, origin=Origin("http://evil.example")
            )
