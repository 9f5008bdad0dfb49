"""PNG: Portable Network Graphics (Third Edition), section 5 (chunks) and 11 (APNG among them)."""

import zlib
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from domain.errors import DamagedFile
from domain.header import ImageHeader, MediaType
from infrastructure.gate import exif, inflation
from infrastructure.gate.limits import Tally
from infrastructure.gate.reader import Reader

CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
DEPTHS: Final = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
"""Bits per sample that a colour type may have: table 11.1."""

SIZES: Final = {b"IHDR": 13, b"acTL": 8, b"fcTL": 26, b"IEND": 0}
"""Bytes of the chunks that decoders read without looking at their length again."""

DEFLATE_RATIO: Final = 1032
"""Bytes that one byte of deflate can stand for at most: a match of 258 in two bits (RFC 1951, 3.2.5)."""


class Chunk(NamedTuple):
    """Four letters, and the position and number of the bytes that belong to them."""

    kind: bytes
    at: int
    size: int

    @property
    def critical(self) -> bool:
        return self.kind[0] & 0x20 == 0


class Canvas(NamedTuple):
    """Width and height in pixels, bits per sample, and colour type."""

    width: int
    height: int
    depth: int
    color: int

    @property
    def raw_bytes(self) -> int:
        """Bytes of all rows with their filter types, before compression; interlacing only adds to them."""
        return self.height * (1 + (self.width * CHANNELS[self.color] * self.depth + 7) // 8)


class Portrait:
    """What the chunks have said so far."""

    def __init__(self, reader: Reader, tally: Tally, canvas: Canvas) -> None:
        self.reader, self.tally, self.canvas = reader, tally, canvas
        self.previous = b""
        self.frames = 0
        self.announced: int | None = None
        self.sequence = 0
        self.data_bytes = 0
        self.palette = False
        self.orientation: int | None = None
        self.inflation = inflation.Inflation(tally.limits)

    def add(self, chunk: Chunk) -> None:
        if handler := HANDLERS.get(chunk.kind):
            handler(self, chunk)
        elif chunk.critical:
            raise DamagedFile(
                f"The PNG needs an unknown extension ({chunk.kind.decode('ascii')}) to be read."
            )
        else:
            self.tally.metadata(chunk.size)
            self.inflation.add(self.reader, chunk.kind, chunk.at, chunk.size)
        self.previous = chunk.kind

    def add_header(self, chunk: Chunk) -> None:
        canvas_of(self.reader, self.tally, chunk)
        raise DamagedFile("The PNG has two headers that may disagree on its size; it must have one.")

    def add_palette(self, chunk: Chunk) -> None:
        if self.palette or self.data_bytes or chunk.size % 3 or not 3 <= chunk.size <= 768:
            raise DamagedFile("The palette of the PNG is misplaced or has an impossible size.")
        self.palette = True

    def add_data(self, chunk: Chunk) -> None:
        if self.data_bytes and self.previous != b"IDAT":
            raise DamagedFile("The picture data of the PNG is interrupted by something else.")
        self.data_bytes += chunk.size

    def add_animation(self, chunk: Chunk) -> None:
        if self.announced is not None or self.data_bytes or self.frames:
            raise DamagedFile("The PNG announces its animation twice, or too late.")
        self.announced = self.reader.be32(chunk.at)
        if not self.announced:
            raise DamagedFile("The PNG announces an animation without frames.")

    def add_frame(self, chunk: Chunk) -> None:
        self.count(chunk)
        width, height, left, top = (self.reader.be32(chunk.at + n) for n in (4, 8, 12, 16))
        self.tally.frame(self.canvas.width, self.canvas.height)
        self.tally.size(width, height)
        if left + width > self.canvas.width or top + height > self.canvas.height:
            raise DamagedFile(f"Frame {self.frames + 1:,} of the PNG lies outside its canvas.")
        self.frames += 1

    def add_frame_data(self, chunk: Chunk) -> None:
        if not self.frames or chunk.size < 4:
            raise DamagedFile("The PNG has data of a frame that it has not announced.")
        self.count(chunk)

    def count(self, chunk: Chunk) -> None:
        """Frames and their data are numbered without a gap."""
        if self.reader.be32(chunk.at) != self.sequence:
            raise DamagedFile("The frames of the PNG are out of order.")
        self.sequence += 1

    def add_exif(self, chunk: Chunk) -> None:
        self.tally.metadata(chunk.size)
        if self.orientation is None:
            self.orientation = exif.orientation(self.reader.take(chunk.at, chunk.size))

    def add_end(self, _chunk: Chunk) -> None:
        if self.data_bytes * DEFLATE_RATIO < self.canvas.raw_bytes:
            raise DamagedFile(
                f"The PNG has {self.data_bytes:,} bytes of picture data: too few for "
                f"{self.canvas.width:,} x {self.canvas.height:,} pixels."
            )
        if self.canvas.color == 3 and not self.palette:
            raise DamagedFile("The PNG uses a palette and has none.")
        if (self.announced or 0) != self.frames:
            raise DamagedFile(f"The PNG announces {self.announced or 0:,} frames and has {self.frames:,}.")

    def header(self) -> ImageHeader:
        if not self.frames:
            self.tally.frame(self.canvas.width, self.canvas.height)
        return ImageHeader(
            MediaType.PNG,
            self.canvas.width,
            self.canvas.height,
            self.frames or 1,
            self.orientation or exif.UPRIGHT,
        )


HANDLERS: Final[dict[bytes, Callable[[Portrait, Chunk], None]]] = {
    b"IHDR": Portrait.add_header,
    b"PLTE": Portrait.add_palette,
    b"IDAT": Portrait.add_data,
    b"IEND": Portrait.add_end,
    b"acTL": Portrait.add_animation,
    b"fcTL": Portrait.add_frame,
    b"fdAT": Portrait.add_frame_data,
    b"eXIf": Portrait.add_exif,
}


def inspect(reader: Reader, tally: Tally) -> ImageHeader:
    found = chunks(reader, tally)
    portrait = Portrait(reader, tally, canvas_of(reader, tally, next(found)))
    for chunk in found:
        portrait.add(chunk)
    return portrait.header()


def chunks(reader: Reader, tally: Tally) -> Iterator[Chunk]:
    """Every chunk up to the end of the image; only their lengths are believed, and only in the file."""
    at, kind = 8, b""
    while kind != b"IEND":
        tally.part()
        size, kind = reader.be32(at), reader.take(at + 4, 4)
        check_chunk(kind, size)
        reader.require(at + 8, size + 4)
        yield Chunk(kind, at + 8, size)
        at += size + 12


def check_chunk(kind: bytes, size: int) -> None:
    if not (kind.isalpha() and kind.isascii()):
        raise DamagedFile("The PNG has bytes where the name of the next part should be.")
    if SIZES.get(kind, size) != size:
        raise DamagedFile(f"The part {kind.decode('ascii')} of the PNG has an impossible size.")


def canvas_of(reader: Reader, tally: Tally, chunk: Chunk) -> Canvas:
    """The image header: section 11.2.1. Its checksum is the only one that is worth the time here."""
    if chunk.kind != b"IHDR":
        raise DamagedFile("The PNG does not begin with its header.")
    if zlib.crc32(reader.take(chunk.at - 4, chunk.size + 4)) != reader.be32(chunk.at + chunk.size):
        raise DamagedFile("The header of the PNG does not match its checksum.")
    depth, color, compression, filtering, interlace = reader.take(chunk.at + 8, 5)
    if depth not in DEPTHS.get(color, ()):
        raise DamagedFile(f"PNG has no colour type {color} with {depth} bits per sample.")
    if compression or filtering or interlace > 1:
        raise DamagedFile("The PNG is compressed, filtered or interlaced in a way that PNG does not have.")
    canvas = Canvas(reader.be32(chunk.at), reader.be32(chunk.at + 4), depth, color)
    tally.size(canvas.width, canvas.height)
    return canvas
