"""AVIF at the gate."""

import pytest

from domain.errors import DamagedFile, ImageTooComplex, ImageTooLarge, UnsupportedType
from domain.header import ImageHeader, MediaType
from infrastructure.gate import Limits, av1, inspect
from infrastructure.gate.limits import Tally
from infrastructure.gate.reader import Reader
from tests.infrastructure.gate.refusal import refusal
from tests.nasty.avif import Item, Tile, box, file, file_type, full_box, grid, single, spatial_extents
from tests.nasty.packing import be16, be32

SIZE = (160, 120)


@pytest.mark.parametrize("name", ["rgb.avif", "rgba.avif"])
def test_ordinary_avifs_are_accepted(base: dict[str, bytes], name: str) -> None:
    """With and without transparency."""
    assert inspect(base[name]) == ImageHeader(MediaType.AVIF, *SIZE)


def test_a_sequence_has_its_frames_counted(base: dict[str, bytes]) -> None:
    """The samples of its track are the frames."""
    assert inspect(base["anim.avif"]) == ImageHeader(MediaType.AVIF, *SIZE, frames=3)
    refusal(base["anim.avif"], ImageTooLarge, Limits(frames=2))
    refusal(base["anim.avif"], ImageTooLarge, Limits(total_pixels=2 * 160 * 120))


def test_a_picture_by_hand_is_accepted(tile: Tile) -> None:
    """What the other tests change is right as it is."""
    assert inspect(single(tile, SIZE)) == ImageHeader(MediaType.AVIF, *SIZE)


@pytest.mark.parametrize("size", [(161, 120), (160, 119), (16, 16)])
def test_the_property_is_the_picture(tile: Tile, size: tuple[int, int]) -> None:
    """The size in the boxes and the size in the AV1 data must agree."""
    assert "160 x 120" in refusal(single(tile, size), DamagedFile)


def test_the_configuration_is_the_picture(tile: Tile) -> None:
    """A sequence header in av1C must agree as well."""
    repeated = Tile(tile.payload, box(b"av1C", tile.configuration[8:12] + tile.payload), tile.channels)
    assert inspect(single(repeated, SIZE)).width == 160
    other = box(b"av1C", tile.configuration[8:12] + sequence_unit(8, 8))
    refusal(single(Tile(tile.payload, other, tile.channels), SIZE), DamagedFile)


def test_tiles_that_cover_their_grid_are_accepted(tile: Tile) -> None:
    """All of them, and none in vain."""
    assert inspect(grid(tile, SIZE, 2, 3)) == ImageHeader(MediaType.AVIF, 320, 360)
    assert inspect(grid(tile, SIZE, 2, 2, claim=(161, 121))).width == 161


@pytest.mark.parametrize("claim", [(321, 240), (320, 241), (160, 240), (64, 64)])
def test_tiles_that_do_not_are_refused(tile: Tile, claim: tuple[int, int]) -> None:
    """Too few pixels, or tiles that would be decoded for nothing."""
    assert "tiles" in refusal(grid(tile, SIZE, 2, 2, claim=claim), DamagedFile)


def test_a_grid_has_as_many_tiles_as_it_says(tile: Tile) -> None:
    """Rows times columns."""
    shape, lying = bytes([0, 1, 1, 1]) + be32(320), bytes([0, 1, 1, 2]) + be32(320)
    refusal(grid(tile, SIZE, 2, 2).replace(shape, lying), DamagedFile)


def test_the_tiles_of_a_grid_are_pictures(tile: Tile) -> None:
    """Every number stands for an item that is there."""
    data = grid(tile, SIZE, 2, 1)
    assert tiles(2, 3) in data
    refusal(data.replace(tiles(2, 3), tiles(2, 9)), DamagedFile)
    refusal(data.replace(tiles(2, 3), tiles(2, 1)), DamagedFile)


def test_the_tiles_of_a_grid_are_alike(tile: Tile) -> None:
    """Decoders put them side by side."""
    items = [
        Item(1, b"grid", bytes([0, 1, 0, 1]) + be32(320) + be32(120), bytes([4])),
        Item(2, b"av01", tile.payload, bytes([1, 2, 3])),
        Item(3, b"av01", sequence_unit(161, 120) + b"\x32\0", bytes([5, 2, 3])),
    ]
    properties = spatial_extents(*SIZE) + tile.configuration + tile.channels + spatial_extents(320, 120)
    uneven = file(items, properties + spatial_extents(161, 120), references=tiles(2, 3))
    assert "different sizes" in refusal(uneven, DamagedFile)


def tiles(*numbers: int) -> bytes:
    """The reference from item 1 to its tiles."""
    return box(b"dimg", be16(1) + be16(len(numbers)) + b"".join(map(be16, numbers)))


def test_grids_are_limited(tile: Tile) -> None:
    """By their own size, and by that of all tiles together."""
    data = grid(tile, SIZE, 4, 4)
    refusal(data, ImageTooLarge, Limits(pixels=15 * 160 * 120))
    refusal(data, ImageTooComplex, Limits(total_pixels=15 * 160 * 120))


