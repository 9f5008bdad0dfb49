"""Headers that claim the moon, with hardly any data behind them."""

import zlib
from collections.abc import Iterator

from tests.nasty import bmp, gif, jpeg, jpeg2000, png, tiff, webp
from tests.nasty.avif import box
from tests.nasty.case import Case, Want
from tests.nasty.packing import be32, le32
from tests.nasty.tiff import DATA, LONG, SHORT, Entry

NOTHING = bytes(64)
MANY = 500_000_000
"""Pixels from which a JPEG's claim is over any limit, not just unfounded."""


def cases() -> Iterator[Case]:
    yield from png_cases()
    yield from container_cases()
    yield claim(
        "png-i32767.png", png.picture(32767, 32767, interlace=1, data=zlib.compress(NOTHING)), 32767, 32767
    )
    yield from jpeg_cases()
    yield from gif_cases()
    yield from tiff_cases()
    yield from raster_cases()
    yield from late_cases()


def claim(
    name: str,
    data: bytes,
    width: int,
    height: int,
    frames: int = 1,
    *,
    want: Want = Want.LIMIT,
    note: str = "",
) -> Case:
    return Case("claim", name, data, want, width, height, frames, note)


def png_cases() -> Iterator[Case]:
    sizes = [(100000, 100000), (0x7FFFFFFF, 0x7FFFFFFF), (0x7FFFFFFF, 1)]
    for width, height in [*sizes, (0, 0), (0, 10), (1000000, 1000000), (32767, 32767)]:
        data = png.picture(width, height, data=zlib.compress(NOTHING))
        want = Want.LIMIT if width * height else Want.DAMAGED
        yield claim(f"png-{width}x{height}.png", data, width, height, want=want)
    for kind in (b"IDAT", b"tEXt", b"eXIf", b"iCCP", b"ruSt", b"acTL", b"fdAT", b"PLTE"):
        data = png.SIGNATURE + png.header(16, 16) + be32(0x7FFFFFF0) + kind + NOTHING
        note = "a 2 GiB chunk length in a 120-byte file"
        yield claim(f"png-chunk2g-{kind.decode()}.png", data, 16, 16, want=Want.DAMAGED, note=note)
    fields = be32(16) + be32(16) + bytes([8, 2, 0, 0, 0])
    data = png.SIGNATURE + be32(0x7FFFFFF0) + b"IHDR" + fields + bytes(32)
    yield claim("png-ihdr2g.png", data, 16, 16, want=Want.DAMAGED)


def container_cases() -> Iterator[Case]:
    data = webp.animation((16384, 16384), webp.frame(16, 16) * 2)
    note = "animation: 268 MP canvas, 16x16 frames"
    yield claim("webp-anim-canvas.webp", data, 16384, 16384, 2, note=note)
    data = b"RIFF" + le32(0xFFFFFFF0) + b"WEBPVP8L" + le32(0xFFFFFFE0) + webp.lossless(16, 16)
    yield claim("webp-chunk4g.webp", data, 16, 16, want=Want.DAMAGED)
    start = box(b"ftyp", b"avif" + be32(0) + b"avifmif1")
    data = start + be32(0xFFFFFFFF) + b"meta" + NOTHING
    yield claim("avif-box4g.avif", data, 0, 0, want=Want.DAMAGED)
    data = start + be32(1) + b"meta" + be32(0x7FFFFFFF) + be32(0) + NOTHING
    yield claim("avif-box64.avif", data, 0, 0, want=Want.DAMAGED)


def jpeg_cases() -> Iterator[Case]:
    for width, height in ((65500, 65500), (65535, 65535), (32767, 32767), (20000, 20000), (65535, 1), (0, 0)):
        want = Want.LIMIT if width * height > MANY else Want.DAMAGED
        baseline, progressive = (jpeg.picture(width, height, 3, progressive=kind) for kind in (False, True))
        note = "baseline, no entropy data"
        yield claim(f"jpg-{width}x{height}.jpg", baseline, width, height, want=want, note=note)
        note = "progressive: coefficient arrays"
        yield claim(f"jpgprog-{width}x{height}.jpg", progressive, width, height, want=want, note=note)


def gif_cases() -> Iterator[Case]:
    for side in (65535, 32767, 16000):
        note = "logical screen; the frame is 1x1"
        yield claim(f"gif-{side}x{side}.gif", gif.picture((side, side)), side, side, note=note)
    data = gif.picture((1, 1), (65535, 65535), codes=gif.flat_codes(64))
    yield claim("gif-frame-65535.gif", data, 65535, 65535, note="screen 1x1, frame 65535x65535")


