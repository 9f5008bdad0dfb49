"""JPEG at the gate."""

import pytest

from domain.errors import DamagedFile, ImageTooComplex, ImageTooLarge, UnsupportedType
from domain.header import ImageHeader, MediaType
from infrastructure.gate import Limits, inspect, jpeg
from tests.infrastructure.gate.refusal import refusal
from tests.nasty import exif
from tests.nasty.jpeg import EOI, ONE_BIT_CODES, frame, picture, scan, segment, with_exif, with_segments

FLAT = picture(16, 16, blocks=4)
START = b"\xff\xd8"
DATA = ONE_BIT_CODES + scan(1, 0, 63) + b"\0"


@pytest.mark.parametrize("name", ["rgb.jpg", "prog.jpg", "cmyk.jpg", "gray.jpg"])
def test_ordinary_jpegs_are_accepted(base: dict[str, bytes], name: str) -> None:
    """Baseline and progressive, gray, colour and CMYK."""
    assert inspect(base[name]) == ImageHeader(MediaType.JPEG, 160, 120)


@pytest.mark.parametrize("marker", [0xC0, 0xC1, 0xC2])
def test_the_huffman_coded_processes_are_accepted(marker: int) -> None:
    """Baseline, extended sequential and progressive frames of eight bits."""
    data = START + frame(marker, 8, 8, 1) + DATA + EOI
    assert inspect(data).width == 8


@pytest.mark.parametrize("marker", sorted(jpeg.FOREIGN))
def test_the_other_processes_are_not(marker: int) -> None:
    """Lossless, hierarchical and arithmetic JPEGs are other types that share the first bytes."""
    refusal(START + frame(marker, 8, 8, 1) + DATA + EOI, UnsupportedType)


def test_twelve_bits_are_another_type() -> None:
    """Only eight bits per sample are decoded."""
    header = bytearray(frame(0xC1, 8, 8, 1))
    header[4] = 12
    assert "12 bits" in refusal(START + header + DATA + EOI, UnsupportedType)


@pytest.mark.parametrize("count", [0, 2, 5])
def test_a_strange_number_of_components_is_another_type(count: int) -> None:
    """Gray, colour and CMYK have one, three and four."""
    refusal(START + frame(0xC0, 8, 8, count) + DATA + EOI, UnsupportedType)


def test_a_second_frame_header_is_refused() -> None:
    """Readers differ in which of two sizes they believe."""
    assert "two frame headers" in refusal(picture(16, 16, second=(8, 8)), DamagedFile)


def test_the_size_in_a_second_frame_header_is_looked_at_too() -> None:
    """If either is too large, that is what the message says."""
    refusal(picture(16, 16, second=(30000, 30000)), ImageTooLarge)


def test_a_height_that_comes_later_is_refused() -> None:
    """A frame without a height would have it after the picture, in a DNL marker."""
    refusal(picture(16, 0), DamagedFile)
    refusal(START + segment(0xDC, b"\0\x10") + FLAT[2:], DamagedFile)


def test_a_jpeg_without_an_end_is_refused(base: dict[str, bytes]) -> None:
    """Without its end marker a JPEG was cut short."""
    assert "cut short" in refusal(base["rgb.jpg"][:-2], DamagedFile)


def test_a_jpeg_without_a_picture_is_refused() -> None:
    """A start and an end do not make an image."""
    refusal(START + EOI + bytes(20), DamagedFile)
    refusal(START + frame(0xC0, 8, 8, 1) + EOI, DamagedFile)


def test_what_follows_the_end_is_nobodys_business(base: dict[str, bytes]) -> None:
    """Cameras and archives append things; renditions never carry them."""
    assert inspect(base["rgb.jpg"] + b"PK\3\4 and so on").width == 160


