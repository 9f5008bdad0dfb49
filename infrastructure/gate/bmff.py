"""Boxes of the ISO base media file format: ISO/IEC 14496-12, section 4.2."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from domain.errors import DamagedFile
from infrastructure.gate.limits import Tally
from infrastructure.gate.reader import Reader

LARGE, TO_THE_END = 1, 0
"""Sizes that are none: eight more bytes have it; the box is the last one."""

FILLING: Final = {b"free", b"skip", b"uuid"}


class Box(NamedTuple):
    """Four letters, and where the bytes that belong to them begin and end."""

    kind: bytes
    at: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.at


class Cursor:
    """A position that moves on with each number read; big-endian, as everything here."""

    def __init__(self, reader: Reader, at: int) -> None:
        self.reader, self.at = reader, at

    def number(self, size: int) -> int:
        """The next number of `size` bytes; none at all is zero."""
        self.at += size
        return int.from_bytes(self.reader.take(self.at - size, size), "big")


def boxes(reader: Reader, tally: Tally, at: int, *, top: bool = False) -> Iterator[Box]:
    """Every box from here to the end of the window; only at the top may one leave its size open."""
    while at < reader.end:
        tally.part()
        box = box_at(reader, at, top=top)
        yield box
        at = box.end


def box_at(reader: Reader, at: int, *, top: bool) -> Box:
    size, kind, start = reader.be32(at), reader.take(at + 4, 4), at + 8
    if size == LARGE:
        size, start = reader.be64(at + 8), at + 16
    elif size == TO_THE_END and top:
        size = reader.end - at
    if size < start - at:
        raise DamagedFile("A box of the file is shorter than its own header.")
    reader.require(at, size)
    return Box(kind, start, at + size)


def children(reader: Reader, tally: Tally, at: int, end: int) -> dict[bytes, Box]:
    """The boxes of a container that has at most one of each kind."""
    found: dict[bytes, Box] = {}
    for box in boxes(reader.until(end), tally, at):
        if box.kind in found and box.kind not in FILLING:
            raise DamagedFile(f"The file has two boxes {name(box.kind)} where there may be one.")
        found[box.kind] = box
    return found


def required(found: dict[bytes, Box], kind: bytes) -> Box:
    if kind not in found:
        raise DamagedFile(f"The file lacks its box {name(kind)}, without which nothing can be read.")
    return found[kind]


def name(kind: bytes) -> str:
    return kind.decode("ascii", "backslashreplace")
