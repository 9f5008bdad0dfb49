"""Two answers to the question of how big it is: readers differ in which one they believe."""

import zlib
from collections.abc import Iterator

from tests.nasty import gif, jpeg, png, tiff, webp
from tests.nasty.bombs import many_pages
from tests.nasty.case import Case, Want
from tests.nasty.tiff import DATA, LONG, SHORT, Entry

HUGE = 20000
SMALL_PIXELS = png.chunk(b"IDAT", zlib.compress(bytes(784))) + png.END


def cases(base: dict[str, bytes]) -> Iterator[Case]:
    yield from jpeg_cases(base["rgb.jpg"])
    yield from png_cases()
    large = gif.image(60000, 60000, gif.flat_codes(64))
    data = gif.picture((16, 16), (16, 16))[:-1] + large + gif.TRAILER
    yield differ("gif-two-frames-lie.gif", data, 60000)
    yield differ("tif-dup-tags.tif", twice_the_tags(), HUGE, want=Want.DAMAGED)
    yield Case("differ", "tif-second-page.tif", many_pages(), Want.LIMIT, 4000, 4000, 3000)
    pictures = (webp.chunk(b"VP8L", webp.lossless(side, side)) for side in (16, 16383))
    yield differ("webp-two.webp", webp.riff(b"".join(pictures)), 16383, want=Want.DAMAGED)


def differ(name: str, data: bytes, side: int, *, want: Want = Want.LIMIT, note: str = "") -> Case:
    return Case("differ", name, data, want, side, side, note=note)


def jpeg_cases(photo: bytes) -> Iterator[Case]:
    yield differ("jpg-two-sof.jpg", jpeg.picture(16, 16, second=(HUGE, HUGE)), HUGE)
    yield differ("jpg-two-sof-r.jpg", jpeg.picture(HUGE, HUGE, second=(16, 16)), HUGE)
    thumbnail = jpeg.segment(0xE1, b"Exif\0\0" + jpeg.picture(16, 16))
    data = photo[:2] + thumbnail + jpeg.picture(HUGE, HUGE)[2:]
    yield differ("jpg-exif-thumb-first.jpg", data, HUGE, note="a 16x16 JPEG inside APP1")


def png_cases() -> Iterator[Case]:
    small, large = png.header(16, 16), png.header(HUGE, HUGE)
    yield differ("png-two-ihdr.png", png.SIGNATURE + small + large + SMALL_PIXELS, HUGE)
    text = png.chunk(b"tEXt", b"a\0b")
    data = png.SIGNATURE + text + large + png.chunk(b"IDAT", b"") + png.END
    yield differ("png-late-ihdr.png", data, HUGE, want=Want.DAMAGED)
    apple = png.chunk(b"CgBI", b"\x50\0\x20\x06")
    yield differ("png-cgbi.png", png.SIGNATURE + apple + small + SMALL_PIXELS, 16, want=Want.DAMAGED)
    unchecked = small[:-4] + bytes(4)
    yield differ("png-badcrc.png", png.SIGNATURE + unchecked + SMALL_PIXELS, 16, want=Want.DAMAGED)


def twice_the_tags() -> bytes:
    entries = [
        Entry(256, LONG, 1, 16),
        Entry(256, LONG, 1, HUGE),
        Entry(257, LONG, 1, 16),
        Entry(257, LONG, 1, HUGE),
        Entry(258, SHORT, 1, 8),
        Entry(259, SHORT, 1, 1),
        Entry(262, SHORT, 1, 1),
        Entry(277, SHORT, 1, 1),
        Entry(278, LONG, 1, 16),
        Entry(273, LONG, 1, DATA),
        Entry(279, LONG, 1, 256),
    ]
    return tiff.file(entries, bytes(256))
