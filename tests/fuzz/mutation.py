"""Well-formed files, broken at random: each by its number, the same on every machine."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final, TypeAlias

from tests.nasty import bases, corpus, exif, gif, jpeg, png, tiff, webp
from tests.nasty.avif import Tile, box, grid, single
from tests.nasty.packing import be32

NUMBERS: Final = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)

Change: TypeAlias = Callable[[bytearray, int, int], None]
"""Changes data at a place, by a value of 16 bits."""


@cache
def files() -> Sequence[bytes]:
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


CHANGES: Final[Sequence[Change]] = (set_byte, set_byte, set_number, remove, repeat, cut)


def mutated(data: bytes, changes: Sequence[tuple[Change, int, int]], *, early: bool) -> bytes:
    """The data after the changes; early ones strike the first 600 bytes, where headers are."""
    result = bytearray(data)
    for change, place, value in changes:
        if result:
            change(result, place % min(len(result), 600 if early else len(result)), value)
    return bytes(result)


def broken(seed: int, number: int) -> bytes:
    """The file of this number in the series that begins with a seed."""
    rng = random.Random(f"{seed} {number}")
    changes = [
        (rng.choice(CHANGES), rng.randrange(1 << 24), rng.randrange(1 << 16))
        for _ in range(rng.randint(1, 4))
    ]
    return mutated(rng.choice(files()), changes, early=rng.random() < 0.5)
