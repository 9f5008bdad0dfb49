"""GIF at the gate."""

import pytest

from domain.errors import DamagedFile, ImageTooComplex, ImageTooLarge
from domain.header import ImageHeader, MediaType
from infrastructure.gate import Limits, inspect
from infrastructure.gate.limits import Tally
from infrastructure.gate.lzw import Resets, after_reset
from tests.infrastructure.gate.refusal import refusal
from tests.nasty.gif import CLEAR, END, SMALLEST, TRAILER, flat_codes, image, picture
from tests.nasty.packing import Bits, le16

PLAIN = picture((16, 16), (16, 16))


def test_ordinary_gifs_are_accepted(base: dict[str, bytes]) -> None:
    """A still one, and one that moves."""
    assert inspect(base["still.gif"]) == ImageHeader(MediaType.GIF, 160, 120)
    assert inspect(base["anim.gif"]) == ImageHeader(MediaType.GIF, 160, 120, frames=3)


def test_frames_times_screen_are_limited() -> None:
    """Every frame is decoded onto the whole screen, however small it is."""
    data = picture((1000, 1000), frames=5)
    assert inspect(data).frames == 5
    refusal(data, ImageTooLarge, Limits(total_pixels=4_000_000))
    refusal(data, ImageTooLarge, Limits(frames=4))


def test_a_frame_that_enlarges_the_screen_counts_as_large_as_it_makes_it() -> None:
    """Some decoders allocate the larger of the two."""
    refusal(picture((1, 1), (65535, 65535), codes=flat_codes(64)), ImageTooLarge)


def test_a_frame_outside_the_screen_is_refused() -> None:
    """OpenCV does not decode it either."""
    assert "outside" in refusal(picture((16, 16), (17, 16)), DamagedFile)


def test_a_later_frame_is_looked_at_too() -> None:
    """The first frame is not the only one that takes memory."""
    data = PLAIN[:-1] + image(60000, 60000, flat_codes(64)) + TRAILER
    refusal(data, ImageTooLarge)


def test_a_gif_without_a_trailer_is_refused() -> None:
    """Without its last byte a GIF was cut short."""
    assert "cut short" in refusal(PLAIN[:-1], DamagedFile)
    assert inspect(PLAIN + b"anything").width == 16


@pytest.mark.parametrize(
    "data",
    [
        picture((16, 16), frames=0),
        picture((0, 16)),
        picture((16, 16), (0, 1)),
        PLAIN[:-1] + b"\0" + TRAILER,
        PLAIN[:11] + b"\2" + PLAIN[12:],
        PLAIN.replace(b"\x21\xf9\x04", b"\x21\xf9\x03"),
        PLAIN[:-1] + b"\x2c" + le16(0) * 2 + le16(1) * 2 + b"\0\1\0" + TRAILER,
        PLAIN[:-1] + b"\x2c" + le16(0) * 2 + le16(1) * 2 + b"\0\x09\0" + TRAILER,
    ],
    ids=["no frame", "no screen", "no pixels", "stray byte", "background", "control", "1 bit", "9 bits"],
)
def test_impossible_blocks_are_refused(data: bytes) -> None:
    """What no encoder writes and OpenCV does not decode."""
    refusal(data, DamagedFile)


def test_comments_are_metadata() -> None:
    """Everything that is not picture counts."""
    data = picture((16, 16), comment=bytes(2000))
    assert inspect(data).width == 16
    refusal(data, ImageTooComplex, Limits(metadata_bytes=1000))


def test_small_pieces_are_parts() -> None:
    """A gigabyte of one-byte pieces would take long to walk."""
    crumbs = PLAIN[:-1] + b"\x21\xfe" + b"\1x" * 30000 + b"\0" + TRAILER
    refusal(crumbs, ImageTooComplex)


def test_codes_that_start_over_without_end_are_refused() -> None:
    """Each clear code costs a decoder a new table; three bits are enough for one."""
    clears = Bits()
    for _ in range(30_000):
        clears.put(CLEAR, SMALLEST + 1)
    refusal(picture((16, 16), (16, 16), codes=clears.bytes()), ImageTooComplex)


@pytest.mark.parametrize("smallest", range(2, 9))
@pytest.mark.parametrize("reset", [0, 1], ids=["clear", "end"])
@pytest.mark.parametrize("before", [0, 1, 2, 3, 100, 255, 2000, 4000, 6000])
def test_a_reset_is_found_where_it_is(smallest: int, reset: int, before: int) -> None:
    """After any number of codes, which grow wider as the table does, up to twelve bits."""
    bits, width, entries = Bits(), smallest + 1, (1 << smallest) + 1
    for _ in range(before):
        bits.put(0, width)
        entries += 1
        if entries == 1 << width and width < 12:
            width += 1
    bits.put((1 << smallest) + reset, width)
    end = bits.count
    assert after_reset(bits.put(0, 16).bytes(), smallest, 0) == end
    assert after_reset(bits.bytes(), smallest, end) is None


def test_no_reset_is_found_where_none_is() -> None:
    """Codes that differ from a reset in one bit are none."""
    bits = Bits()
    for code in (0, 1, 2, 3, END + 1, END + 2):
        bits.put(code, 3)
    assert after_reset(bits.bytes(), 2, 0) is None
    assert after_reset(b"", 2, 0) is None


def test_honest_encoders_reset_seldom(base: dict[str, bytes]) -> None:
    """Once per table, as this picture has it."""
    tally = Tally(Limits(parts=0))
    resets = Resets(tally)
    codes = flat_codes(4_000_000)
    resets.left = 4
    resets.add(codes, SMALLEST)
    assert resets.left >= 0
    assert inspect(base["anim.gif"]).frames == 3
