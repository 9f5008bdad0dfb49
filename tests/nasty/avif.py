"""Boxes of ISO-BMFF, and AVIF files made of them by hand around a picture from elsewhere."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tests.nasty.packing import be16, be24, be32

CONTAINERS = {b"meta": 4, b"iprp": 0, b"ipco": 0}
"""Boxes with boxes in them, and the bytes before those."""

THREE_BY_EIGHT_BITS = b"\0\0\0\0\3\x08\x08\x08"


def box(kind: bytes, data: bytes) -> bytes:
    return be32(len(data) + 8) + kind + data


def full_box(kind: bytes, data: bytes, *, version: int = 0) -> bytes:
    return box(kind, bytes([version]) + be24(0) + data)


def file_type(*, major: bytes = b"avif", compatible: bytes = b"avifmif1miafMA1B") -> bytes:
    return box(b"ftyp", major + be32(0) + compatible)


class Found(NamedTuple):
    """Where the content of a box begins, and the content."""

    at: int
    data: bytes


def parts(file: bytes) -> dict[bytes, Found]:
    """The first box of each kind of a simple AVIF."""
    found: dict[bytes, Found] = {}
    for kind, part in walk(file, 0):
        found.setdefault(kind, part)
    return found


def walk(data: bytes, base: int) -> Iterator[tuple[bytes, Found]]:
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        size = size or len(data) - at
        if size < 8:
            return
        content = data[at + 8 : at + size]
        yield kind, Found(base + at + 8, content)
        if kind in CONTAINERS:
            skipped = CONTAINERS[kind]
            yield from walk(content[skipped:], base + at + 8 + skipped)
        at += size


@dataclass(frozen=True, slots=True)
class Tile:
    """What a single-image AVIF has that others can be made of."""

    payload: bytes
    configuration: bytes
    channels: bytes

    @classmethod
    def of(cls, file: bytes) -> "Tile":
        found = parts(file)
        channels = found[b"pixi"].data if b"pixi" in found else THREE_BY_EIGHT_BITS
        return cls(found[b"mdat"].data, box(b"av1C", found[b"av1C"].data), box(b"pixi", channels))


class Item(NamedTuple):
    """An item: its number, kind, bytes, and properties (counted from 1; 0x80: essential)."""

    number: int
    kind: bytes
    data: bytes
    properties: bytes


def spatial_extents(width: int, height: int) -> bytes:
    return full_box(b"ispe", be32(width) + be32(height))


def file(items: list[Item], properties: bytes, *, references: bytes = b"") -> bytes:
    """An AVIF of these items, the first of them the main one; equal bytes are stored once."""
    stored = b"".join(dict.fromkeys(item.data for item in items))
    infos = b"".join(information(item) for item in items)
    associations = b"".join(association(item) for item in items)
    head = full_box(b"hdlr", be32(0) + b"pict" + bytes(12) + b"\0") + full_box(b"pitm", be16(items[0].number))
    tail = full_box(b"iinf", be16(len(items)) + infos)
    tail += full_box(b"iref", references) if references else b""
    tail += box(b"iprp", box(b"ipco", properties) + full_box(b"ipma", be32(len(items)) + associations))

    def meta(start: int) -> bytes:
        places = b"".join(place(item, start + stored.index(item.data)) for item in items)
        locations = full_box(b"iloc", bytes([0x44, 0]) + be16(len(items)) + places)
        return full_box(b"meta", head + locations + tail)

    start = file_type()
    return start + meta(len(start) + len(meta(0)) + 8) + box(b"mdat", stored)


def information(item: Item) -> bytes:
    return full_box(b"infe", be16(item.number) + be16(0) + item.kind + b"\0", version=2)


def association(item: Item) -> bytes:
    return be16(item.number) + bytes([len(item.properties)]) + item.properties


def place(item: Item, at: int) -> bytes:
    return be16(item.number) + be16(0) + be16(1) + be32(at) + be32(len(item.data))


def grid(
    tile: Tile, size: tuple[int, int], columns: int, rows: int, *, claim: tuple[int, int] | None = None
) -> bytes:
    """Columns by rows of tiles whose every item is the same bytes; `claim` is the size it says it has."""
    count = columns * rows
    claim = claim or (size[0] * columns, size[1] * rows)
    shape = bytes([0, 1, rows - 1, columns - 1]) + be32(claim[0]) + be32(claim[1])
    items = [Item(1, b"grid", shape, bytes([4, 3]))]
    items += [Item(number + 2, b"av01", tile.payload, bytes([1, 0x82, 3])) for number in range(count)]
    references = box(b"dimg", be16(1) + be16(count) + b"".join(be16(number + 2) for number in range(count)))
    properties = spatial_extents(*size) + tile.configuration + tile.channels + spatial_extents(*claim)
    return file(items, properties, references=references)


def single(tile: Tile, size: tuple[int, int], *more: bytes) -> bytes:
    """One picture with these further properties, in this order."""
    numbers = bytes([1, 0x82, 3, *(0x80 | 4 + n for n in range(len(more)))])
    properties = spatial_extents(*size) + tile.configuration + tile.channels + b"".join(more)
    return file([Item(1, b"av01", tile.payload, numbers)], properties)
