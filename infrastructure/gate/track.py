"""The tracks of an image sequence: ISO/IEC 14496-12, sections 8.3 to 8.7."""

from collections.abc import Iterator
from itertools import accumulate, pairwise

from domain.errors import DamagedFile, ImageTooLarge
from infrastructure.gate.bmff import Box, boxes, children, required
from infrastructure.gate.heif import FULL
from infrastructure.gate.limits import Tally
from infrastructure.gate.reader import Reader

VISUAL_ENTRY = 78
"""Bytes of a sample entry before its properties (section 12.1.3)."""


class Track:
    """A track of AV1 frames: size in pixels, properties, and where its samples are."""

    def __init__(self, reader: Reader, tally: Tally, box: Box) -> None:
        self.reader, self.tally = reader, tally
        found = children(reader, tally, box.at, box.end)
        self.size = self.read_size(required(found, b"tkhd"))
        self.auxiliary = b"tref" in found and b"auxl" in self.inside(found[b"tref"])
        media = self.inside(required(found, b"mdia"))
        self.table = self.inside(required(self.inside(required(media, b"minf")), b"stbl"))
        self.properties = self.read_properties(required(self.table, b"stsd"))

    def inside(self, box: Box) -> dict[bytes, Box]:
        return children(self.reader, self.tally, box.at, box.end)

    def read_size(self, box: Box) -> tuple[int, int]:
        """Width and height in pixels, written as 16.16 fixed-point numbers (section 8.3.2)."""
        inside = self.reader.until(box.end)
        at = box.at + (88 if inside.byte(box.at) else 76)
        return inside.be32(at) >> 16, inside.be32(at + 4) >> 16

    def read_properties(self, box: Box) -> list[Box] | None:
        """The properties of the only sample entry; None when it is not AV1."""
        entries = list(boxes(self.reader.until(box.end), self.tally, box.at + FULL + 4))
        kinds = {entry.kind for entry in entries}
        if b"av01" not in kinds:
            return None
        if len(entries) > 1:
            raise DamagedFile("A track of the file is coded in several ways; it may be coded in one.")
        return list(boxes(self.reader.until(entries[0].end), self.tally, entries[0].at + VISUAL_ENTRY))

    def samples(self) -> list[tuple[int, int]]:
        """Where each frame begins and ends; no more of them than are accepted."""
        sizes = self.sizes()
        places: list[tuple[int, int]] = []
        for offset, count in zip(self.offsets(), self.counts(), strict=False):
            self.check(len(places) + count)
            chunk = sizes[len(places) : len(places) + count]
            if len(chunk) < count:
                raise DamagedFile("A track of the file has more frames than sizes of frames.")
            places += pairwise(accumulate(chunk, initial=offset))
        for start, end in places:
            self.reader.require(start, end - start)
        return places

    def check(self, frames: int) -> None:
        if frames > self.tally.limits.frames:
            raise ImageTooLarge(
                f"The animation has {frames:,} frames or more; "
                f"at most {self.tally.limits.frames:,} are accepted. Shorten it."
            )

    def sizes(self) -> list[int]:
        """Bytes of each frame: section 8.7.3."""
        box = required(self.table, b"stsz")
        same, count = self.numbers(box, FULL, 4, 2)
        self.check(count)
        return [same] * count if same else self.numbers(box, FULL + 8, 4, count)

    def offsets(self) -> list[int]:
        """Where each chunk begins: section 8.7.5."""
        wide = b"co64" in self.table
        box = required(self.table, b"co64" if wide else b"stco")
        (count,) = self.numbers(box, FULL, 4, 1)
        self.check(count)
        return self.numbers(box, FULL + 4, 8 if wide else 4, count)

    def counts(self) -> Iterator[int]:
        """Frames of each chunk, without an end: section 8.7.4."""
        box = required(self.table, b"stsc")
        (runs,) = self.numbers(box, FULL, 4, 1)
        self.check(runs)
        flat = self.numbers(box, FULL + 4, 4, 3 * runs)
        firsts, counts = flat[::3], flat[1::3]
        if firsts[:1] != [1] or any(a >= b for a, b in pairwise(firsts)) or not all(counts):
            raise DamagedFile("A track of the file has frames in no order.")
        for count, (first, after) in zip(counts, pairwise([*firsts, firsts[-1] + 1]), strict=True):
            yield from [count] * min(after - first, self.tally.limits.frames)
        while True:
            yield counts[-1]

    def numbers(self, box: Box, at: int, size: int, count: int) -> list[int]:
        content = self.reader.until(box.end).take(box.at + at, size * count)
        return [int.from_bytes(content[n : n + size], "big") for n in range(0, size * count, size)]