def tiff_cases() -> Iterator[Case]:
    sizes = [(0x7FFFFFFF, 0x7FFFFFFF), (0xFFFFFFFF, 1), (32767, 32767), (1, 0x7FFFFFFF), (1048576, 1024)]
    for width, height in sizes:
        yield claim(f"tif-{width}x{height}.tif", tiff.picture(width, height, NOTHING), width, height)
    note = "a million strips claimed, one there"
    yield claim("tif-rps1.tif", tiff.picture(64, 1 << 20, NOTHING, rows=1), 64, 1 << 20, note=note)
    data = tiff.picture(64, 64, NOTHING, count=0xFFFFFFFF)
    yield claim("tif-counts.tif", data, 64, 64, want=Want.DAMAGED)
    yield claim("tif-spp65535.tif", many_samples(), 64, 64, want=Want.DAMAGED)
    data = tiff.picture(16, 16, bytes(256), samples=1, following=8)
    yield claim("tif-loop.tif", data, 16, 16, want=Want.DAMAGED, note="next IFD is itself")
    data = tiff.file(tiff.tiled_entries(64, 64, 0x40000000, 64), NOTHING)
    yield claim("tif-tile.tif", data, 64, 64, note="64x64 image in one 2^30 x 2^30 tile")
    data = tiff.file(tiff.tiled_entries(64, 64, 32768, 64), zlib.compress(NOTHING))
    yield claim("tif-tile2.tif", data, 64, 64, note="64x64 image in one 1 GiB tile")


def many_samples() -> bytes:
    entries = [
        Entry(256, LONG, 1, 64),
        Entry(257, LONG, 1, 64),
        Entry(258, SHORT, 1, 8),
        Entry(259, SHORT, 1, 1),
        Entry(262, SHORT, 1, 1),
        Entry(277, SHORT, 1, 65535),
        Entry(278, LONG, 1, 64),
        Entry(273, LONG, 1, DATA),
        Entry(279, LONG, 1, 64),
    ]
    return tiff.file(entries, NOTHING)


def raster_cases() -> Iterator[Case]:
    for width, height in ((30000, 30000), (1 << 20, 1 << 10), (0x7FFFFFFF, 2)):
        size = f"{width}x{height}"
        yield claim(f"bmp-{size}.bmp", bmp.picture(width, height, NOTHING), width, height)
        for kind, data in rasters(width, height).items():
            yield claim(f"{kind}-{size}.{kind}", data, width, height, want=Want.REFUSE)


def rasters(width: int, height: int) -> dict[str, bytes]:
    """Types that are not accepted, by their extensions."""
    pam = b"P7\nWIDTH %d\nHEIGHT %d\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n" % (width, height)
    hdr = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y %d +X %d\n" % (height, width)
    return {
        "ppm": b"P6\n%d %d\n255\n" % (width, height) + NOTHING,
        "pam": pam + NOTHING,
        "pfm": b"PF\n%d %d\n-1.0\n" % (width, height) + NOTHING,
        "hdr": hdr + NOTHING,
        "ras": b"".join(map(be32, (0x59A66A95, width, height, 24, 0, 1, 0, 0))) + NOTHING,
        "j2k": jpeg2000.codestream(width, height),
    }


def late_cases() -> Iterator[Case]:
    yield claim("bmp-neg.bmp", bmp.picture(30000, -30000, NOTHING), 30000, 30000)
    lowest = bmp.picture(1, -0x80000000, NOTHING)
    yield claim("bmp-min.bmp", lowest, 1, 0x80000000, note="INT_MIN height")
    digits = b"P6\n" + b"9" * 5000 + b" 1\n255\n"
    yield claim("ppm-digits.ppm", digits, 0, 0, want=Want.REFUSE)
    yield claim("pbm-30000.pbm", b"P4\n30000 30000\n", 30000, 30000, want=Want.REFUSE)
    tiles = jpeg2000.codestream(30000, 30000, tile=(1, 1))
    yield claim("j2k-tiles.j2k", tiles, 30000, 30000, want=Want.REFUSE, note="900 million 1x1 tiles")
    lossy = b"\x10\x02\x00\x9d\x01\x2a\xff\x3f\xff\x3f" + bytes(32)
    yield claim("webp-vp8-16383.webp", webp.riff(webp.chunk(b"VP8 ", lossy)), 16383, 16383)
    data = webp.extended((1 << 24, 1 << 8), (16, 16))
    yield claim("webp-vp8x-2p24.webp", data, 1 << 24, 1 << 8)
