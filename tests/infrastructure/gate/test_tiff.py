"""TIFF at the gate."""

import zlib

import pytest

from domain.errors import DamagedFile, ImageTooComplex, ImageTooLarge, UnsupportedType
from domain.header import ImageHeader, MediaType
from infrastructure.gate import Limits, inspect
from tests.infrastructure.gate.refusal import refusal
from tests.nasty import jpeg
from tests.nasty.packing import be16, be32, le16, le32
from tests.nasty.tiff import (
    LONG,
    SHORT,
    Entry,
    file,
    pages_of_one_strip,
    picture,
    picture_entries,
    tiled_entries,
)

GRAY = picture_entries(16, 16, samples=1, count=256)
RGB = picture_entries(16, 16, samples=3, count=768)


def changed(*changes: Entry, base: list[Entry] = GRAY, data: bytes = bytes(2048)) -> bytes:
    """The page with these fields instead of its own, or besides them."""
    entries = {entry.tag: entry for entry in [*base, *changes]}
    return file(list(entries.values()), data)


@pytest.mark.parametrize("name", ["raw.tif", "lzw.tif", "deflate.tif", "jpeg.tif"])
def test_ordinary_tiffs_are_accepted(base: dict[str, bytes], name: str) -> None:
    """In the compressions that are in use."""
    assert inspect(base[name]) == ImageHeader(MediaType.TIFF, 160, 120)


def test_pages_are_frames(base: dict[str, bytes]) -> None:
    """Each directory is one, and the first is the size."""
    assert inspect(base["multi.tif"]) == ImageHeader(MediaType.TIFF, 160, 120, frames=2)


def test_pages_are_limited() -> None:
    """By number and by pixels, though they may share their strip."""
    data = pages_of_one_strip(100, 100, 5, zlib.compress(bytes(10000)))
    assert inspect(data).frames == 5
    refusal(data, ImageTooLarge, Limits(frames=4))
    refusal(data, ImageTooLarge, Limits(total_pixels=40_000))


def test_big_endian_files_are_read_alike() -> None:
    """Motorola's order, written out."""
    fields = [(256, 3, 4), (257, 3, 4), (258, 3, 8), (262, 3, 1), (273, 4, 98), (279, 4, 16), (274, 3, 6)]
    rows = b"".join(
        be16(tag) + be16(kind) + be32(1) + (be16(value) + b"\0\0" if kind == SHORT else be32(value))
        for tag, kind, value in fields
    )
    data = b"MM\0*" + be32(8) + be16(len(fields)) + rows + be32(0) + bytes(16)
    assert inspect(data) == ImageHeader(MediaType.TIFF, 4, 4, orientation=6)


def test_bigtiff_is_refused_by_name() -> None:
    """Its first bytes tell."""
    assert "BigTIFF" in refusal(b"II+\0" + bytes(20), UnsupportedType)


@pytest.mark.parametrize("compression", [2, 3, 4, 6, 34712, 34925, 50000, 50001, 0])
def test_other_compressions_are_other_types(compression: int) -> None:
    """Fax above all."""
    message = refusal(changed(Entry(259, SHORT, 1, compression)), UnsupportedType)
    assert "LZW" in message


@pytest.mark.parametrize(
    "changes",
    [
        [Entry(258, SHORT, 1, 2)],
        [Entry(258, SHORT, 1, 4)],
        [Entry(277, SHORT, 1, 0)],
        [Entry(277, SHORT, 1, 5)],
        [Entry(277, SHORT, 1, 65535)],
        [Entry(339, SHORT, 1, 4)],
        [Entry(339, SHORT, 1, 3)],
        [Entry(258, SHORT, 1, 16), Entry(262, SHORT, 1, 5)],
        [Entry(262, SHORT, 1, 32844)],
        [Entry(258, SHORT, 1, 16), Entry(259, SHORT, 1, 7)],
    ],
    ids=["2 bits", "4 gray bits", "0", "5", "65535", "void", "8-bit float", "deep CMYK", "LogL", "deep JPEG"],
)
def test_pixels_that_are_not_decoded_are_other_types(changes: list[Entry]) -> None:
    """What OpenCV fails on is said to be so at once."""
    refusal(changed(*changes), UnsupportedType)


def test_deep_pixels_in_planes_are_another_type() -> None:
    """OpenCV 5 fills all planes but the first from uninitialised memory."""
    deep, planar = Entry(258, SHORT, 3, le16(16) * 3), Entry(284, SHORT, 1, 2)
    assert inspect(changed(deep, Entry(279, LONG, 1, 1536), base=RGB)).width == 16
    refusal(changed(deep, planar, base=RGB), UnsupportedType)


def test_samples_of_different_depths_are_another_type() -> None:
    """All channels have the same number of bits."""
    refusal(changed(Entry(258, SHORT, 3, le16(8) + le16(8) + le16(16)), base=RGB), UnsupportedType)


def test_one_depth_may_stand_for_all_samples() -> None:
    """Some writers give it once."""
    assert inspect(changed(Entry(258, SHORT, 1, 8), base=RGB)).width == 16


@pytest.mark.parametrize("tag", [256, 257, 262, 273, 279])
def test_necessary_fields_are_there(tag: int) -> None:
    """Nothing is guessed."""
    assert str(tag) in refusal(file([entry for entry in GRAY if entry.tag != tag], bytes(256)), DamagedFile)


