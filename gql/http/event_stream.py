"""GraphQL over Server-Sent Events, in the protocol's "distinct connections mode".

Every result is an event `next`, whose id is the cursor that goes on from behind it; the last event is
`complete`. A stream that breaks off without it, as it does when the server stops, is resumed by a
request with the last id in `Last-Event-ID`, which browsers send by themselves.

See PROTOCOL.md of enisdenjo/graphql-sse, and HTML, "Server-sent events".
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from typing import Final

from starlette.types import Receive, Send

from domain.errors import ShuttingDown
from gql.errors import request_error
from gql.http.answer import encode
from gql.http.departure import departure
from gql.http.payloads import Payload

MEDIA_TYPE: Final = "text/event-stream"
_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"vary", b"accept"),
]
_COMMENT: Final = b":\n\n"
_COMPLETE: Final = b"event: complete\ndata:\n\n"
_CLOSE_SECONDS: Final = 1.0

Results = AsyncGenerator[Sequence[Payload], None]


class EventStreams:
    """Any number of responses that are streams of events."""

    def __init__(self, keep_alive_seconds: float) -> None:
        self._keep_alive_seconds = keep_alive_seconds
        self._open: set[asyncio.Task[None]] = set()
        self._closing = False

    async def serve(self, results: Results, receive: Receive, send: Send) -> None:
        """Returns when all results are sent, when the client has gone, or when the server stops.

        Raises ShuttingDown before anything is sent. A client that takes nothing any more is given up
        by the operating system; until then no result is made for it.
        """
        if self._closing:
            await results.aclose()
            raise ShuttingDown("The server is shutting down. Ask again in a moment.")
        stream = _Stream(send)
        await stream.begin()
        listening = asyncio.create_task(departure(receive))
        others = (
            asyncio.create_task(stream.tell(results)),
            asyncio.create_task(stream.keep_alive(self._keep_alive_seconds)),
        )
        self._open.add(listening)
        try:
            await asyncio.wait((listening, *others), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._open.discard(listening)
            for task in (listening, *others):
                task.cancel()
            await asyncio.gather(listening, *others, return_exceptions=True)
        await stream.end()

    def close(self) -> None:
        """End every stream so that its client comes back for more, and begin no other."""
        self._closing = True
        for listening in self._open:
            listening.cancel()


class _Stream:
    """One response."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._sending = asyncio.Lock()
        self._silent = True

    async def begin(self) -> None:
        await self._send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await self._write(_COMMENT)  # so that whatever is in between passes the headers on

    async def tell(self, results: Results) -> None:
        """Also what is wrong with the request is told by the stream: browsers tell nothing else."""
        try:
            async with aclosing(results):
                async for payloads in results:
                    await self._write(b"".join(map(_event, payloads)))
        except Exception as error:
            await self._write(_event(Payload(encode({"errors": request_error(error).errors}), None)))
        await self._write(_COMPLETE)

    async def keep_alive(self, seconds: float) -> None:
        """A comment whenever nothing was sent for so long, or proxies would take the stream for dead."""
        while True:
            self._silent = True
            await asyncio.sleep(seconds)
            if self._silent:
                await self._write(_COMMENT)

    async def end(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._send({"type": "http.response.body", "body": b""})

    async def _write(self, content: bytes) -> None:
        """Returns when the connection has taken it."""
        async with self._sending:
            self._silent = False
            await self._send({"type": "http.response.body", "body": content, "more_body": True})


def _event(payload: Payload) -> bytes:
    named = b"" if payload.cursor is None else b"id: %s\n" % payload.cursor.encode()
    return b"%sevent: next\ndata: %s\n\n" % (named, payload.json)
