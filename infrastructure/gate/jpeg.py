"""JPEG: ITU-T T.81, annex B; markers one after the other, entropy-coded data skipped by a search."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from domain.errors import DamagedFile, ImageTooComplex, UnsupportedType
from domain.header import ImageHeader, MediaType
from infrastructure.gate import exif
from infrastructure.gate.limits import Tally
from infrastructure.gate.reader import CUT_SHORT, Reader

SOF_BASELINE, SOF_EXTENDED, SOF_PROGRESSIVE = 0xC0, 0xC1, 0xC2
DHT, EOI, SOS, DQT, DRI, COM = 0xC4, 0xD9, 0xDA, 0xDB, 0xDD, 0xFE
APP1: Final = 0xE1
APP: Final = range(0xE0, 0xF0)

DECODED: Final = {SOF_BASELINE, SOF_EXTENDED, SOF_PROGRESSIVE}
FOREIGN: Final = {0xC3, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xCB, 0xCC, 0xCD, 0xCE, 0xCF, 0xDE, 0xDF, 0xF7}
"""Lossless, hierarchical, arithmetic and JPEG-LS: the markers that only those processes use."""

ORDINARY: Final = {DHT, DQT, DRI, COM, SOS, *APP, *DECODED}
"""All else is refused; DNL above all, which would tell the height after the picture."""

NEXT_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""In entropy-coded data FF is followed by 00 (stuffing), by RST0 to RST7, by FF (fill), or ends it."""

FILL: Final = re.compile(rb"\xff+")
WINDOW: Final = 256 * 1024
"""Bytes searched by one call, so that other threads get their turn between the calls."""

START: Final = b"\xff\xd8"
EXIF: Final = b"Exif\0\0"


class Segment(NamedTuple):
    """A marker, where its parameters are, and (SOS only) how many bytes of coded data follow."""

    marker: int
    at: int
    size: int
    entropy: int = 0


class Component(NamedTuple):
    """Samples of this component per horizontal and vertical unit (T.81, A.1.1)."""

    across: int
    down: int