def test_a_picture_is_decoded_once(tile: Tile) -> None:
    """Frames that are never shown cost as much as those that are."""
    many = Tile(tile.payload * 5, tile.configuration, tile.channels)
    refusal(single(many, SIZE), ImageTooComplex)


def test_a_picture_without_frames_is_refused(tile: Tile) -> None:
    """A sequence header alone shows nothing."""
    empty = Tile(sequence_unit(160, 120), tile.configuration, tile.channels)
    refusal(single(empty, SIZE), DamagedFile)


@pytest.mark.parametrize("brand", [b"hevc", b"mif1", b"isom"])
def test_other_brands_are_other_types(brand: bytes) -> None:
    """Videos have the same boxes."""
    refusal(file_type(major=brand, compatible=brand) + box(b"mdat", bytes(64)), UnsupportedType)


@pytest.mark.parametrize("brands", [b"", b"avif", b"avif" * 2000], ids=["none", "no version", "too many"])
def test_the_list_of_brands_has_a_sane_length(tile: Tile, brands: bytes) -> None:
    """A dozen is much."""
    refusal(box(b"ftyp", brands) + single(tile, SIZE)[len(file_type()) :], DamagedFile)


def test_a_header_is_somewhere() -> None:
    """Boxes without the one that tells of the image are none."""
    refusal(file_type() + box(b"mdat", bytes(64)), DamagedFile)
    refusal(file_type(major=b"avis", compatible=b"avis") + box(b"moov", b""), DamagedFile)


def test_a_picture_without_data_is_refused(tile: Tile) -> None:
    """A place of no length is none."""
    refusal(single(Tile(b"", tile.configuration, tile.channels), SIZE), DamagedFile)


@pytest.mark.parametrize("kind", [b"hvc1", b"jpeg", b"iden", b"iovl"])
def test_a_main_image_that_is_not_av1_is_another_type(tile: Tile, kind: bytes) -> None:
    """The brand says AVIF, the item says something else."""
    item = Item(1, kind, tile.payload, bytes([1, 0x82, 3]))
    refusal(file([item], spatial_extents(*SIZE) + tile.configuration + tile.channels), UnsupportedType)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"iinf\0\0\0\0\0\1", b"iinf\0\0\0\0\0\2"),
        (b"infe\2", b"infe\0"),
        (b"iloc\0\0\0\0\x44", b"iloc\0\0\0\0\x34"),
        (b"iloc\0\0\0\0\x44", b"iloc\3\0\0\0\x44"),
        (b"pitm\0\0\0\0\0\1", b"pitm\0\0\0\0\0\2"),
        (b"pitm", b"free"),
        (b"iinf", b"free"),
        (b"iloc", b"free"),
        (b"iprp", b"free"),
        (b"ispe", b"free"),
        (b"av1C", b"ispe"),
        (b"\1\3\1\x82\3", b"\1\3\1\x89\3"),
        (b"mif1miafMA1B", b"mif1miafmini"),
    ],
    ids=[
        "count",
        "old entry",
        "sizes",
        "version",
        "main item",
        "no main item",
        "no items",
        "no places",
        "no properties",
        "no size",
        "two sizes",
        "property",
        "brand",
    ],
)
def test_boxes_that_contradict_each_other_are_refused(tile: Tile, old: bytes, new: bytes) -> None:
    """One box says what another does not have; an unknown brand is no such thing."""
    data = single(tile, SIZE)
    assert data.count(old) == 1
    if new.endswith(b"mini"):
        assert inspect(data.replace(old, new)).width == 160
    else:
        refusal(data.replace(old, new), DamagedFile)


def test_two_headers_are_refused(tile: Tile) -> None:
    """One box of each kind that tells what the others are."""
    data = single(tile, SIZE)
    start, rest = data[: len(file_type())], data[len(file_type()) :]
    refusal(start + box(b"mini", b"") + rest, DamagedFile)
    inner = full_box(b"pitm", be16(1))
    refusal(data.replace(inner, inner * 2).replace(*sizes_of_meta(data, len(inner))), DamagedFile)


def sizes_of_meta(data: bytes, more: int) -> tuple[bytes, bytes]:
    """The header of the box meta, and the same for one that is longer."""
    at = data.index(b"meta") - 4
    size = int.from_bytes(data[at : at + 4], "big")
    return data[at : at + 8], be32(size + more) + b"meta"


@pytest.mark.parametrize("size", [2, 7, 0x7FFFFFFF])
def test_a_box_is_as_long_as_its_header_and_no_longer_than_the_file(tile: Tile, size: int) -> None:
    """Else the walk would go backwards, or beyond the end."""
    data = single(tile, SIZE)
    old, _ = sizes_of_meta(data, 0)
    refusal(data.replace(old, be32(size) + b"meta"), DamagedFile)


def test_large_sizes_and_open_ends_are_read(tile: Tile) -> None:
    """64 bits of size are as good as 32; at the top a box may go to the end of the file."""
    data = single(tile, SIZE)
    filling = be32(1) + b"free" + bytes(7) + b"\x18" + bytes(8)
    start = len(file_type())
    moved = data[:start] + filling + data[start:]
    refusal(moved, DamagedFile)  # the places of the items are no longer right
    assert inspect(data.replace(be32(len(tile.payload) + 8) + b"mdat", be32(0) + b"mdat")).width == 160


