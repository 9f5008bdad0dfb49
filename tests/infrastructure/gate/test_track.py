"""The tracks of an AVIF sequence."""

import pytest

from domain.errors import DamagedFile, ImageTooComplex, ImageTooLarge
from infrastructure.gate import inspect
from infrastructure.gate.bmff import Box
from infrastructure.gate.limits import Limits, Tally
from infrastructure.gate.reader import Reader
from infrastructure.gate.track import Track
from tests.infrastructure.gate.refusal import refusal
from tests.nasty.avif import box, full_box
from tests.nasty.packing import be32


@pytest.fixture
def moving(base: dict[str, bytes]) -> bytes:
    """Three frames of 160 by 120 pixels."""
    return base["anim.avif"]


def changed(data: bytes, kind: bytes, at: int, new: bytes) -> bytes:
    """The file with other bytes so far into the last box of this kind."""
    start = data.rindex(kind) + 4 + at
    return data[:start] + new + data[start + len(new) :]


@pytest.mark.parametrize(
    ("kind", "at", "new"),
    [
        (b"tkhd", 88, be32(80 << 16)),
        (b"stsz", 8, be32(2)),
        (b"stsz", 12, be32(0x7FFFFFFF)),
        (b"stco", 8, be32(0x7FFFFFFF)),
        (b"stsc", 8, be32(2)),
        (b"stsc", 12, be32(0)),
        (b"stco", 4, be32(0)),
        (b"stsd", 12, b"hvc1"),
        (b"stsc", 0, b"\0\0\0\0\0\0\0\0"),
    ],
    ids=["size", "sizes", "size outside", "offset outside", "order", "none", "no chunk", "codec", "no runs"],
)
def test_tracks_that_contradict_themselves_are_refused(
    moving: bytes, kind: bytes, at: int, new: bytes
) -> None:
    """The size is that of the AV1 data, and every frame is in the file."""
    refusal(changed(moving, kind, at, new), DamagedFile)


@pytest.mark.parametrize(
    "kind", [b"tkhd", b"mdia", b"minf", b"stbl", b"stsd", b"stsz", b"stsc", b"stco", b"trak"]
)
def test_necessary_boxes_are_there(moving: bytes, kind: bytes) -> None:
    """Nothing is guessed."""
    at = moving.rindex(kind)
    refusal(moving[:at] + b"free" + moving[at + 4 :], DamagedFile)


@pytest.mark.parametrize(("kind", "at"), [(b"stsz", 8), (b"stco", 4), (b"stsc", 12), (b"stsc", 4)])
def test_frames_are_limited_before_they_are_listed(moving: bytes, kind: bytes, at: int) -> None:
    """A number from the file makes no list."""
    refusal(changed(moving, kind, at, be32(0x7FFFFFFF)), ImageTooLarge)


def test_frames_of_one_size_are_listed(moving: bytes) -> None:
    """A table may give one size for all; here it is one that cuts them up."""
    refusal(changed(moving, b"stsz", 4, be32(5)), DamagedFile)


def test_a_still_brand_looks_at_the_items(moving: bytes) -> None:
    """As libavif does: the major brand decides, though there is a track."""
    still = moving.replace(b"ftypavis", b"ftypavif", 1)
    assert inspect(still).frames == 1
    third = moving.replace(b"ftypavis", b"ftypmsf1", 1)
    assert inspect(third).frames == 3


def test_a_main_track_is_no_auxiliary_one(moving: bytes) -> None:
    """Alpha alone is no image."""
    reference = be32(20) + b"tref" + be32(12) + b"auxl" + be32(1)
    edits = moving.rindex(b"edts") - 4
    size = int.from_bytes(moving[edits : edits + 4], "big")
    filling = be32(size - len(reference)) + b"free" + bytes(size - len(reference) - 8)
    refusal(moving[:edits] + reference + filling + moving[edits + size :], DamagedFile)


def test_properties_of_the_track_turn_it(moving: bytes) -> None:
    """Its rotation stands in the sample entry."""
    at = moving.rindex(b"ccst")
    turned = moving[:at] + b"irot\1" + bytes(7) + moving[at + 12 :]
    assert inspect(turned).orientation == 8


def track_of(*tables: bytes, entries: int = 1) -> Track:
    """A track of 16 by 9 pixels with these sample tables, and two hundred bytes behind it."""
    entry = box(b"av01", bytes(78) + box(b"av1C", bytes(4)))
    description = full_box(b"stsd", be32(entries) + entry * entries)
    header = full_box(b"tkhd", bytes(72) + be32(16 << 16) + be32(9 << 16))
    media = box(b"mdia", box(b"minf", box(b"stbl", description + b"".join(tables))))
    data = box(b"trak", header + media)
    return Track(Reader(data + bytes(200)), Tally(Limits()), Box(b"trak", 8, len(data)))


def numbers(kind: bytes, *values: int) -> bytes:
    return full_box(kind, b"".join(map(be32, values)))


def test_frames_are_found_chunk_by_chunk() -> None:
    """Two chunks of one frame each, then chunks of two."""
    sizes = numbers(b"stsz", 0, 6, *range(1, 7))
    runs = numbers(b"stsc", 2, 1, 1, 1, 3, 2, 1)
    track = track_of(sizes, runs, numbers(b"stco", 4, 10, 20, 30, 40))
    assert track.size == (16, 9)
    assert track.samples() == [(10, 11), (20, 22), (30, 33), (33, 37), (40, 45), (45, 51)]


def test_chunks_may_be_far_away() -> None:
    """Offsets of 64 bits, and one size for all."""
    far = full_box(b"co64", be32(2) + be32(0) + be32(10) + be32(0) + be32(20))
    track = track_of(numbers(b"stsz", 5, 2), numbers(b"stsc", 1, 1, 1, 1), far)
    assert track.samples() == [(10, 15), (20, 25)]


def test_a_track_is_coded_in_one_way() -> None:
    """With two descriptions, readers might choose differently."""
    with pytest.raises(DamagedFile, match="several ways"):
        track_of(entries=2)


def test_frames_are_decoded_about_once(moving: bytes) -> None:
    """A sample that holds many frames to show one is refused."""
    at = moving.rindex(b"stsz")
    size = int.from_bytes(moving[at + 16 : at + 20], "big")
    start = int.from_bytes(moving[(place := moving.rindex(b"stco") + 12) : place + 4], "big")
    first = moving[start : start + size]
    crowded = moving[:start] + first * 12 + moving[start + size :]
    media = crowded.rindex(b"mdat") - 4
    longer = be32(int.from_bytes(crowded[media : media + 4], "big") + 11 * size)
    stretched = crowded[:media] + longer + crowded[media + 4 :]
    refusal(changed(stretched, b"stsz", 12, be32(12 * size)), ImageTooComplex)
