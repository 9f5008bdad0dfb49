"""PNG and APNG at the gate."""

import os
import zlib

import pytest

from domain.errors import DamagedFile, ImageTooComplex, ImageTooLarge
from domain.header import ImageHeader, MediaType
from infrastructure.gate import Limits, inspect
from tests.infrastructure.gate.refusal import refusal
from tests.nasty.packing import be32, deflated_zeros
from tests.nasty.png import END, SIGNATURE, animation, chunk, frame_control, header, picture, with_chunks

BLACK = picture(16, 16)
PIXELS = chunk(b"IDAT", zlib.compress(bytes(784)))
ANNOUNCED = chunk(b"acTL", be32(1) + be32(0))


@pytest.mark.parametrize("name", ["rgb.png", "rgba.png", "pal.png", "gray16.png", "one.png"])
def test_ordinary_pngs_are_accepted(base: dict[str, bytes], name: str) -> None:
    """All colour types that writers use."""
    assert inspect(base[name]) == ImageHeader(MediaType.PNG, 160, 120)


def test_an_animation_has_its_frames_counted() -> None:
    """Each frame control is a frame."""
    assert inspect(animation(32, 32, 7)) == ImageHeader(MediaType.PNG, 32, 32, frames=7)


def test_frames_times_canvas_are_limited() -> None:
    """Every frame is decoded onto the whole canvas, however small it is."""
    refusal(animation(32, 32, 7), ImageTooLarge, Limits(total_pixels=6 * 32 * 32))
    refusal(animation(32, 32, 7), ImageTooLarge, Limits(frames=6))


@pytest.mark.parametrize(
    "fields", [(3, 2), (8, 1), (16, 3), (8, 7)], ids=["3 bits", "colour 1", "deep palette", "colour 7"]
)
def test_impossible_colours_are_refused(fields: tuple[int, int]) -> None:
    """Only some depths go with each colour type."""
    refusal(SIGNATURE + header(16, 16, depth=fields[0], color=fields[1]) + PIXELS + END, DamagedFile)


@pytest.mark.parametrize("method", [b"\1\0\0", b"\0\1\0", b"\0\0\2"], ids=["packing", "filter", "interlace"])
def test_methods_that_png_does_not_have_are_refused(method: bytes) -> None:
    """There is one of each, and two ways to interlace."""
    fields = be32(16) + be32(16) + b"\x08\2" + method
    refusal(SIGNATURE + chunk(b"IHDR", fields) + PIXELS + END, DamagedFile)


def test_a_header_with_a_wrong_checksum_is_refused() -> None:
    """The header's checksum is the one that is looked at."""
    broken = header(16, 16)[:-1] + b"\0"
    assert "checksum" in refusal(SIGNATURE + broken + PIXELS + END, DamagedFile)


def test_a_second_header_is_refused() -> None:
    """Readers differ in which of two sizes they believe."""
    assert "two headers" in refusal(with_chunks(BLACK, header(16, 16)), DamagedFile)


@pytest.mark.parametrize("first", [b"tEXt", b"CgBI", b"IDAT"])
def test_a_header_that_comes_late_is_refused(first: bytes) -> None:
    """A PNG begins with its header."""
    refusal(SIGNATURE + chunk(first, b"1234") + header(16, 16) + PIXELS + END, DamagedFile)


def test_a_png_without_an_end_is_refused() -> None:
    """Without its last chunk a PNG was cut short."""
    assert "cut short" in refusal(BLACK[: -len(END)], DamagedFile)
    assert inspect(BLACK + b"anything").width == 16


def test_a_claim_needs_data_behind_it() -> None:
    """Deflate makes a thousandth of something, not a millionth."""
    assert inspect(picture(5000, 5000)).width == 5000
    assert "too few" in refusal(picture(5000, 5000, data=zlib.compress(bytes(64))), DamagedFile)


def test_a_chunk_cannot_be_longer_than_the_file() -> None:
    """A length of two gigabytes is not believed."""
    assert "cut short" in refusal(with_chunks(BLACK, be32(0x7FFFFFF0) + b"tEXt"), DamagedFile)


def test_chunks_are_limited() -> None:
    """A file of nothing but small chunks is refused on the way."""
    refusal(with_chunks(BLACK, chunk(b"tEXt", b"k\0v") * 30000), ImageTooComplex)


def test_metadata_is_limited() -> None:
    """Everything that is not picture counts."""
    data = with_chunks(BLACK, chunk(b"tEXt", bytes(600)), chunk(b"eXIf", bytes(600)))
    assert inspect(data).width == 16
    refusal(data, ImageTooComplex, Limits(metadata_bytes=1000))