def test_the_payload_is_in_the_file(tile: Tile) -> None:
    """A cut is seen by the places of the items."""
    assert "cut short" in refusal(single(tile, SIZE)[:-1], DamagedFile)


def test_what_follows_the_boxes_is_nobodys_business(tile: Tile) -> None:
    """Decoders look no further than the boxes that they need."""
    assert inspect(single(tile, SIZE) + b"PK\3\4").width == 160


def test_metadata_and_boxes_are_limited(tile: Tile) -> None:
    """Properties, profiles, EXIF and XMP count together."""
    data = single(tile, SIZE, box(b"colr", b"prof" + bytes(2000)))
    assert inspect(data).width == 160
    refusal(data, ImageTooComplex, Limits(metadata_bytes=2000))
    refusal(single(tile, SIZE, *[box(b"free", b"")] * 60), ImageTooComplex, Limits(parts=60))
    with_exif = file(
        [Item(1, b"av01", tile.payload, bytes([1, 2, 3])), Item(2, b"Exif", bytes(3000), b"")],
        spatial_extents(*SIZE) + tile.configuration + tile.channels,
    )
    assert inspect(with_exif).width == 160
    refusal(with_exif, ImageTooComplex, Limits(metadata_bytes=3000))


def sequence_unit(width: int, height: int, *, bits: int = 16, reduced: bool = True) -> bytes:
    """A sequence header with this many bits for each side, in a unit of its own."""
    fields = [(0, 3), (int(reduced), 1), (int(reduced), 1)]
    fields += [(0, 5)] if reduced else [(0, 1), (0, 1), (0, 5), (0, 12), (0, 5)]
    fields += [(bits - 1, 4), (bits - 1, 4), (width - 1, bits), (height - 1, bits), (0, 7)]
    text = "".join(f"{value:0{count}b}" for value, count in fields)
    text += "0" * (-len(text) % 8)
    payload = int(text, 2).to_bytes(len(text) // 8, "big")
    return bytes([av1.SEQUENCE_HEADER << 3 | 2, len(payload)]) + payload


def check(data: bytes, size: tuple[int, int]) -> int:
    return av1.check(Reader(data), 0, size, Tally(Limits()))


def test_sequence_headers_are_read_in_both_forms() -> None:
    """Reduced, as stills have them, and in full."""
    assert check(sequence_unit(8, 16), (8, 16)) == 0
    assert check(sequence_unit(8, 16, reduced=False, bits=8), (8, 16)) == 0


def test_sizes_that_frames_could_still_ask_for_are_limited() -> None:
    """A frame header may override the size by as many bits as the sequence header gives it."""
    with pytest.raises(ImageTooLarge, match="allows for"):
        check(sequence_unit(8, 16, reduced=False, bits=16), (8, 16))


POINT = [(0, 12), (8, 5), (1, 1)]
DELAYS = [(1, 1), (0, 11)]
DISPLAY = [(1, 1), (9, 4)]
TIMING = [(0, 5), (1, 1), (0, 64), (1, 1), (5, 5)]
MODEL = [(1, 1), (4, 5), (0, 42)]
TWO_POINTS = [(1, 1), (1, 5)]
SIDES = [(7, 4), (7, 4), (99, 8), (49, 8), (0, 16)]


@pytest.mark.parametrize(
    "fields",
    [
        [*TIMING, *MODEL, *TWO_POINTS, *[*POINT, *DELAYS, *DISPLAY] * 2, *SIDES],
        [*TIMING, (0, 1), *TWO_POINTS, *[*POINT, *DISPLAY] * 2, *SIDES],
    ],
    ids=["with a decoder model", "without"],
)
def test_timing_and_operating_points_are_passed_over(fields: list[tuple[int, int]]) -> None:
    """They come before the size, in as many bits as they say."""
    text = "".join(f"{value:0{count}b}" for value, count in fields)
    sequence = av1.sequence_of(int(text[: len(text) // 8 * 8], 2).to_bytes(len(text) // 8, "big"))
    assert sequence == av1.Sequence(100, 50, 256, 256)


def test_a_number_of_too_many_zeros_is_refused() -> None:
    """Decoders read on after it at different places, and so could find different sizes."""
    timing = "00000" + "1" + "0" * 64 + "1"
    text = timing + "0" * 32 + "1" + "0" * 96
    with pytest.raises(DamagedFile, match="no end"):
        av1.sequence_of(int(text, 2).to_bytes(len(text) // 8, "big"))


@pytest.mark.parametrize(
    "data", [b"\x80", b"\x0a\xff", b"\x0a" + b"\x80" * 9, b"\x0a\x05\0", b"\x0a\x01\0"], ids=repr
)
def test_broken_units_are_refused(data: bytes) -> None:
    """Reserved bits, lengths without end, lengths beyond it."""
    with pytest.raises(DamagedFile):
        check(data, (8, 8))
