"""The colour space of a picture is found in every container, without decoding it."""

from __future__ import annotations

import random
import struct
import zlib

import pytest

from domain.header import MediaType
from infrastructure.pixels.embedded import coded, profile_in
from infrastructure.pixels.icc import ColorSpace
from tests.infrastructure.pixels import profiles
from tests.infrastructure.pixels.files import FORMATS, picture, to_pil, written
from tests.nasty.avif import Tile, box, grid, single
from tests.nasty.png import chunk, with_chunks

BEARERS = [MediaType.JPEG, MediaType.PNG, MediaType.WEBP, MediaType.AVIF, MediaType.TIFF]


def bearing(media_type: MediaType, icc: bytes | None = None, **options: object) -> bytes:
    more = {} if icc is None else {"icc_profile": icc}
    return written(to_pil(picture()), media_type, **more, **options)


@pytest.fixture(scope="module")
def tile() -> Tile:
    return Tile.of(bearing(MediaType.AVIF))


def space_of(content: bytes, media_type: MediaType) -> ColorSpace | None:
    found = profile_in(content, media_type)
    return None if found is None else found.space


@pytest.mark.parametrize("media_type", BEARERS)
def test_a_profile_is_found(media_type: MediaType) -> None:
    """Wherever a format keeps it."""
    assert space_of(bearing(media_type, profiles.P3), media_type) is ColorSpace.DISPLAY_P3
    assert space_of(bearing(media_type, profiles.ADOBE), media_type) is ColorSpace.ADOBE_RGB
    found = profile_in(bearing(media_type, profiles.FOREIGN), media_type)
    assert found is not None
    assert (found.space, found.description) == (ColorSpace.UNKNOWN, "ProPhoto RGB")


@pytest.mark.parametrize("media_type", FORMATS)
def test_without_a_profile_nothing_is_said(media_type: MediaType) -> None:
    """Except in AVIF, where numbers always say something."""
    expected = ColorSpace.SRGB if media_type is MediaType.AVIF else None
    assert space_of(bearing(media_type), media_type) is expected


def test_a_profile_in_pieces_is_put_together() -> None:
    """JPEG has 64 KiB for a segment; the pieces are numbered, in whatever order they come."""
    large = profiles.profile(
        {**elements(profiles.P3), b"desc": profiles.localized("P3"), b"fill": bytes(150_000)}
    )
    whole = bearing(MediaType.JPEG, large)
    assert space_of(whole, MediaType.JPEG) is ColorSpace.DISPLAY_P3
    plain = bearing(MediaType.JPEG)
    head, tail = profiles.P3[:300], profiles.P3[300:]
    pieces = segment(2, 2, tail) + segment(1, 2, head)
    assert space_of(plain[:2] + pieces + plain[2:], MediaType.JPEG) is ColorSpace.DISPLAY_P3
    assert space_of(plain[:2] + segment(2, 2, tail) + plain[2:], MediaType.JPEG) is ColorSpace.UNKNOWN


def elements(icc: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", icc, 128)
    entries = [struct.unpack_from(">4sII", icc, 132 + 12 * n) for n in range(count)]
    return {signature: icc[start : start + size] for signature, start, size in entries}


def segment(number: int, count: int, data: bytes) -> bytes:
    content = b"ICC_PROFILE\0" + bytes([number, count]) + data
    return b"\xff\xe2" + struct.pack(">H", 2 + len(content)) + content


def test_png_has_an_order_of_what_counts() -> None:
    """Numbers before a profile, and that before the mark of sRGB (PNG, third edition, 4.3)."""
    plain = bearing(MediaType.PNG)
    icc = chunk(b"iCCP", b"name\0\0" + zlib.compress(profiles.ADOBE))
    numbers, mark = chunk(b"cICP", bytes([12, 13, 0, 1])), chunk(b"sRGB", b"\0")
    assert space_of(with_chunks(plain, mark), MediaType.PNG) is ColorSpace.SRGB
    assert space_of(with_chunks(plain, mark, icc), MediaType.PNG) is ColorSpace.ADOBE_RGB
    assert space_of(with_chunks(plain, mark, icc, numbers), MediaType.PNG) is ColorSpace.DISPLAY_P3
    assert space_of(with_chunks(plain, chunk(b"iCCP", b"name\0\0no deflate")), MediaType.PNG) is (
        ColorSpace.UNKNOWN
    )


def test_a_profile_that_inflates_without_end_is_cut() -> None:
    """After four mebibytes, and what is left of it is read as far as it goes."""
    bomb = zlib.compress(profiles.P3 + bytes(100_000_000), 9)
    content = with_chunks(bearing(MediaType.PNG), chunk(b"iCCP", b"name\0\0" + bomb))
    assert space_of(content, MediaType.PNG) is ColorSpace.DISPLAY_P3


def color_box(primaries: int, transfer: int) -> bytes:
    return box(b"colr", b"nclx" + struct.pack(">HHHB", primaries, transfer, 6, 0x80))


def test_avif_says_it_in_numbers_or_by_a_profile(tile: Tile) -> None:
    """A profile counts, in whatever order they come."""
    icc = box(b"colr", b"prof" + profiles.ADOBE)
    assert space_of(single(tile, (60, 40), color_box(12, 13)), MediaType.AVIF) is ColorSpace.DISPLAY_P3
    assert space_of(single(tile, (60, 40), color_box(9, 16)), MediaType.AVIF) is ColorSpace.UNKNOWN
    for both in ((icc, color_box(12, 13)), (color_box(12, 13), icc)):
        assert space_of(single(tile, (60, 40), *both), MediaType.AVIF) is ColorSpace.ADOBE_RGB


def test_of_a_grid_without_colors_its_tiles_tell(tile: Tile) -> None:
    """Of an animation, its track."""
    described = Tile(tile.payload, tile.configuration, color_box(12, 13))
    assert space_of(grid(described, (60, 40), 2, 2), MediaType.AVIF) is ColorSpace.DISPLAY_P3
    moving = bearing(MediaType.AVIF, profiles.P3, save_all=True, append_images=[to_pil(picture()[::-1])])
    assert space_of(moving, MediaType.AVIF) is ColorSpace.DISPLAY_P3


@pytest.mark.parametrize(
    ("primaries", "transfer", "space"),
    [
        (1, 13, ColorSpace.SRGB),
        (1, 1, ColorSpace.SRGB),
        (2, 2, ColorSpace.SRGB),
        (12, 13, ColorSpace.DISPLAY_P3),
        (1, 8, ColorSpace.UNKNOWN),
        (9, 16, ColorSpace.UNKNOWN),
        (11, 13, ColorSpace.UNKNOWN),
    ],
)
def test_numbers_name_a_space(primaries: int, transfer: int, space: ColorSpace) -> None:
    """Rec. ITU-T H.273; linear light, wide gamut and high range are not converted."""
    assert coded(primaries, transfer).space is space


@pytest.mark.parametrize("media_type", FORMATS)
def test_a_damaged_file_is_no_error(media_type: MediaType) -> None:
    """Cut anywhere, with any bytes changed, or of another kind than was said."""
    icc = profiles.P3 if media_type in BEARERS else None
    content = bearing(media_type, icc)
    chance = random.Random(1)
    for _ in range(400):
        changed = bytearray(content[: chance.randint(0, 2000)])
        for _ in range(chance.randint(0, 6)):
            if changed:
                changed[chance.randrange(len(changed))] = chance.randrange(256)
        for kind in (media_type, MediaType.JPEG):
            profile_in(bytes(changed), kind)
