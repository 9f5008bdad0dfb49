"""An HTTP client that costs little, so that what shares the machine with a server is mostly the server."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_BOUNDARY = "the-boundary-of-the-parts"


class Connection:
    """One after the other, over one TCP connection as long as the server keeps it open."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post_form(self, path: str, fields: dict[str, str], file: tuple[str, bytes]) -> bytes:
        """The body of the answer to a multipart form. Raises RuntimeError for any status but 200."""
        before, after = _form(fields, file[0])
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nGraphQL-Require-Preflight: 1\r\n"
            f"Content-Type: multipart/form-data; boundary={_BOUNDARY}\r\n"
            f"Content-Length: {len(before) + len(file[1]) + len(after)}\r\n\r\n"
        )
        return await self._exchange((head.encode(), before, file[1], after))

    async def _exchange(self, request: Sequence[bytes]) -> bytes:
        if self._streams is None or self._streams[0].at_eof():
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.writelines(request)
        await writer.drain()
        answer = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(answer)
        body = await (reader.readexactly(int(length[1])) if length else reader.read())
        if answer.startswith(b"HTTP/1.0") or b"connection: close" in answer.lower():
            self.close()
        if b" 200 " not in answer[:16]:
            raise RuntimeError(answer + body)
        return body

    async def post_json(self, path: str, body: bytes) -> bytes:
        """The body of the answer to JSON. Raises RuntimeError for any status but 200."""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return await self._exchange((head.encode(), body))

    async def get(self, path: str) -> bytes:
        """The body of the answer. Raises RuntimeError for any status but 200."""
        return await self._exchange(
            (f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n\r\n".encode(),)
        )

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


def _form(fields: dict[str, str], name: str) -> tuple[bytes, bytes]:
    """What comes before and after the bytes of the one file."""
    parts = [
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in fields.items()
    ]
    parts.append(
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="photo.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    )
    return "".join(parts).encode(), f"\r\n--{_BOUNDARY}--\r\n".encode()
