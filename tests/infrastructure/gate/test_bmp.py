"""BMP at the gate."""

import pytest

from domain.errors import DamagedFile, ImageTooLarge, UnsupportedType
from domain.header import ImageHeader, MediaType
from infrastructure.gate import inspect
from tests.infrastructure.gate.refusal import refusal
from tests.nasty.bmp import picture
from tests.nasty.packing import le16, le32

PLAIN = picture(4, 4, bytes(48))


@pytest.mark.parametrize("name", ["rgb.bmp", "pal.bmp"])
def test_ordinary_bmps_are_accepted(base: dict[str, bytes], name: str) -> None:
    """With and without a palette."""
    assert inspect(base[name]) == ImageHeader(MediaType.BMP, 160, 120)


def test_a_negative_height_is_rows_from_the_top() -> None:
    """The sign is a direction."""
    assert inspect(picture(4, -4, bytes(48))).height == 4


def test_the_oldest_header_is_accepted() -> None:
    """Sixteen bits for each side, three bytes for each colour."""
    start = b"BM" + bytes(8) + le32(26) + le32(12)
    assert inspect(start + le16(4) + le16(4) + le16(1) + le16(24) + bytes(48)).width == 4
    refusal(start + le16(4) + le16(4) + le16(1) + le16(8) + bytes(700), DamagedFile)


@pytest.mark.parametrize("compression", [1, 2])
def test_run_lengths_are_accepted(compression: int) -> None:
    """Their data may be as short as a mark of the end."""
    bits = 8 if compression == 1 else 4
    palette = bytes(4 << bits)
    assert inspect(picture(9, 9, b"\0\1", bits=bits, compression=compression, palette=palette)).width == 9
    refusal(picture(9, 9, b"", bits=bits, compression=compression, palette=palette), DamagedFile)


@pytest.mark.parametrize(
    ("bits", "compression"), [(0, 0), (2, 0), (24, 1), (8, 2), (24, 4), (24, 5), (24, 3)]
)
def test_other_depths_and_compressions_are_other_types(bits: int, compression: int) -> None:
    """JPEG and PNG inside a BMP among them."""
    refusal(picture(4, 4, bytes(1000), bits=bits, compression=compression), UnsupportedType)


def test_sizes_are_limited() -> None:
    """The lowest number there is has no positive counterpart in 32 bits."""
    refusal(picture(30000, 30000, bytes(64)), ImageTooLarge)
    refusal(picture(1, -0x80000000, bytes(64)), ImageTooLarge)


@pytest.mark.parametrize(
    "data",
    [
        PLAIN[:-1],
        picture(-4, 4, bytes(48)),
        picture(0, 4, bytes(48)),
        PLAIN[:10] + le32(53) + PLAIN[14:],
        PLAIN[:10] + le32(0xFFFFFFFF) + PLAIN[14:],
        picture(4, 4, bytes(20), bits=8, palette=bytes(4 * 257)),
        PLAIN[:20],
    ],
    ids=["cut", "negative width", "no width", "rows in header", "rows outside", "palette", "short"],
)
def test_impossible_bitmaps_are_refused(data: bytes) -> None:
    """All rows are in the file, and behind the header."""
    refusal(data, DamagedFile)


def test_unknown_headers_are_refused() -> None:
    """Lengths between those in use belong to nothing."""
    refusal(PLAIN[:14] + le32(13) + PLAIN[18:], UnsupportedType)
