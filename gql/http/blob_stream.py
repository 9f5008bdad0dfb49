"""Bytes that are too many to be in memory at once, sent as fast as the client takes them."""

from collections.abc import Mapping
from typing import BinaryIO, Final

from anyio import CancelScope, CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

PIECE: Final = 512 * 1024
"""Bytes in memory at a time; so many that the hop to a thread for each is small change."""


class CutShort(Exception):
    """A file ended before all that was announced had been sent. The server then breaks the connection off."""


class BlobStream:
    """An ASGI response: `size` bytes of a file from where it stands, which is closed at the end."""

    def __init__(
        self, file: BinaryIO, size: int, status: int, headers: Mapping[str, str], limiter: CapacityLimiter
    ) -> None:
        self._file = file
        self._size = size
        self._start = {
            "type": "http.response.start",
            "status": status,
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }
        self._limiter = limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await send(self._start)
            await self._send_pieces(Request(scope, receive), send)
        finally:
            with CancelScope(shield=True):
                await to_thread.run_sync(self._file.close, limiter=self._limiter)

    async def _send_pieces(self, request: Request, send: Send) -> None:
        """A server takes what is sent to a client that has gone, so it has to be asked (ASGI, 2.3)."""
        left = self._size
        while left and not await request.is_disconnected():
            piece = await to_thread.run_sync(self._file.read, min(PIECE, left), limiter=self._limiter)
            if not piece:
                raise CutShort(f"{left} bytes are missing at the end")
            left -= len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": left > 0})