@pytest.mark.parametrize("progressive", [False, True])
def test_a_claim_needs_data_behind_it(progressive: bool) -> None:
    """Every block takes two bits at least, one in a progressive first pass."""
    blocks = (4000 // 8) ** 2
    assert inspect(picture(4000, 4000, blocks=blocks, progressive=progressive)).width == 4000
    short = picture(4000, 4000, blocks=blocks - 16, progressive=progressive)
    assert "take at least" in refusal(short, DamagedFile)


def test_coarser_components_need_less_data() -> None:
    """Colour sampled by halves has a quarter of the blocks."""
    size = jpeg.Frame(False, 64, 32, (jpeg.Component(2, 2), jpeg.Component(1, 1), jpeg.Component(1, 1)))
    assert [size.blocks(component) for component in size.components] == [32, 8, 8]
    assert size.least_bytes == 12


def test_scans_are_limited() -> None:
    """Each pass over the picture costs time by the size of the picture."""
    assert inspect(picture(16, 16, blocks=4, progressive=True, scans=100)).width == 16
    message = refusal(picture(16, 16, blocks=4, progressive=True, scans=101), ImageTooComplex)
    assert "100 scans" in message


def test_segments_are_limited() -> None:
    """A file of nothing but headers is refused on the way."""
    refusal(with_segments(FLAT, segment(0xE5, b"") * 30000), ImageTooComplex)


def test_metadata_is_limited() -> None:
    """Profiles and comments count together."""
    stuffed = with_segments(FLAT, segment(0xE2, bytes(6000)), segment(0xFE, bytes(6000)))
    assert inspect(stuffed).width == 16
    assert "metadata" in refusal(stuffed, ImageTooComplex, Limits(metadata_bytes=10_000))


def test_stray_bytes_between_segments_are_refused() -> None:
    """Some decoders skip them, some do not: what comes next would be anybody's guess."""
    refusal(with_segments(FLAT, segment(0xE0, b""), b"\0"), DamagedFile)


def test_fill_bytes_before_a_marker_are_accepted() -> None:
    """T.81 allows any number of FF before a marker."""
    assert inspect(with_segments(FLAT, b"\xff" * 100)).width == 16


def test_fill_bytes_without_end_are_refused() -> None:
    """Nobody pads by a quarter of a megabyte."""
    refusal(with_segments(FLAT, b"\xff" * 2 * jpeg.WINDOW), DamagedFile)


@pytest.mark.parametrize("length", [b"\0\0", b"\0\1"])
def test_a_segment_cannot_be_shorter_than_its_length(length: bytes) -> None:
    """Else the next one would begin in the middle of it, or it would never end."""
    refusal(with_segments(FLAT, b"\xff\xe0" + length), DamagedFile)


def test_a_segment_cannot_be_longer_than_the_file() -> None:
    """A length is not believed before the bytes are there."""
    assert "cut short" in refusal(START + b"\xff\xe0\xff\xff" + bytes(100), DamagedFile)


@pytest.mark.parametrize(
    "broken",
    [
        scan(1, 0, 63) + FLAT,
        segment(0xC0, bytes([8, 0, 8, 0, 8, 1, 1, 0x11, 0, 0])),
        segment(0xC0, bytes([8, 0, 8, 0, 8, 1, 1, 0x51, 0])),
        frame(0xC0, 8, 8, 1) + segment(0xDA, bytes([2, 1, 0, 0, 63, 0])),
        segment(0x02, b""),
        START,
    ],
    ids=["scan before frame", "frame length", "sampling", "scan length", "reserved marker", "second start"],
)
def test_impossible_headers_are_refused(broken: bytes) -> None:
    """Headers that contradict themselves, or come in no order."""
    refusal(START + broken + FLAT[2:], DamagedFile)


@pytest.mark.parametrize("before", [0, 1, 2, 3])
def test_the_end_is_found_across_the_edge_of_a_window(before: int) -> None:
    """A marker that lies across two searches is found by one of them."""
    filling = b"\xff\0" + b"\xff\xd0" + bytes(jpeg.WINDOW - 4 - before)
    data = FLAT[:-3] + filling + EOI
    assert inspect(data).width == 16
    refusal(data[:-1], DamagedFile)


def test_a_thumbnail_in_the_metadata_is_not_the_picture() -> None:
    """A whole JPEG inside a segment is not looked at."""
    assert inspect(with_segments(FLAT, segment(0xE1, b"Exif\0\0" + picture(9, 9, blocks=4)))).width == 16


def test_the_first_exif_counts() -> None:
    """A second one, or one after the picture has begun, does not."""
    twice = with_exif(with_exif(FLAT, exif.located(orientation=3)), exif.located(orientation=6))
    assert inspect(twice).orientation == 6
    late = FLAT[:-2] + segment(0xE1, b"Exif\0\0" + exif.located(orientation=6)) + EOI
    assert inspect(late).orientation == 1
