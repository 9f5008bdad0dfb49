"""However a file is broken, it is refused politely or let through."""

import random
from collections.abc import Callable
from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import UnacceptableFile
from infrastructure.gate import Limits, inspect
from tests.nasty import bases, corpus, exif, gif, jpeg, png, tiff, webp
from tests.nasty.avif import Tile, box, grid, single
from tests.nasty.packing import be32

TIGHT = Limits(pixels=30_000, frames=4, total_pixels=90_000, parts=60, metadata_bytes=500)
"""Limits that the well-formed files are close to."""

NUMBERS = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]


@cache
def files() -> list[bytes]:
    """One small, well-formed file of every shape that the gate knows."""
    base = bases.build(random.Random(corpus.SEED))
    tile = Tile.of(base["rgb.avif"])
    block = exif.located()
    accepted = [data for name, data in base.items() if name.rsplit(".", 1)[1] in bases.ALLOWED]
    return [
        *accepted,
        png.animation(16, 16, 3),
        png.with_chunks(base["rgb.png"], png.chunk(b"eXIf", block), png.chunk(b"iTXt", b"x\0\1\0\0\0x\x9c")),
        jpeg.with_exif(base["rgb.jpg"], block),
        jpeg.picture(16, 16, blocks=4, progressive=True, scans=5),
        webp.animation((16, 16), webp.frame(16, 16) * 2),
        webp.extended((9, 9), (9, 9), webp.chunk(b"EXIF", block), flags=0x18),
        gif.picture((16, 16), (16, 16), 3, comment=b"hello"),
        tiff.file(tiff.tiled_entries(64, 64, 64, 64), bytes(64)),
        tiff.picture(64, 64, jpeg.picture(64, 64, 3, blocks=192), compression=7),
        tiff.pages_of_one_strip(8, 8, 3, bytes(64)),
        grid(tile, (160, 120), 2, 2),
        single(tile, (160, 120), box(b"irot", b"\1"), box(b"imir", b"\0")),
    ]


def set_byte(data: bytearray, at: int, value: int) -> None:
    data[at] = value & 0xFF


def set_number(data: bytearray, at: int, value: int) -> None:
    data[at : at + 4] = be32(NUMBERS[value % len(NUMBERS)])


def remove(data: bytearray, at: int, value: int) -> None:
    del data[at : at + value % 64]


def repeat(data: bytearray, at: int, value: int) -> None:
    data[at:at] = data[at : at + value % 512]


def cut(data: bytearray, at: int, _value: int) -> None:
    del data[at + 1 :]


Change = Callable[[bytearray, int, int], None]
CHANGES: list[Change] = [set_byte, set_byte, set_number, remove, repeat, cut]


def mutated(data: bytes, changes: list[tuple[Change, int, int]], *, early: bool) -> bytes:
    """The data after the changes; early ones strike the first 600 bytes, where headers are."""
    result = bytearray(data)
    for change, place, value in changes:
        if result:
            change(result, place % min(len(result), 600 if early else len(result)), value)
    return bytes(result)


@settings(max_examples=4000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(
    which=st.integers(0, 1 << 16),
    changes=st.lists(
        st.tuples(st.sampled_from(CHANGES), st.integers(0, 1 << 24), st.integers(0, 1 << 16)),
        min_size=1,
        max_size=4,
    ),
    early=st.booleans(),
    tight=st.booleans(),
)
def test_nothing_but_refusals_is_raised(
    *, which: int, changes: list[tuple[Change, int, int]], early: bool, tight: bool
) -> None:
    """Four thousand broken files, each with a header or an UnacceptableFile."""
    data = mutated(files()[which % len(files())], changes, early=early)
    limits = TIGHT if tight else Limits()
    try:
        header = inspect(data, limits)
    except UnacceptableFile:
        return
    assert header.width * header.height * header.frames <= limits.total_pixels
    assert 1 <= header.orientation <= 8


@settings(max_examples=500, deadline=None, database=None)
@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"\xff\xd8\xff", b"BM", b"II*\0", b"GIF89a", png.SIGNATURE]),
)
def test_noise_is_refused(noise: bytes, magic: bytes) -> None:
    """Bytes from nowhere, with the right beginning or without."""
    try:
        inspect(magic + noise)
    except UnacceptableFile as refusal:
        assert refusal.message
