"""Small files that are entirely well-formed, and enormous."""

from collections.abc import Iterator

from tests.nasty import avif, bmp, gif, jpeg, png, tiff, webp
from tests.nasty.avif import Tile
from tests.nasty.case import Case, Want
from tests.nasty.packing import be32, deflated_zeros

SIDE = 4096
"""Pixels of the sides of the flat AVIF that the grids are made of."""


def cases(flat_avif: bytes, *, big: bool) -> Iterator[Case]:
    yield from png_cases()
    yield from webp_cases()
    yield from gif_cases()
    yield from jpeg_cases(big=big)
    yield from tiff_cases(big=big)
    yield from bmp_cases()
    yield from avif_cases(flat_avif)


def bomb(
    name: str,
    data: bytes,
    width: int,
    height: int,
    frames: int = 1,
    *,
    want: Want = Want.LIMIT,
    note: str = "",
) -> Case:
    return Case("bomb", name, data, want, width, height, frames, note)


def png_cases() -> Iterator[Case]:
    yield bomb("png-20000-rgb.png", png.picture(20000, 20000), 20000, 20000, note="1.2 GB of zeros")
    note = "1 bit a pixel: 134 MB packed, 3.2 GB as BGR"
    yield bomb("png-32767-1bit.png", png.picture(32767, 32767, depth=1, color=0), 32767, 32767, note=note)
    yield bomb("png-10000-1bit.png", png.picture(10000, 10000, depth=1, color=0), 10000, 10000)
    data = png.picture(7000, 7000, depth=16, color=6)
    yield bomb("png-7000-rgba16.png", data, 7000, 7000, want=Want.ACCEPT, note="49 MP, 8 bytes a pixel")
    data = png.picture(19000, 19000, depth=1, color=0, interlace=1, data=deflated_zeros(50_000_000))
    yield bomb("png-19000-i.png", data, 19000, 19000, note="interlaced")
    yield bomb("png-1x1000000.png", png.picture(1, 1000000), 1, 1000000)
    yield bomb("png-1000000x1.png", png.picture(1000000, 1), 1000000, 1)
    note = "500 frames of a 4 MP canvas, 1x1 each"
    yield bomb("apng-2000x500.png", png.animation(2000, 2000, 500), 2000, 2000, 500, note=note)


def webp_cases() -> Iterator[Case]:
    yield bomb("webp-16383.webp", webp.flat(16383, 16383), 16383, 16383, note="45 bytes, 268 MP")
    yield bomb("webp-7000.webp", webp.flat(7000, 7000), 7000, 7000, want=Want.ACCEPT, note="49 MP")
    data = webp.animation((4000, 4000), webp.frame(4000, 4000) * 1000)
    yield bomb("webp-anim-4000x1000.webp", data, 4000, 4000, 1000, note="1000 full frames of 16 MP")
    data = webp.extended((1, 1), (16383, 16383))
    yield bomb("webp-lie-1x1.webp", data, 16383, 16383, note="VP8X says 1x1, VP8L says 16383x16383")
    data = webp.animation((16, 16), webp.frame(16383, 16383) * 4)
    yield bomb("webp-anim-lie.webp", data, 16383, 16383, 4)


def gif_cases() -> Iterator[Case]:
    yield bomb("gif-16000.gif", gif.picture((16000, 16000), (4000, 4000)), 16000, 16000)
    data = gif.picture((4000, 4000), frames=2000)
    yield bomb("gif-4000x2000.gif", data, 4000, 4000, 2000, note="2000 frames of 1x1 on 16 MP")
    yield bomb("gif-100000-frames.gif", gif.picture((16, 16), frames=60000), 16, 16, 60000)


