"""The items of a HEIF file, and the places of their bytes."""

import pytest

from domain.errors import DamagedFile, ImageTooComplex, UnacceptableFile, UnsupportedType
from infrastructure.gate.bmff import Box
from infrastructure.gate.heif import Meta
from infrastructure.gate.limits import Limits, Tally
from infrastructure.gate.reader import Reader
from tests.nasty.avif import Item, box, full_box, information
from tests.nasty.packing import be16, be32

ITEM = Item(1, b"av01", b"", b"")
STORED = b"abcdefghijkl"


def meta_of(locations: bytes, *more: bytes, items: tuple[Item, ...] = (ITEM,), version: int = 1) -> Meta:
    """The box meta with these entries of iloc (offsets and lengths of four bytes), and STORED behind it."""
    infos = full_box(b"iinf", be16(len(items)) + b"".join(map(information, items)))
    count = locations.count(b"item")
    places = full_box(b"iloc", b"\x44\0" + be16(count) + locations.replace(b"item", b""), version=version)
    data = full_box(b"meta", infos + places + b"".join(more))
    return Meta(Reader(data + STORED), Tally(Limits()), Box(b"meta", 8, len(data)))


def place(number: int, *extents: tuple[int, int], method: int = 0, file: int = 0) -> bytes:
    """An entry of iloc; the word marks it for counting."""
    pieces = b"".join(be32(at) + be32(size) for at, size in extents)
    return b"item" + be16(number) + be16(method) + be16(file) + be16(len(extents)) + pieces


def content(meta: Meta) -> bytes:
    reader, start = meta.content(meta.items[1])
    return reader.take(start, reader.end - start)


def test_pieces_are_put_together() -> None:
    """An item may lie in several places."""
    end = meta_of(place(1, (0, 1), (1, 2))).reader.end
    assert content(meta_of(place(1, (end - 12, 3), (end - 3, 3)))) == b"abcjkl"


def test_items_in_the_box_itself_are_found() -> None:
    """Small ones lie in idat, by offsets from its start."""
    assert content(meta_of(place(1, (2, 3), method=1), box(b"idat", b"..xyz."))) == b"xyz"


@pytest.mark.parametrize(
    ("places", "more"),
    [
        (place(1, (0, 1)) + place(1, (0, 1)), b""),
        (place(1, (2, 5), method=1), box(b"idat", b"..xyz.")),
        (place(1, (0, 1), method=1), b""),
        (place(1, (0, 1), method=2), b""),
        (place(1, (0, 0x7FFFFFFF)), b""),
    ],
    ids=["twice", "outside idat", "no idat", "other method", "outside"],
)
def test_impossible_places_are_refused(places: bytes, more: bytes) -> None:
    """An item lies in the file, or in idat, and once."""
    with pytest.raises(DamagedFile):
        meta_of(places, more)


def test_other_files_are_not_looked_into() -> None:
    """A data reference would be another file's name."""
    with pytest.raises(UnsupportedType, match="several files"):
        meta_of(place(1, (0, 1), file=1))


def test_pieces_that_overlap_are_not_put_together_without_end() -> None:
    """Every byte may be copied once."""
    end = meta_of(place(1, *[(0, 1)] * 9)).reader.end
    with pytest.raises(ImageTooComplex, match="overlap"):
        content(meta_of(place(1, *[(0, end)] * 9)))


@pytest.mark.parametrize(
    "more",
    [
        full_box(b"iref", box(b"dimg", be16(1) + be16(9) + bytes(4))),
        box(b"iprp", box(b"ipco", b"") + full_box(b"ipma", be32(1) + be16(1) + b"\1\1")),
        box(b"iprp", box(b"ipco", be32(99) + b"ispe")),
        full_box(b"iinf", be16(0)),
    ],
    ids=["references", "associations", "properties", "second list"],
)
def test_lists_that_end_too_soon_are_refused(more: bytes) -> None:
    """A count is not believed before the entries are there."""
    with pytest.raises(UnacceptableFile):
        meta_of(b"", more)


def test_two_items_with_one_number_are_refused() -> None:
    """Numbers tell items apart."""
    with pytest.raises(DamagedFile, match="number 1"):
        meta_of(b"", items=(ITEM, ITEM))


def test_wide_numbers_are_read() -> None:
    """Large files number their items and properties by more bytes."""
    properties = box(b"ipco", box(b"ispe", bytes(12)))
    association = full_box(b"ipma", be32(1) + be32(1) + b"\1\x80\1", version=1)
    wide = association[:11] + b"\1" + association[12:]
    entry = full_box(b"infe", be32(7) + be16(0) + b"av01\0", version=3)
    data = full_box(
        b"meta", full_box(b"iinf", be32(1) + entry, version=1) + WIDE_PLACES + box(b"iprp", properties + wide)
    )
    meta = Meta(Reader(data), Tally(Limits()), Box(b"meta", 8, len(data)))
    assert meta.items[7].kind == b"av01"
    assert meta.items[7].extents == [(13, 15)]
    assert [part.kind for part in meta.items[1].properties] == [b"ispe"]


WIDE_PLACES = full_box(
    b"iloc",
    b"\x44\x48" + be32(1) + be32(7) + be16(0) + be16(0) + be32(10) + be16(1) + bytes(8) + be32(3) + be32(2),
    version=2,
)
