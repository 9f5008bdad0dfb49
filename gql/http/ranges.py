"""The part of a file that a Range header asks for (RFC 9110, sections 14.1 and 14.2)."""

import re
from dataclasses import dataclass
from typing import Final

# Twenty digits say more than any size; longer ones are left to those who mean harm.
_ONE_RANGE: Final = re.compile(r"bytes=[ \t]*(\d{0,20})-(\d{0,20})[ \t]*", re.ASCII | re.IGNORECASE)


class Unsatisfiable(Exception):
    """A range that begins behind the last byte, or asks for the last 0 bytes."""


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes from `start` up to, and not including, `stop`."""

    start: int
    stop: int

    @property
    def size(self) -> int:
        return self.stop - self.start

    def content_range(self, size: int) -> str:
        return f"bytes {self.start}-{self.stop - 1}/{size}"


def requested_span(header: str | None, size: int) -> Span | None:
    """The one range of a file of `size` bytes that is asked for; None where the whole is to be sent.

    A server may ignore what it does not understand, and so do we with other units, malformed
    ranges and several ranges at once: no viewer of pictures needs them, and many small or
    overlapping ones are a known way to wear a server out (section 17.15). Raises Unsatisfiable.
    """
    match = _ONE_RANGE.fullmatch(header or "")
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        return _last(int(match[2]), size)
    start = int(match[1])
    if match[2] and int(match[2]) < start:
        return None
    if start >= size:
        raise Unsatisfiable
    return Span(start, min(int(match[2]) + 1, size) if match[2] else size)


def _last(count: int, size: int) -> Span | None:
    if not count:
        raise Unsatisfiable
    return Span(max(size - count, 0), size) if size else None