@pytest.mark.parametrize("kind", [b"iCCP", b"zTXt", b"iTXt"])
def test_texts_that_grow_are_limited_together(kind: bytes) -> None:
    """One bomb is harmless, as libpng gives up on it; hundreds of them take minutes."""
    start = b"x\0\1\0\0\0" if kind == b"iTXt" else b"x\0\0"
    bomb = chunk(kind, start + deflated_zeros(9 << 20))
    assert inspect(with_chunks(BLACK, bomb)).width == 16
    assert "grow" in refusal(with_chunks(BLACK, *[bomb] * 5), ImageTooComplex)


@pytest.mark.parametrize(
    "text",
    [
        chunk(b"zTXt", b"x" * 200),
        chunk(b"zTXt", b"x\0\0not deflate"),
        chunk(b"iTXt", b"x\0\1\0no end"),
        chunk(b"iTXt", b"x\0\0\0\0\0plain"),
        chunk(b"iTXt", b"x\0\1\0en\0\0" + zlib.compress(b"text") + bytes(70_000)),
        chunk(b"iCCP", b"name\0\0" + zlib.compress(os.urandom(200_000))),
    ],
    ids=["no keyword", "no deflate", "no NUL", "plain", "trailing", "large profile"],
)
def test_malformed_texts_are_no_reason(text: bytes) -> None:
    """Decoders skip them; they do not grow."""
    assert inspect(with_chunks(BLACK, text)).width == 16


@pytest.mark.parametrize(
    "chunks", [b"IDAT tEXt IDAT", b"IDAT PLTE", b"PLTE PLTE IDAT", b"acTL IDAT", b"ABCD IDAT"]
)
def test_chunks_out_of_order_are_refused(chunks: bytes) -> None:
    """Data is not interrupted, a palette comes once and before it, what is announced comes."""
    body = {b"IDAT": PIXELS, b"PLTE": chunk(b"PLTE", bytes(3)), b"acTL": ANNOUNCED}
    parts = [body.get(kind, chunk(kind, b"")) for kind in chunks.split()]
    refusal(SIGNATURE + header(16, 16) + b"".join(parts) + END, DamagedFile)


@pytest.mark.parametrize("size", [0, 2, 771])
def test_an_impossible_palette_is_refused(size: int) -> None:
    """One to 256 colours of three bytes."""
    refusal(SIGNATURE + header(16, 16, color=3) + chunk(b"PLTE", bytes(size)) + PIXELS + END, DamagedFile)


def test_a_missing_palette_is_refused() -> None:
    """Colours by number need one."""
    refusal(SIGNATURE + header(16, 16, color=3) + PIXELS + END, DamagedFile)


@pytest.mark.parametrize("kind", [b"acTL", b"fcTL", b"IHDR", b"IEND"])
def test_chunks_of_fixed_size_have_it(kind: bytes) -> None:
    """Decoders read them without another look at their length."""
    refusal(with_chunks(BLACK, chunk(kind, bytes(3))), DamagedFile)


@pytest.mark.parametrize("name", [b"ID\xffT", b"ID T", b"\0\0\0\0"])
def test_a_chunk_has_a_name_of_letters(name: bytes) -> None:
    """Anything else is not a chunk."""
    refusal(with_chunks(BLACK, chunk(name, b"")), DamagedFile)


@pytest.mark.parametrize(
    "control",
    [
        ANNOUNCED + frame_control(0, 17, 16),
        ANNOUNCED + frame_control(0, 16, 16, left=1),
        ANNOUNCED + frame_control(0, 16, 16, top=0xFFFFFFFF),
        ANNOUNCED + frame_control(0, 0, 16),
        ANNOUNCED + frame_control(1, 16, 16),
        ANNOUNCED + frame_control(0, 16, 16) + frame_control(1, 16, 16),
        ANNOUNCED + chunk(b"fdAT", be32(0)),
        ANNOUNCED + ANNOUNCED + frame_control(0, 16, 16),
        ANNOUNCED + frame_control(0, 16, 16) + chunk(b"fdAT", b"\0\0\0"),
        chunk(b"acTL", bytes(8)),
        frame_control(0, 16, 16),
    ],
    ids=[
        "wide",
        "left",
        "overflow",
        "empty",
        "number",
        "count",
        "data",
        "short data",
        "twice",
        "none",
        "unannounced",
    ],
)
def test_impossible_frames_are_refused(control: bytes) -> None:
    """A frame lies inside the canvas, in order, and as many come as were announced."""
    refusal(with_chunks(BLACK, control), DamagedFile)