def jpeg_cases(*, big: bool) -> Iterator[Case]:
    yield bomb("jpg-20000-flat.jpg", jpeg.picture(20000, 20000, blocks=2500 * 2500), 20000, 20000)
    if big:
        data = jpeg.picture(65500, 65500, blocks=8188 * 8188)
        yield bomb("jpg-65500-flat.jpg", data, 65500, 65500, note="16 MB: one grey")
        yield bomb("jpg-32767-flat.jpg", jpeg.picture(32767, 32767, blocks=4096 * 4096), 32767, 32767)
    data = jpeg.picture(8000, 8000, blocks=1000 * 1000, progressive=True, scans=1000)
    yield bomb("jpgprog-8000-scans.jpg", data, 8000, 8000, note="a thousand scans over 64 MP: CPU")
    data = jpeg.picture(2000, 2000, blocks=250 * 250, progressive=True, scans=10000)
    note = "ten thousand scans of 4 MP: CPU, inside any pixel limit"
    yield bomb("jpgprog-2000-scans.jpg", data, 2000, 2000, want=Want.DAMAGED, note=note)
    data = jpeg.picture(7000, 7000, 3, blocks=3 * 875 * 875, progressive=True, scans=60000)
    note = "49 MP, 60000 scans: CPU, inside the pixel limit"
    yield bomb("jpgprog-7000-scans.jpg", data, 7000, 7000, want=Want.DAMAGED, note=note)


def tiff_cases(*, big: bool) -> Iterator[Case]:
    data = tiff.picture(20000, 20000, deflated_zeros(20000 * 20000), compression=8, samples=1)
    yield bomb("tif-20000-deflate.tif", data, 20000, 20000)
    data = tiff.picture(7000, 7000, deflated_zeros(7000 * 7000 * 3), compression=8)
    yield bomb("tif-7000-deflate.tif", data, 7000, 7000, want=Want.ACCEPT)
    if big:
        runs = b"\x81\x00" * (16000 * 16000 // 128)
        data = tiff.picture(16000, 16000, runs, compression=32773, samples=1)
        yield bomb("tif-16000-packbits.tif", data, 16000, 16000)
    note = "3000 pages of 16 MP share one strip"
    yield bomb("tif-3000-pages.tif", many_pages(), 4000, 4000, 3000, note=note)


def many_pages() -> bytes:
    return tiff.pages_of_one_strip(4000, 4000, 3000, deflated_zeros(4000 * 4000))


def bmp_cases() -> Iterator[Case]:
    palette = bytes(1024)
    data = bmp.picture(32767, 32767, b"\x00\x01", bits=8, compression=1, palette=palette)
    yield bomb("bmp-rle8-32767.bmp", data, 32767, 32767, note="RLE8, end of bitmap at once")
    data = bmp.picture(7000, 7000, b"\xff\x00" * 60000 + b"\0\1", bits=8, compression=1, palette=palette)
    yield bomb("bmp-rle8-7000.bmp", data, 7000, 7000, want=Want.DAMAGED)


def avif_cases(flat: bytes) -> Iterator[Case]:
    note = "16 MP in some hundred bytes"
    yield bomb("avif-4096-flat.avif", flat, SIDE, SIDE, want=Want.ACCEPT, note=note)
    tile, size = Tile.of(flat), (SIDE, SIDE)
    note = "4 x 4 tiles of 16 MP: one tile's bytes used 16 times"
    yield bomb("avif-grid-16384.avif", avif.grid(tile, size, 4, 4), 16384, 16384, note=note)
    yield bomb("avif-grid-8192.avif", avif.grid(tile, size, 2, 2), 8192, 8192)
    yield bomb("avif-grid-32768.avif", avif.grid(tile, size, 8, 8), 32768, 32768)
    data, note = avif.grid(tile, size, 2, 2, claim=(64, 64)), "grid says 64x64, tiles are 4096"
    yield bomb("avif-grid-lie.avif", data, 64, 64, want=Want.DAMAGED, note=note)
    note = "ispe says 16x16, AV1 says 4096x4096"
    yield bomb("avif-ispe-lie.avif", claiming(flat, 16), SIDE, SIDE, want=Want.DAMAGED, note=note)
    yield bomb("avif-ispe-moon.avif", claiming(flat, 65535), 65535, 65535)


def claiming(file: bytes, side: int) -> bytes:
    """The same AVIF with other sides in its property ispe."""
    at = avif.parts(file)[b"ispe"].at + 4
    return file[:at] + be32(side) * 2 + file[at + 8 :]
