"""Which way up: EXIF's number from every container that has one."""

import io
import struct

import pytest
from PIL import Image

from infrastructure.gate import inspect
from infrastructure.gate.exif import orientation
from tests.nasty import exif, jpeg, png, webp
from tests.nasty.avif import Tile, box, single
from tests.nasty.exif import LONG, SHORT, entry
from tests.nasty.packing import be16, be32, le16
from tests.nasty.tiff import Entry, file, picture_entries

NUMBERS = range(1, 9)
SIZE = (160, 120)


@pytest.mark.parametrize("number", NUMBERS)
def test_exif_is_found_in_every_container(base: dict[str, bytes], number: int) -> None:
    """APP1 of JPEG, eXIf of PNG, EXIF of WebP, and the tag of TIFF itself."""
    block = exif.located(orientation=number)
    tag = Entry(274, SHORT, 1, number)
    files = [
        jpeg.with_exif(base["rgb.jpg"], block),
        png.with_chunks(base["rgb.png"], png.chunk(b"eXIf", block)),
        webp.extended((9, 9), (9, 9), webp.chunk(b"EXIF", block), flags=0x18),
        webp.extended((9, 9), (9, 9), webp.chunk(b"EXIF", b"Exif\0\0" + block), flags=0x18),
        file([*picture_entries(16, 16, samples=1, count=256), tag], bytes(256)),
    ]
    assert [inspect(data).orientation for data in files] == [number] * len(files)


@pytest.mark.parametrize("number", NUMBERS)
def test_both_byte_orders_are_read(number: int) -> None:
    """Intel's and Motorola's."""
    big = b"MM\0*" + be32(8) + be16(1) + be16(0x0112) + be16(3) + be32(1) + be16(number) + be16(0) + be32(0)
    assert orientation(big) == number
    assert orientation(exif.located(orientation=number)) == number


@pytest.mark.parametrize("number", [0, 9, 255, 65535])
def test_other_numbers_mean_upright(base: dict[str, bytes], number: int) -> None:
    """There are eight ways to hold a camera."""
    assert orientation(exif.located(orientation=number)) == 1
    tag = Entry(274, SHORT, 1, number)
    assert inspect(file([*picture_entries(16, 16, samples=1, count=256), tag], bytes(256))).orientation == 1


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"II*\0",
        b"II*\0\x08\0\0\0",
        b"XX*\0" + bytes(100),
        exif.loop(),
        exif.tree(),
        exif.endless_text(),
        exif.far_away(),
        exif.far_away() + bytes(20),
        exif.crowded(),
        exif.START + exif.directory([entry(0x0112, LONG, 1, 6)]),
        exif.START + exif.directory([entry(0x0112, SHORT, 2, 6)]),
        exif.START + le16(1) + entry(0x0112, SHORT, 1, 6)[:11],
    ],
    ids=[
        "nothing",
        "magic",
        "offset",
        "other magic",
        "loop",
        "tree",
        "endless text",
        "far away",
        "farther away",
        "crowded",
        "long",
        "two",
        "cut",
    ],
)
def test_what_cannot_be_read_means_upright(block: bytes) -> None:
    """Nothing in EXIF is a reason to refuse an image, or to go round in circles."""
    assert orientation(block) == 1


def test_every_start_of_a_block_is_harmless() -> None:
    """However short it is cut."""
    block = exif.located(orientation=6)
    assert {orientation(block[:length]) for length in range(len(block))} == {1, 6}


@pytest.mark.parametrize("turns", [None, 0, 1, 2, 3])
@pytest.mark.parametrize("axis", [None, 0, 1])
def test_rotation_and_mirroring_of_avif_are_one_number(
    tile: Tile, turns: int | None, axis: int | None
) -> None:
    """As Pillow combines irot and imir."""
    rotation = [] if turns is None else [box(b"irot", bytes([turns]))]
    mirroring = [] if axis is None else [box(b"imir", bytes([axis]))]
    data = single(tile, SIZE, *rotation, *mirroring)
    with Image.open(io.BytesIO(data)) as picture:
        expected = picture.getexif().get(0x0112, 1)
    assert inspect(data).orientation == expected


@pytest.mark.parametrize(("turns", "axis"), [(turns, axis) for turns in range(4) for axis in range(2)])
def test_the_order_of_rotation_and_mirroring_counts(tile: Tile, turns: int, axis: int) -> None:
    """A mirrored picture turns the other way."""
    rotation, mirroring = box(b"irot", bytes([turns])), box(b"imir", bytes([axis]))
    opposite = box(b"irot", bytes([-turns % 4]))
    there = inspect(single(tile, SIZE, mirroring, rotation))
    assert there == inspect(single(tile, SIZE, opposite, mirroring))


def test_all_eight_orientations_of_avif_exist(tile: Tile) -> None:
    """Four rotations, mirrored and not."""
    files = [
        single(tile, SIZE, box(b"irot", bytes([turns])), *mirroring)
        for turns in range(4)
        for mirroring in ([], [box(b"imir", b"\0")])
    ]
    assert {inspect(data).orientation for data in files} == set(NUMBERS)


def test_exif_does_not_turn_an_avif(base: dict[str, bytes]) -> None:
    """There the boxes count, and EXIF's orientation is to be ignored."""
    with Image.open(io.BytesIO(base["rgb.avif"])) as picture:
        buffer = io.BytesIO()
        picture.save(buffer, "AVIF", exif=b"Exif\0\0" + exif.located(orientation=6))
    data = buffer.getvalue()
    assert inspect(data).orientation == 6
    unturned = data.replace(struct.pack(">I4s", 9, b"irot"), struct.pack(">I4s", 9, b"free"))
    assert inspect(unturned).orientation == 1
