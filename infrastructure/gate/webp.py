"""WebP: RFC 9649, section 2 (the RIFF container), with the sizes that VP8 and VP8L themselves give."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from domain.errors import DamagedFile, UnsupportedType
from domain.header import ImageHeader, MediaType
from infrastructure.gate import exif
from infrastructure.gate.limits import Tally
from infrastructure.gate.reader import Reader

PICTURES: Final = {b"VP8 ", b"VP8L"}
ANIMATED: Final = 0x02
"""The flag in VP8X that a decoder goes by."""

VP8_START: Final = b"\x9d\x01\x2a"
VP8L_SIGNATURE: Final = 0x2F
FRAME_HEADER: Final = 16
"""Bytes of ANMF before the chunks of the frame."""


class Chunk(NamedTuple):
    """Four letters, and the position and number of the bytes that belong to them."""

    kind: bytes
    at: int
    size: int


class Size(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width:,} x {self.height:,}"


class Portrait:
    """What the chunks have said so far."""

    def __init__(self, reader: Reader, tally: Tally, first: Chunk) -> None:
        self.reader, self.tally = reader, tally
        self.extended = first.kind == b"VP8X"
        self.canvas = canvas_of(reader, first) if self.extended else picture_size(reader, first)
        self.tally.size(*self.canvas)
        self.animated = self.extended and bool(reader.byte(first.at) & ANIMATED)
        self.frames = self.pictures = 0
        self.orientation: int | None = None

    def add(self, chunk: Chunk) -> None:
        if chunk.kind in PICTURES:
            self.add_picture(chunk)
        elif chunk.kind == b"ANMF":
            self.add_frame(chunk)
        elif chunk.kind == b"VP8X":
            self.add_canvas(chunk)
        elif chunk.kind != b"ALPH":
            self.add_metadata(chunk)

    def add_canvas(self, chunk: Chunk) -> None:
        self.tally.size(*canvas_of(self.reader, chunk))
        raise DamagedFile(
            "The WebP has two headers, or its header comes late; it must begin with the only one."
        )

    def add_picture(self, chunk: Chunk) -> None:
        self.pictures += 1
        check_same(self.tally, picture_size(self.reader, chunk), self.canvas)
        if self.pictures > 1 or self.animated:
            raise DamagedFile("The WebP has a second picture beside its first, or beside its frames.")

    def add_frame(self, chunk: Chunk) -> None:
        if not self.animated:
            raise DamagedFile("The WebP has frames of an animation and does not say that it is one.")
        self.tally.frame(*self.canvas)
        self.frames += 1
        left, top, size = frame_place(self.reader, chunk)
        self.tally.size(*size)
        if left + size.width > self.canvas.width or top + size.height > self.canvas.height:
            raise DamagedFile(
                f"Frame {self.frames:,} of the WebP lies outside its canvas of {self.canvas} pixels."
            )
        self.check_frame(chunk, size)

    def check_frame(self, frame: Chunk, size: Size) -> None:
        inside = self.reader.until(frame.at + frame.size)
        pictures = [c for c in chunks(inside, self.tally, frame.at + FRAME_HEADER) if c.kind in PICTURES]
        if len(pictures) != 1:
            raise DamagedFile(
                f"Frame {self.frames:,} of the WebP has {len(pictures):,} pictures; it must have one."
            )
        check_same(self.tally, picture_size(inside, pictures[0]), size)

    def add_metadata(self, chunk: Chunk) -> None:
        self.tally.metadata(chunk.size)
        if chunk.kind == b"EXIF" and self.orientation is None:
            self.orientation = exif.orientation(self.reader.take(chunk.at, chunk.size))

    def header(self) -> ImageHeader:
        if not (self.frames or self.pictures):
            raise DamagedFile("The WebP has no picture in it.")
        if not self.frames:
            self.tally.frame(*self.canvas)
        return ImageHeader(MediaType.WEBP, *self.canvas, self.frames or 1, self.orientation or exif.UPRIGHT)


def inspect(reader: Reader, tally: Tally) -> ImageHeader:
    # The RIFF size counts from here; what lies beyond it is nobody's business (section 2.3).
    inside = reader.until(8 + reader.le32(4))
    found = chunks(inside, tally, 12)
    first = next(found, None)
    if first is None or first.kind not in {b"VP8X", *PICTURES}:
        raise DamagedFile("The WebP does not begin with a picture or a header.")
    portrait = Portrait(inside, tally, first)
    portrait.pictures = 0 if portrait.extended else 1
    for chunk in found:
        portrait.add(chunk)
    return portrait.header()


def chunks(reader: Reader, tally: Tally, at: int) -> Iterator[Chunk]:
    """Every chunk from here to the end of the window; odd ones are followed by a byte of padding."""
    while at < reader.end:
        tally.part()
        kind, size = reader.take(at, 4), reader.le32(at + 4)
        reader.require(at + 8, size)
        yield Chunk(kind, at + 8, size)
        at += 8 + size + size % 2


def canvas_of(reader: Reader, chunk: Chunk) -> Size:
    """The extended header: section 2.7."""
    if chunk.size != 10:
        raise DamagedFile("The header of the WebP has the wrong length.")
    return Size(1 + reader.le24(chunk.at + 4), 1 + reader.le24(chunk.at + 7))


def frame_place(reader: Reader, chunk: Chunk) -> tuple[int, int, Size]:
    """Left, top and size of a frame in pixels: section 2.7.1.1, ANMF."""
    if chunk.size < FRAME_HEADER:
        raise DamagedFile("A frame of the WebP is shorter than its header.")
    left, top, width, height = (reader.le24(chunk.at + n) for n in (0, 3, 6, 9))
    return 2 * left, 2 * top, Size(1 + width, 1 + height)


def picture_size(reader: Reader, chunk: Chunk) -> Size:
    inside = reader.until(chunk.at + chunk.size)
    return lossy_size(inside, chunk.at) if chunk.kind == b"VP8 " else lossless_size(inside, chunk.at)


def lossy_size(reader: Reader, at: int) -> Size:
    """The frame tag and header of VP8: RFC 6386, section 9.1."""
    tag = reader.le24(at)
    if tag & 1 or reader.take(at + 3, 3) != VP8_START:
        raise DamagedFile("The picture data of the WebP does not begin with a key frame.")
    reader.require(at + 10, tag >> 5)
    return Size(reader.le16(at + 6) & 0x3FFF, reader.le16(at + 8) & 0x3FFF)


def lossless_size(reader: Reader, at: int) -> Size:
    """The header of VP8L: RFC 9649, section 3.4."""
    if reader.byte(at) != VP8L_SIGNATURE:
        raise DamagedFile("The picture data of the WebP does not begin with its signature.")
    bits = reader.le32(at + 1)
    if bits >> 29:
        raise UnsupportedType("The WebP is of a later version of the format. Save it as an ordinary WebP.")
    return Size(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))


def check_same(tally: Tally, found: Size, expected: Size) -> None:
    tally.size(*found)
    if found != expected:
        raise DamagedFile(
            f"The WebP says that a picture is {expected} pixels; the picture itself is {found}."
        )
