"""WebP at the gate."""

import pytest

from domain.errors import DamagedFile, ImageTooComplex, ImageTooLarge, UnsupportedType
from domain.header import ImageHeader, MediaType
from infrastructure.gate import Limits, inspect
from tests.infrastructure.gate.refusal import refusal
from tests.nasty.packing import le32
from tests.nasty.webp import animation, chunk, extended, flat, frame, header, lossless, riff

PICTURE = chunk(b"VP8L", lossless(16, 16))


@pytest.mark.parametrize("name", ["lossy.webp", "lossless.webp"])
def test_ordinary_webps_are_accepted(base: dict[str, bytes], name: str) -> None:
    """Lossy and lossless, with and without the extended header."""
    assert inspect(base[name]) == ImageHeader(MediaType.WEBP, 160, 120)


def test_an_animation_has_its_frames_counted(base: dict[str, bytes]) -> None:
    """Each ANMF is a frame."""
    assert inspect(base["anim.webp"]) == ImageHeader(MediaType.WEBP, 160, 120, frames=3)


def test_frames_times_canvas_are_limited() -> None:
    """Every frame is decoded onto the whole canvas, however small it is."""
    data = animation((1000, 1000), frame(16, 16) * 5)
    assert inspect(data).frames == 5
    refusal(data, ImageTooLarge, Limits(total_pixels=4_000_000))


@pytest.mark.parametrize("canvas", [(17, 16), (16, 17), (1, 1)])
def test_the_canvas_is_the_picture(canvas: tuple[int, int]) -> None:
    """The extended header and the picture must agree on the size."""
    assert "16 x 16" in refusal(extended(canvas, (16, 16)), DamagedFile)


def test_a_picture_too_large_for_its_header_is_too_large() -> None:
    """The size that a decoder would meet is looked at first."""
    refusal(extended((1, 1), (16383, 16383)), ImageTooLarge)


@pytest.mark.parametrize(
    "place", [frame(17, 16), frame(16, 16, left=2), frame(16, 16, top=2)], ids=["wide", "left", "top"]
)
def test_frames_lie_inside_the_canvas(place: bytes) -> None:
    """A frame that sticks out is refused."""
    assert "outside" in refusal(animation((16, 16), place), DamagedFile)


def test_a_frame_is_its_picture() -> None:
    """The frame's header and the picture in it must agree on the size."""
    lying = frame(16, 16).replace(lossless(16, 16), lossless(15, 16))
    refusal(animation((16, 16), lying), DamagedFile)


@pytest.mark.parametrize(
    "data",
    [
        riff(PICTURE * 2),
        riff(PICTURE + header(16, 16, flags=0)),
        extended((16, 16), (16, 16), header(16, 16, flags=0)),
        extended((16, 16), (16, 16), frame(16, 16)),
        animation((16, 16), PICTURE),
        animation((16, 16), b""),
        animation((16, 16), chunk(b"ANMF", bytes(15))),
        animation((16, 16), chunk(b"ANMF", bytes(16))),
        riff(header(16, 16, flags=0)),
        riff(chunk(b"EXIF", bytes(20))),
        riff(chunk(b"VP8X", bytes(9)) + PICTURE),
        riff(b""),
    ],
    ids=[
        "two pictures",
        "late header",
        "two headers",
        "frames in a still",
        "picture beside frames",
        "no frame",
        "short frame",
        "empty frame",
        "header only",
        "metadata only",
        "short header",
        "nothing",
    ],
)
def test_containers_that_contradict_themselves_are_refused(data: bytes) -> None:
    """One header, one picture or frames, and some of them."""
    refusal(data, DamagedFile)


def test_a_riff_longer_than_the_file_is_refused() -> None:
    """The size at the start tells of a cut."""
    assert "cut short" in refusal(flat(16, 16)[:-1], DamagedFile)


def test_what_follows_the_riff_is_nobodys_business() -> None:
    """A decoder stops where the size at the start says."""
    assert inspect(flat(16, 16) + b"anything").width == 16


def test_a_chunk_cannot_be_longer_than_its_riff() -> None:
    """A length of four gigabytes is not believed."""
    refusal(riff(b"VP8L" + le32(0xFFFFFFE0) + lossless(16, 16)), DamagedFile)


@pytest.mark.parametrize(
    "start",
    [b"\x11\x02\0\x9d\x01\x2a", b"\x10\x02\0\x9d\x01\x2b", b"\xf0\xff\xff\x9d\x01\x2a"],
    ids=["no key frame", "no start code", "partition outside"],
)
def test_lossy_pictures_begin_with_a_key_frame(start: bytes) -> None:
    """There is nothing before it that it could be a change of."""
    refusal(riff(chunk(b"VP8 ", start + b"\x10\0\x10\0" + bytes(32))), DamagedFile)


def test_lossless_pictures_begin_with_their_signature() -> None:
    """Another first byte is another thing, another version another time's."""
    refusal(riff(chunk(b"VP8L", b"\0" + lossless(16, 16)[1:])), DamagedFile)
    later = bytearray(lossless(16, 16))
    later[4] |= 0x20
    refusal(riff(chunk(b"VP8L", bytes(later))), UnsupportedType)


def test_chunks_and_metadata_are_limited() -> None:
    """Both are counted over the file."""
    refusal(extended((16, 16), (16, 16), chunk(b"JUNK", b"") * 30000), ImageTooComplex)
    data = extended((16, 16), (16, 16), chunk(b"XMP ", bytes(1001)))
    assert inspect(data).width == 16
    refusal(data, ImageTooComplex, Limits(metadata_bytes=1000))
