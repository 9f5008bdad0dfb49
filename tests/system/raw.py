"""HTTP/1.1 by hand, for requests that no proper client sends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from itertools import repeat
from typing import Final
from urllib.parse import urlsplit

from tests.server import BOUNDARY, PATIENCE, form, upload_parts
from tests.system.doors import Outcome

PIECE: Final = bytes(64 * 1024)
CHUNKED: Final = "Transfer-Encoding: chunked"
END: Final = f"\r\n--{BOUNDARY}--\r\n".encode()


class Connection:
    """One connection, over which bytes go out until somebody has heard enough."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._heard = asyncio.ensure_future(reader.readuntil(b"\r\n\r\n"))
        self.sent = 0

    async def send(self, content: bytes) -> None:
        """Raises ConnectionError when the server has closed the connection."""
        self._writer.write(content)
        await self._writer.drain()
        self.sent += len(content)

    async def pour(self, pieces: Iterator[bytes]) -> None:
        """Send one piece after the other, until there is no more or the server has answered."""
        with suppress(ConnectionError):
            for piece in pieces:
                if self._heard.done():
                    return
                await self.send(piece)

    async def outcome(self) -> Outcome:
        """Status and code of the answer."""
        async with asyncio.timeout(PATIENCE):
            head = await self._heard
            body = json.loads(await self._reader.readexactly(_length(head)))
        if "errors" in body:
            return Outcome(int(head.split()[1]), body["errors"][0]["extensions"]["code"])
        errors = body["data"]["uploadImage"]["userErrors"]
        return Outcome(int(head.split()[1]), errors[0]["code"] if errors else "")

    async def farewell(self) -> tuple[int | None, bytes]:
        """The status of the answer, where there is one, and what comes behind it until the server closes."""
        try:
            async with asyncio.timeout(PATIENCE):
                head = await self._heard
                await self._reader.readexactly(_length(head))
                return int(head.split()[1]), await self._reader.read()
        except (ConnectionError, asyncio.IncompleteReadError):
            return None, b""

    def reset(self) -> None:
        """Be gone at once, without a word of farewell."""
        self._writer.transport.abort()

    async def close(self) -> None:
        self._heard.cancel()
        with suppress(asyncio.CancelledError, asyncio.IncompleteReadError, ConnectionError):
            await self._heard
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()


def _length(head: bytes) -> int:
    fields = head.decode().lower().split("\r\n")
    (length,) = (field.partition(":")[2] for field in fields if field.startswith("content-length:"))
    return int(length)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    address = urlsplit(url)
    connection = Connection(*await asyncio.open_connection(address.hostname, address.port))
    try:
        yield connection
    finally:
        await connection.close()


def head(url: str, length: str) -> bytes:
    """The head of an upload; `length` is the field that says how long its body is."""
    fields = (
        "POST /graphql HTTP/1.1",
        f"Host: {urlsplit(url).netloc}",
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
        "GraphQL-Require-Preflight: 1",
        length,
    )
    return "\r\n".join((*fields, "", "")).encode()


def beginning(content: bytes, **wanted: object) -> bytes:
    """The body of an upload up to the first bytes of its file, which goes on."""
    return form(*upload_parts(content, "endless.jpg", wanted)).removesuffix(END)


def body(content: bytes, zeros: int, **wanted: object) -> Iterator[bytes]:
    """The body of an upload whose file is continued by this many zeros, in pieces."""
    yield beginning(content, **wanted)
    yield from repeat(PIECE, zeros // len(PIECE))
    yield END


def size(content: bytes, zeros: int, **wanted: object) -> int:
    """The bytes of such a body."""
    return len(beginning(content, **wanted)) + zeros // len(PIECE) * len(PIECE) + len(END)


def chunked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """As chunks (RFC 9112 §7.1), without the last one."""
    for piece in pieces:
        yield b"%x\r\n%s\r\n" % (len(piece), piece)
