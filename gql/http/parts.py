"""The parts of a multipart body, one after the other, while it arrives."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, TypeAlias

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from gql.errors import RequestError
from gql.http.body import Body
from gql.http.part_names import PartNames

_BOUNDARY: Final = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")
_MAX_HEADERS: Final = 8
_MAX_HEADER_BYTES: Final = 8 * 1024
_MAX_SILENCE: Final = 64 * 1024
"""Bytes between parts, which mean nothing."""


class _Mark(Enum):
    PART_END = auto()
    FORM_END = auto()


@dataclass(frozen=True, slots=True)
class Part:
    """The headers of a part; its content has still to be read."""

    name: str
    filename: str | None
    media_type: str


_Event: TypeAlias = Part | memoryview | _Mark


class Parts:
    """A form as it arrives. Each part must be read to its end before the next one.

    All methods raise RequestError on a malformed form, and whatever the body raises.
    """

    def __init__(self, body: Body, boundary: str, max_parts: int) -> None:
        self._body = body
        self._events: deque[_Event] = deque()
        self._parser = _parser(boundary, self._events)
        self._left = max_parts

    async def next(self) -> Part | None:
        """The next part, or None at the end of the form."""
        event = await self._event()
        if isinstance(event, Part):
            self._left -= 1
            if self._left < 0:
                raise RequestError.because(
                    "MULTIPART_TOO_MANY_PARTS", "The form has too many parts.", status=413
                )
            return event
        await self._end()
        return None

    async def piece(self) -> memoryview | None:
        """More of the content of the current part, as it arrives, or None at its end."""
        event = await self._event()
        return event if isinstance(event, memoryview) else None

    async def field(self, limit: int) -> bytes:
        """The content of the current part, if it has no more than `limit` bytes."""
        content = bytearray()
        while (piece := await self.piece()) is not None:
            content += piece
            if len(content) > limit:
                message = f"The fields 'operations' and 'map' may have {limit} bytes."
                raise RequestError.because("BODY_TOO_LARGE", message, status=413)
        return bytes(content)

    async def _event(self) -> _Event:
        silence = 0
        while not self._events:
            chunk = await self._body.next()
            silence += len(chunk)
            if not chunk:
                raise malformed("it ends in the middle")
            if silence > _MAX_SILENCE + len(chunk):
                raise malformed("there is too much between its parts")
            self._feed(chunk)
        return self._events.popleft()

    def _feed(self, chunk: bytes) -> None:
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise malformed(str(error)) from None

    async def _end(self) -> None:
        """Wait for the end of the body, so that the connection can be used again."""
        trailing = 0
        while chunk := await self._body.next():
            trailing += len(chunk)
            if trailing > _MAX_SILENCE:
                raise malformed("there is too much after its end")


def malformed(reason: str) -> RequestError:
    return RequestError.because("MULTIPART_MALFORMED", f"The form is malformed: {reason}.")


def _parser(boundary: str, events: deque[_Event]) -> MultipartParser:
    if not _BOUNDARY.fullmatch(boundary):
        raise malformed("its Content-Type has no boundary of 1 to 70 characters (RFC 2046 §5.1.1)")
    headers = _Headers(events)
    return MultipartParser(
        boundary,
        {
            "on_header_field": headers.add_name,
            "on_header_value": headers.add_value,
            "on_header_end": headers.end_header,
            "on_headers_finished": headers.end,
            "on_part_data": lambda data, start, end: events.append(memoryview(data)[start:end]),
            "on_part_end": lambda: events.append(_Mark.PART_END),
            "on_end": lambda: events.append(_Mark.FORM_END),
        },
        max_header_count=_MAX_HEADERS,
        max_header_size=_MAX_HEADER_BYTES,
    )


class _Headers:
    """Gathers the headers of one part after the other."""

    def __init__(self, events: deque[_Event]) -> None:
        self._events = events
        self._found: dict[bytes, bytes] = {}
        self._name = b""
        self._value = b""

    def add_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def end_header(self) -> None:
        self._found.setdefault(self._name.lower(), self._value)
        self._name = self._value = b""

    def end(self) -> None:
        names = PartNames.parse(self._found.get(b"content-disposition", b""))
        if names.field is None:
            raise malformed("a part has no name")
        media_type = self._found.get(b"content-type", b"").decode(errors="replace").strip()
        self._events.append(Part(names.field, names.file, media_type))
        self._found = {}
