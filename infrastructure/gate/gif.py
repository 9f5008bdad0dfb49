"""GIF: Graphics Interchange Format, version 89a, sections 17 to 27; blocks of length-prefixed pieces."""

from typing import Final

from domain.errors import DamagedFile
from domain.header import ImageHeader, MediaType
from infrastructure.gate.limits import Tally
from infrastructure.gate.lzw import Resets
from infrastructure.gate.reader import Reader

EXTENSION, IMAGE, TRAILER = 0x21, 0x2C, 0x3B
GRAPHIC_CONTROL, PLAIN_TEXT, COMMENT, APPLICATION = 0xF9, 0x01, 0xFE, 0xFF

TABLE: Final = 0x80
"""The flag that says that a colour table follows."""

SMALL: Final = 128
"""Bytes under which a piece counts as a part: encoders fill their pieces to 254 or 255."""


class Portrait:
    """What the blocks have said so far, and where the next one is."""

    def __init__(self, reader: Reader, tally: Tally) -> None:
        self.reader, self.tally = reader, tally
        self.width, self.height = reader.le16(6), reader.le16(8)
        self.frames = 0
        self.resets = Resets(tally)
        flags = reader.byte(10)
        self.at = 13 + table_bytes(flags)
        if flags & TABLE and reader.byte(11) >= table_bytes(flags) // 3:
            raise DamagedFile("The background colour of the GIF is not in its colour table.")

    def read(self) -> None:
        self.tally.size(self.width, self.height)
        while (kind := self.reader.byte(self.at)) != TRAILER:
            self.tally.part()
            if kind == IMAGE:
                self.read_image()
            elif kind == EXTENSION:
                self.read_extension()
            else:
                raise DamagedFile("The GIF has stray bytes where the next part should begin.")

    def read_image(self) -> None:
        left, top, width, height = (self.reader.le16(self.at + n) for n in (1, 3, 5, 7))
        # A decoder that lets a frame enlarge the screen allocates the larger of the two.
        self.tally.size(max(self.width, left + width), max(self.height, top + height))
        self.tally.size(width, height)
        self.tally.frame(self.width, self.height)
        self.frames += 1
        if left + width > self.width or top + height > self.height:
            raise DamagedFile(
                f"Frame {self.frames:,} of the GIF lies outside its screen of "
                f"{self.width:,} x {self.height:,} pixels."
            )
        self.read_codes(self.at + 10 + table_bytes(self.reader.byte(self.at + 9)))

    def read_codes(self, at: int) -> None:
        smallest = self.reader.byte(at)
        if not 2 <= smallest <= 8:
            raise DamagedFile(f"Frame {self.frames:,} of the GIF has codes of a size that GIF does not have.")
        pieces, self.at = self.pieces(at + 1)
        self.resets.add(b"".join(pieces), smallest)

    def read_extension(self) -> None:
        start = self.at + 2
        if self.reader.byte(self.at + 1) == GRAPHIC_CONTROL and self.reader.byte(start) != 4:
            raise DamagedFile("A graphic control of the GIF has the wrong length.")
        pieces, self.at = self.pieces(start)
        self.tally.metadata(sum(map(len, pieces)))

    def pieces(self, at: int) -> tuple[list[bytes], int]:
        """The pieces from here to the empty one that ends them, and the position after it."""
        found = []
        while size := self.reader.byte(at):
            if size < SMALL:
                self.tally.part()
            found.append(self.reader.take(at + 1, size))
            at += size + 1
        return found, at + 1

    def header(self) -> ImageHeader:
        if not self.frames:
            raise DamagedFile("The GIF has no picture in it.")
        return ImageHeader(MediaType.GIF, self.width, self.height, self.frames)


def inspect(reader: Reader, tally: Tally) -> ImageHeader:
    portrait = Portrait(reader, tally)
    portrait.read()
    return portrait.header()


def table_bytes(flags: int) -> int:
    """Bytes of the colour table that the flags announce: three for each of 2 to 256 colours."""
    return 3 * (2 << (flags & 7)) if flags & TABLE else 0
