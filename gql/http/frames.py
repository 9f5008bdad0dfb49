"""WebSockets as uvicorn makes them, but several messages at a time."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any, Final

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

TEXTS: Final = "darkroom.texts"
"""An extension of ASGI: `websocket.send` with a list of texts in UTF-8, each of which is a message.

One by one they would cost more than all that is done to find out what to say.
"""

_TEXT: Final = 0x81
"""The first byte of a message in one frame of text (RFC 6455 §5.2)."""


class GatheringSocket(WebSocketsSansIOProtocol):
    """Writes the messages that it is given at once at once. Knows no compression."""

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["extensions"][TEXTS] = {}

    async def send(self, message: Any) -> None:  # noqa: ANN401 - uvicorn's types do not know the extension
        texts = message.get(TEXTS)
        if texts is None:
            await super().send(message)
            return
        await self.writable.wait()
        if self.disconnected or self.close_sent or self.transport.is_closing():
            raise ClientDisconnected
        self.transport.write(frames(texts))


def frames(texts: Sequence[bytes]) -> bytes:
    """Each text as a frame that a server sends, which is not masked."""
    return b"".join(part for text in texts for part in (_head(len(text)), text))


def _head(length: int) -> bytes:
    if length < 126:
        return bytes((_TEXT, length))
    if length < 1 << 16:
        return struct.pack("!BBH", _TEXT, 126, length)
    return struct.pack("!BBQ", _TEXT, 127, length)
