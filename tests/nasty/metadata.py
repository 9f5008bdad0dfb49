"""Metadata that tells too much, goes round in circles, or grows without end."""

import random
from collections.abc import Iterator

from tests.nasty import exif, jpeg, png, webp
from tests.nasty.bases import srgb_profile
from tests.nasty.case import Case, Want
from tests.nasty.packing import deflated_zeros

SMALL, BIG = 400 << 20, 2000 << 20
"""Bytes that compressed texts grow to."""


def cases(base: dict[str, bytes], located_avif: bytes, rng: random.Random, *, big: bool) -> Iterator[Case]:
    yield from places(base, located_avif)
    yield from orientations(base["rgb.jpg"])
    yield from circles(base["rgb.jpg"])
    yield from profiles(base["rgb.jpg"], rng)
    yield from texts(base["rgb.png"], deflated_zeros(BIG if big else SMALL))
    yield from floods(base)


def places(base: dict[str, bytes], located_avif: bytes) -> Iterator[Case]:
    block = exif.located()
    note = "GPS 48.858333 2.294444, model SecretCam 9000, orientation 6"
    yield strip("gps.jpg", jpeg.with_exif(base["rgb.jpg"], block), note=note)
    yield strip("gps.png", png.with_chunks(base["rgb.png"], png.chunk(b"eXIf", block)))
    data = webp.extended((10, 10), (10, 10), webp.chunk(b"EXIF", block), flags=0x18)
    yield Case("meta", "gps.webp", data, Want.STRIP, 10, 10)
    yield strip("gps.avif", located_avif)
    note = "embedded thumbnail bytes that a crop would leave behind"
    thumbnail = exif.located(thumbnail=base["gray.jpg"])
    yield strip("thumb.jpg", jpeg.with_exif(base["rgb.jpg"], thumbnail), note=note)


def orientations(photo: bytes) -> Iterator[Case]:
    for number in (*range(1, 9), 0, 65535):
        block = exif.located(orientation=number)
        yield strip(f"orient-{number}.jpg", jpeg.with_exif(photo, block))


def circles(photo: bytes) -> Iterator[Case]:
    yield strip("exif-loop.jpg", jpeg.with_exif(photo, exif.loop()), note="an IFD that points to itself")
    yield strip("exif-count.jpg", jpeg.with_exif(photo, exif.endless_text()))
    yield strip("exif-offset.jpg", jpeg.with_exif(photo, exif.far_away()))
    yield strip("exif-65535.jpg", jpeg.with_exif(photo, exif.crowded()))
    note = "200 sub-IFD pointers to itself: exponential for a naive reader"
    yield strip("exif-tree.jpg", jpeg.with_exif(photo, exif.tree()), note=note)


def profiles(photo: bytes, rng: random.Random) -> Iterator[Case]:
    srgb = srgb_profile()
    yield Case("meta", "icc.jpg", with_profile(photo, b"\1\1" + srgb), Want.ACCEPT, 160, 120)
    yield strip("icc-bad.jpg", with_profile(photo, b"\1\1" + rng.randbytes(900)))
    yield strip("icc-gap.jpg", with_profile(photo, b"\5\xff" + srgb))


def with_profile(photo: bytes, *pieces: bytes) -> bytes:
    return jpeg.with_segments(photo, *(jpeg.segment(0xE2, b"ICC_PROFILE\0" + piece) for piece in pieces))


def texts(drawing: bytes, bomb: bytes) -> Iterator[Case]:
    for name, kind, start, note in (
        ("iccp", b"iCCP", b"x\0\0", "400 MiB iCCP"),
        ("ztxt", b"zTXt", b"x\0\0", "400 MiB zTXt"),
        ("itxt", b"iTXt", b"x\0\1\0\0\0", ""),
    ):
        data = png.with_chunks(drawing, png.chunk(kind, start + bomb))
        yield strip(f"{name}-bomb.png", data, note=note)


def floods(base: dict[str, bytes]) -> Iterator[Case]:
    chunks = png.chunk(b"tEXt", b"k\0v") * 60000
    yield Case("meta", "many-chunks.png", png.with_chunks(base["rgb.png"], chunks), Want.LIMIT, 160, 120)
    segments = jpeg.segment(0xE5, b"") * 200000
    yield Case("meta", "many-app.jpg", jpeg.with_segments(base["rgb.jpg"], segments), Want.LIMIT, 160, 120)
    pieces = (bytes([number, 255]) + bytes(4000) for number in range(1, 256))
    yield strip("many-iccp.jpg", with_profile(base["rgb.jpg"], *pieces))


def strip(name: str, data: bytes, *, note: str = "") -> Case:
    return Case("meta", name, data, Want.STRIP, 160, 120, note=note)