def test_a_field_given_twice_is_refused() -> None:
    """Readers differ in which of two sizes they believe."""
    refusal(file([*GRAY, Entry(256, LONG, 1, 20000)], bytes(256)), DamagedFile)


@pytest.mark.parametrize("following", [8, 0xFFFFFFF0, 9])
def test_a_next_page_is_a_new_one_in_the_file(following: int) -> None:
    """Not the same again, not beyond the end, not in the middle of something."""
    refusal(picture(16, 16, bytes(256), samples=1, following=following), DamagedFile)


def test_no_page_is_no_image() -> None:
    """An empty list of pages is not an image."""
    refusal(b"II*\0" + bytes(100), DamagedFile)


@pytest.mark.parametrize(
    "changes",
    [
        [Entry(279, LONG, 1, 0xFFFFFFFF)],
        [Entry(273, LONG, 1, 0xFFFFFFFF)],
        [Entry(279, LONG, 1, 0)],
        [Entry(279, LONG, 1, 255)],
        [Entry(279, LONG, 2, le32(128) * 2)],
        [Entry(278, LONG, 1, 8)],
        [Entry(279, 5, 1, bytes(8))],
        [Entry(270, 2, 0xFFFFFFFF, 8)],
    ],
    ids=["count", "offset", "empty", "too little", "too many", "too few", "no number", "text outside"],
)
def test_strips_are_in_the_file_and_enough(changes: list[Entry]) -> None:
    """As many as the page needs, inside the file, with data in them."""
    refusal(changed(*changes, data=bytes(256)), DamagedFile)


def test_rows_beyond_the_page_count_for_the_buffer_they_make() -> None:
    """A decoder allocates by the rows of a strip, not by those that there are."""
    assert inspect(changed(Entry(278, LONG, 1, 0xFFFFFFFF))).width == 16
    assert inspect(changed(Entry(278, LONG, 1, 100))).width == 16
    refusal(changed(Entry(278, LONG, 1, 1 << 24)), ImageTooLarge)
    refusal(changed(Entry(278, LONG, 1, 0)), DamagedFile)


def test_tiles_are_limited_and_sixteens() -> None:
    """A small page in one huge tile takes the memory of the tile."""
    data = zlib.compress(bytes(64 * 64))
    assert inspect(file(tiled_entries(64, 64, 64, len(data)), data)).width == 64
    refusal(file(tiled_entries(64, 64, 32768, 64), bytes(64)), ImageTooLarge)
    refusal(file(tiled_entries(64, 64, 72, len(data)), data), DamagedFile)
    refusal(file(tiled_entries(64, 64, 0, len(data)), data), DamagedFile)


def test_strips_and_tiles_are_one_too_many() -> None:
    """A page that is in both has two answers to where it is."""
    tiles = [Entry(322, LONG, 1, 16), Entry(323, LONG, 1, 16), Entry(324, LONG, 1, 8), Entry(325, LONG, 1, 8)]
    refusal(changed(*tiles), DamagedFile)


def test_a_claim_needs_data_behind_it() -> None:
    """Each compression has a most that it can make of a byte."""
    small = zlib.compress(bytes(64))
    refusal(picture(5000, 5000, small, compression=8, samples=1), DamagedFile)
    refusal(picture(5000, 5000, bytes(64), compression=32773, samples=1), DamagedFile)


def test_the_jpeg_in_a_strip_is_as_large_as_the_strip() -> None:
    """A decoder makes its buffers by the JPEG's own size."""
    fitting = jpeg.picture(64, 64, 3, blocks=192)
    assert inspect(picture(64, 64, fitting, compression=7)).width == 64
    for width, height in ((64, 65), (65, 64), (63, 64)):
        lying = jpeg.picture(width, height, 3, blocks=300)
        assert "JPEG" in refusal(picture(64, 64, lying, compression=7), DamagedFile)
    refusal(picture(7000, 7000, jpeg.picture(7000, 65500, 3), compression=7), ImageTooLarge)
    refusal(picture(64, 64, bytes(100), compression=7), DamagedFile)


def test_the_jpeg_in_a_strip_has_few_scans() -> None:
    """What is refused as a file is refused in a strip."""
    busy = jpeg.picture(64, 64, 3, blocks=192, progressive=True, scans=101)
    refusal(picture(64, 64, busy, compression=7), ImageTooComplex)


def test_the_jpegs_of_several_strips_do_not_overlap() -> None:
    """Else each would be read again for every strip."""
    strip = jpeg.picture(16, 16, blocks=4)
    base = picture_entries(16, 160, compression=7, samples=1, rows=16, count=1)
    places = [Entry(273, LONG, 10, le32(300) * 10), Entry(279, LONG, 10, le32(len(strip)) * 10)]
    refusal(changed(*places, base=base, data=bytes(98) + strip), ImageTooComplex)


def test_metadata_and_fields_are_limited() -> None:
    """Everything that is not picture counts."""
    data = changed(Entry(700, 1, 1500, bytes(1500)))
    assert inspect(data).width == 16
    refusal(data, ImageTooComplex, Limits(metadata_bytes=1000))
    refusal(b"II*\0" + le32(8) + le16(65535) + bytes(12 * 65535), ImageTooComplex)


def test_unknown_kinds_of_fields_are_skipped() -> None:
    """The specification wants it so."""
    assert inspect(changed(Entry(60000, 99, 0xFFFFFFFF, 8))).width == 16
