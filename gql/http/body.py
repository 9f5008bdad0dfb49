"""The body of a request, as it arrives."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Receive

from gql.errors import RequestError

_FAREWELL_SECONDS: Final = 5.0
_FAREWELL_SILENCE: Final = 1.0


class ClientGone(Exception):
    """Nobody is left to answer."""


class Body:
    """Chunks of a body, in order, each at most once.

    `idle_seconds`: a client that sends nothing for so long is given up.
    """

    def __init__(self, receive: Receive, headers: Headers, idle_seconds: float) -> None:
        self._receive = receive
        self._announced = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
        self._idle_seconds = idle_seconds
        self.complete = False

    @property
    def unread(self) -> bool:
        """Whether the client may still be sending (RFC 9112 §6.3)."""
        return self._announced and not self.complete

    async def next(self) -> bytes:
        """Some bytes, or none at the end. Raises ClientGone, or RequestError on a silent client."""
        if self.complete:
            return b""
        try:
            async with asyncio.timeout(self._idle_seconds):
                return await self._next()
        except TimeoutError:
            message = f"Nothing was received for {self._idle_seconds:g} s."
            raise RequestError.because("REQUEST_TIMEOUT", message, status=408) from None

    async def _next(self) -> bytes:
        while not self.complete:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            self.complete = not message.get("more_body", False)
            if chunk := message.get("body", b""):
                return bytes(chunk)
        return b""

    async def read(self, limit: int) -> bytes:
        """The whole body. Raises as `next`, and RequestError as soon as it passes a limit in bytes."""
        chunk = await self.next()
        if self.complete and len(chunk) <= limit:
            return chunk
        chunks, size = [chunk], len(chunk)
        while chunk and size <= limit:
            chunk = await self.next()
            chunks.append(chunk)
            size += len(chunk)
        if size > limit:
            raise body_too_large(limit)
        return b"".join(chunks)

    async def discard(self) -> None:
        """Take what a refused client still sends, for a few seconds at most.

        A socket closed with bytes unread is reset, and a reset may overtake the answer on its way.
        """
        try:
            async with asyncio.timeout(_FAREWELL_SECONDS):
                while not self.complete:
                    async with asyncio.timeout(_FAREWELL_SILENCE):
                        await self._next()
        except (TimeoutError, ClientGone):
            return


def body_too_large(limit: int) -> RequestError:
    return RequestError.because("BODY_TOO_LARGE", f"The body is larger than {limit} bytes.", status=413)