class Frame(NamedTuple):
    """Width and height in pixels, and how finely each component samples them."""

    progressive: bool
    width: int
    height: int
    components: tuple[Component, ...]

    @property
    def least_bytes(self) -> int:
        """Bytes that the shortest possible code of all blocks takes: a bit for DC, one for AC.

        A progressive frame may leave out AC, never its first pass over DC.
        """
        return sum(map(self.blocks, self.components)) * (1 if self.progressive else 2) // 8

    def blocks(self, component: Component) -> int:
        most = Component(max(c.across for c in self.components), max(c.down for c in self.components))
        columns = -(-self.width * component.across // (8 * most.across))
        rows = -(-self.height * component.down // (8 * most.down))
        return columns * rows


class Portrait:
    """What the segments have said so far."""

    def __init__(self, reader: Reader, tally: Tally) -> None:
        self.reader, self.tally = reader, tally
        self.frame: Frame | None = None
        self.orientation: int | None = None
        self.scans = self.entropy = 0

    def add(self, segment: Segment) -> None:
        if segment.marker in DECODED:
            self.add_frame(segment)
        elif segment.marker == SOS:
            self.add_scan(segment)
        elif segment.marker in APP or segment.marker == COM:
            self.add_metadata(segment)

    def add_frame(self, segment: Segment) -> None:
        frame = frame_of(self.reader, segment)
        self.tally.size(frame.width, frame.height)
        if self.frame:
            raise DamagedFile(
                "The JPEG has two frame headers that may disagree on its size; it must have one."
            )
        self.frame = frame

    def add_scan(self, segment: Segment) -> None:
        if self.frame is None:
            raise DamagedFile("The JPEG has picture data before it says how large the picture is.")
        if segment.size != 4 + 2 * self.reader.byte(segment.at):
            raise DamagedFile("A scan header of the JPEG has the wrong length.")
        self.scans += 1
        self.entropy += segment.entropy
        if self.scans > self.tally.limits.jpeg_scans:
            raise ImageTooComplex(
                f"The JPEG has more than {self.tally.limits.jpeg_scans:,} scans. "
                "Save it again as an ordinary JPEG."
            )

    def add_metadata(self, segment: Segment) -> None:
        self.tally.metadata(segment.size)
        early = segment.marker == APP1 and not self.scans and self.orientation is None
        if early and self.reader.peek(segment.at, len(EXIF)) == EXIF:
            self.orientation = exif.orientation(self.reader.take(segment.at, segment.size))

    def whole(self) -> Frame:
        """The frame, once it is certain that there is enough data for it."""
        if self.frame is None or not self.scans:
            raise DamagedFile("The JPEG ends before its picture begins; it was cut short.")
        if self.entropy < self.frame.least_bytes:
            raise DamagedFile(
                f"The JPEG has {self.entropy:,} bytes of picture data; {self.frame.width:,} x "
                f"{self.frame.height:,} pixels take at least {self.frame.least_bytes:,}."
            )
        return self.frame


def inspect(reader: Reader, tally: Tally) -> ImageHeader:
    portrait = portrait_of(reader, tally, 0)
    frame = portrait.whole()
    tally.frame(frame.width, frame.height)
    return ImageHeader(
        MediaType.JPEG, frame.width, frame.height, orientation=portrait.orientation or exif.UPRIGHT
    )


def portrait_of(reader: Reader, tally: Tally, at: int) -> Portrait:
    """What the JPEG that begins here says: a file of its own, or a strip or tile of a TIFF."""
    if reader.take(at, 2) != START:
        raise DamagedFile("The JPEG data does not begin like a JPEG.")
    portrait = Portrait(reader, tally)
    for segment in segments(reader, tally, at + 2):
        portrait.add(segment)
    return portrait


def segments(reader: Reader, tally: Tally, at: int) -> Iterator[Segment]:
    """Every segment up to the end of image; what follows that is nobody's business."""
    while (code := marker(reader, at))[0] != EOI:
        kind, start = code
        tally.part()
        check_marker(kind)
        size = segment_size(reader, start)
        at = entropy_end(reader, start + size) if kind == SOS else start + size
        yield Segment(kind, start + 2, size - 2, at - start - size)


def tables(reader: Reader, tally: Tally, at: int) -> Iterator[Segment]:
    """The segments before the first scan. Coded data is not looked at, nor whether a marker may be there."""
    while (code := marker(reader, at))[0] not in {SOS, EOI}:
        kind, start = code
        tally.part()
        size = segment_size(reader, start)
        yield Segment(kind, start + 2, size - 2, 0)
        at = start + size


def marker(reader: Reader, at: int) -> tuple[int, int]:
    """The marker at this position, and the position after it; fill bytes (B.1.1.2) are passed over."""
    fill = FILL.match(reader.data, at, min(at + WINDOW, reader.end))
    if not fill:
        reader.require(at, 2)
        raise DamagedFile("The JPEG has stray bytes where the next part should begin.")
    return reader.byte(fill.end()), fill.end() + 1


def segment_size(reader: Reader, at: int) -> int:
    """Bytes of a segment, its own two bytes of length among them."""
    size = reader.be16(at)
    if size < 2:
        raise DamagedFile("A part of the JPEG is shorter than its own length field.")
    reader.require(at, size)
    return size


def check_marker(kind: int) -> None:
    if kind in FOREIGN:
        raise UnsupportedType(
            "This kind of JPEG (lossless, hierarchical, arithmetic or JPEG-LS) is not accepted. "
            "Save it as an ordinary baseline or progressive JPEG."
        )
    if kind not in ORDINARY:
        raise DamagedFile(f"The JPEG has an unexpected marker (FF {kind:02X}).")


def entropy_end(reader: Reader, start: int) -> int:
    """Where the coded data from here ends: the next marker that is no restart."""
    for at in range(start, reader.end, WINDOW):
        # One byte more than the window, for a marker that lies across its edge.
        if found := NEXT_MARKER.search(reader.data, at, min(at + WINDOW + 1, reader.end)):
            return found.start()
    raise DamagedFile(CUT_SHORT)


def frame_of(reader: Reader, segment: Segment) -> Frame:
    """The frame header: T.81, B.2.2."""
    at = segment.at
    precision, height, width = reader.byte(at), reader.be16(at + 1), reader.be16(at + 3)
    count = reader.byte(at + 5)
    if precision != 8:
        raise UnsupportedType(
            f"The JPEG has {precision} bits per sample; 8 are accepted. Save it with 8 bits."
        )
    if count not in {1, 3, 4}:
        raise UnsupportedType(
            f"The JPEG has {count} components; 1, 3 or 4 are accepted. Save it as RGB or gray."
        )
    if segment.size != 6 + 3 * count:
        raise DamagedFile("The frame header of the JPEG has the wrong length.")
    components = tuple(component(reader.byte(at + 7 + 3 * n)) for n in range(count))
    return Frame(segment.marker == SOF_PROGRESSIVE, width, height, components)


def component(sampling: int) -> Component:
    across, down = divmod(sampling, 16)
    if not (1 <= across <= 4 and 1 <= down <= 4):
        raise DamagedFile("A component of the JPEG is sampled in a way that no JPEG can be.")
    return Component(across, down)
