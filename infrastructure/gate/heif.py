"""The items of a HEIF file: ISO/IEC 23008-12, section 6, and ISO/IEC 14496-12, section 8.11."""

from dataclasses import dataclass, field
from itertools import starmap
from typing import Final, NamedTuple

from domain.errors import DamagedFile, UnsupportedType
from infrastructure.gate.bmff import Box, Cursor, boxes, children, name, required
from infrastructure.gate.limits import Tally
from infrastructure.gate.reader import Reader

FULL: Final = 4
"""Bytes of version and flags before the content of a full box."""

FILE, IDAT = 0, 1
"""Construction methods: offsets from the start of the file, and from that of the box idat."""

SIZES: Final = {0, 4, 8}


class Widths(NamedTuple):
    """Bytes of the numbers in iloc."""

    offset: int
    length: int
    base: int
    reference: int


@dataclass(slots=True)
class Item:
    """What the boxes say of one item: its kind, its bytes, its properties, the items it is made of."""

    kind: bytes = b""
    extents: list[tuple[int, int]] = field(default_factory=list)
    """Where its bytes begin and end, piece by piece."""

    properties: list[Box] = field(default_factory=list)
    parts: list[int] = field(default_factory=list)

    @property
    def size(self) -> int:
        return sum(end - start for start, end in self.extents)

    def only(self, kind: bytes) -> Box:
        found = [box for box in self.properties if box.kind == kind]
        if len(found) != 1:
            raise DamagedFile(
                f"A picture of the file has {len(found)} properties {name(kind)}; it must have one."
            )
        return found[0]


class Meta:
    """The items by their numbers, and the number of the primary one (0: none)."""

    def __init__(self, reader: Reader, tally: Tally, box: Box) -> None:
        self.reader, self.tally = reader, tally
        self.items: dict[int, Item] = {}
        found = children(reader, tally, box.at + FULL, box.end)
        self.idat = found.get(b"idat")
        self.primary = self.read_primary(found[b"pitm"]) if b"pitm" in found else 0
        self.read_kinds(required(found, b"iinf"))
        self.read_places(required(found, b"iloc"))
        if b"iprp" in found:
            self.read_properties(found[b"iprp"])
        if b"iref" in found:
            self.read_references(found[b"iref"])

    def content(self, item: Item) -> tuple[Reader, int]:
        """A window on the bytes of an item, and where they begin in it; pieces are put together."""
        if len(item.extents) == 1:
            ((start, end),) = item.extents
            return self.reader.until(end), start
        self.tally.scan(item.size, self.reader.end)
        return Reader(b"".join(self.reader.take(start, end - start) for start, end in item.extents)), 0

    def open(self, box: Box) -> tuple[Cursor, int]:
        """A cursor after version and flags, and the version."""
        return Cursor(self.reader.until(box.end), box.at + FULL), self.reader.byte(box.at)

    def item(self, number: int) -> Item:
        return self.items.setdefault(number, Item())

    def read_primary(self, box: Box) -> int:
        cursor, version = self.open(box)
        return cursor.number(4 if version else 2)

    def read_kinds(self, box: Box) -> None:
        cursor, version = self.open(box)
        count = cursor.number(4 if version else 2)
        entries = list(boxes(cursor.reader, self.tally, cursor.at))
        if len(entries) != count:
            raise DamagedFile(f"The file announces {count:,} items and has {len(entries):,}.")
        for entry in entries:
            self.read_kind(entry)

    def read_kind(self, box: Box) -> None:
        cursor, version = self.open(box)
        if box.kind != b"infe" or version not in {2, 3}:
            raise DamagedFile("The file describes an item in a way that AVIF does not have.")
        number = cursor.number(4 if version == 3 else 2)
        if number in self.items:
            raise DamagedFile(f"The file has two items with the number {number}.")
        cursor.number(2)
        self.items[number] = Item(cursor.reader.take(cursor.at, 4))

    def read_places(self, box: Box) -> None:
        cursor, version = self.open(box)
        sizes = [digit for byte in (cursor.number(1), cursor.number(1)) for digit in divmod(byte, 16)]
        if version > 2 or not SIZES.issuperset(sizes):
            raise DamagedFile("The file gives the places of its items in a way that AVIF does not have.")
        widths = Widths(*sizes)
        for _ in range(cursor.number(4 if version == 2 else 2)):
            self.tally.part()
            self.read_place(cursor, version, widths)

    def read_place(self, cursor: Cursor, version: int, widths: Widths) -> None:
        item = self.item(cursor.number(4 if version == 2 else 2))
        method = cursor.number(2) if version else FILE
        if item.extents:
            raise DamagedFile("The file gives two places for one item.")
        if cursor.number(2):
            raise UnsupportedType("The image is spread over several files. Save it as one file.")
        start = self.origin(method) + cursor.number(widths.base)
        for _ in range(cursor.number(2)):
            self.tally.part()
            cursor.number(widths.reference if version else 0)
            at, size = start + cursor.number(widths.offset), cursor.number(widths.length)
            self.within(method).require(at, size)
            item.extents.append((at, at + size))

    def origin(self, method: int) -> int:
        return self.idat.at if method == IDAT and self.idat else 0

    def within(self, method: int) -> Reader:
        """What an extent must lie in."""
        if method == FILE:
            return self.reader
        if method == IDAT and self.idat:
            return self.reader.until(self.idat.end)
        raise DamagedFile("An item of the file lies in a place that the file does not have.")

    def read_properties(self, box: Box) -> None:
        properties: list[Box] = []
        for part in boxes(self.reader.until(box.end), self.tally, box.at):
            if part.kind == b"ipco":
                properties += boxes(self.reader.until(part.end), self.tally, part.at)
            elif part.kind == b"ipma":
                self.read_associations(part, properties)

    def read_associations(self, box: Box, properties: list[Box]) -> None:
        cursor, version = self.open(box)
        wide = self.reader.byte(box.at + 3) & 1
        for _ in range(cursor.number(4)):
            item, count = self.item(cursor.number(4 if version else 2)), cursor.number(1)
            self.tally.part(1 + count)
            for _ in range(count):
                index = cursor.number(2) & 0x7FFF if wide else cursor.number(1) & 0x7F
                if index > len(properties):
                    raise DamagedFile("An item of the file has a property that the file does not have.")
                if index:
                    item.properties.append(properties[index - 1])

    def read_references(self, box: Box) -> None:
        size = 4 if self.reader.byte(box.at) else 2
        for reference in boxes(self.reader.until(box.end), self.tally, box.at + FULL):
            cursor = Cursor(self.reader.until(reference.end), reference.at)
            item, count = self.item(cursor.number(size)), cursor.number(2)
            self.tally.part(count)
            numbers = list(starmap(cursor.number, [(size,)] * count))
            if reference.kind == b"dimg":
                item.parts += numbers


def size_of(reader: Reader, properties: Box) -> tuple[int, int]:
    """Width and height in pixels of the property ispe (section 6.5.3)."""
    inside = reader.until(properties.end)
    return inside.be32(properties.at + FULL), inside.be32(properties.at + FULL + 4)
