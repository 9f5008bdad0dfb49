"""Numbers and bytes at a position, and never one beyond the end."""

import mmap
import struct
from typing import Final

from domain.errors import DamagedFile

Bytes = bytes | memoryview | mmap.mmap
"""What the gate reads: bytes, a flat view of bytes, or a map of a file."""

CUT_SHORT: Final = (
    "The file ends in the middle of the image; it was cut short. Send it again from the original."
)

BE16: Final = struct.Struct(">H")
BE32: Final = struct.Struct(">I")
BE64: Final = struct.Struct(">Q")
LE16: Final = struct.Struct("<H")
LE32: Final = struct.Struct("<I")


class Reader:
    """A window on a buffer; positions count from the start of the buffer, not of the window."""

    __slots__ = ("data", "end")

    def __init__(self, data: Bytes, end: int | None = None) -> None:
        self.data = data
        self.end = len(data) if end is None else end

    def until(self, end: int) -> "Reader":
        """The same buffer, ending sooner; an end beyond this one's means that the file was cut."""
        self.require(0, end)
        return Reader(self.data, end)

    def require(self, at: int, count: int) -> None:
        """Refuse unless `count` bytes are there at position `at`."""
        if at < 0 or at + count > self.end:
            raise DamagedFile(CUT_SHORT)

    def peek(self, at: int, count: int) -> bytes:
        """At most `count` bytes, fewer at the end."""
        return bytes(self.data[at : min(at + count, self.end)])

    def take(self, at: int, count: int) -> bytes:
        """A copy of `count` bytes, which should be few, or have been counted by a Tally."""
        self.require(at, count)
        return bytes(self.data[at : at + count])

    def byte(self, at: int) -> int:
        self.require(at, 1)
        return self.data[at]

    def be16(self, at: int) -> int:
        return self._number(BE16, at)

    def be32(self, at: int) -> int:
        return self._number(BE32, at)

    def be64(self, at: int) -> int:
        return self._number(BE64, at)

    def le16(self, at: int) -> int:
        return self._number(LE16, at)

    def le24(self, at: int) -> int:
        return self.le16(at) | self.byte(at + 2) << 16

    def le32(self, at: int) -> int:
        return self._number(LE32, at)

    def _number(self, form: struct.Struct, at: int) -> int:
        self.require(at, form.size)
        number: int = form.unpack_from(self.data, at)[0]
        return number
