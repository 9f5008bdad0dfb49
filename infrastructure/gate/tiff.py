"""TIFF 6.0: pages, each a directory with strips or tiles; BigTIFF is not on the allow list."""

from collections.abc import Iterator
from operator import add
from typing import Final, NamedTuple

from domain.errors import DamagedFile, UnsupportedType
from domain.header import ImageHeader, MediaType
from infrastructure.gate import exif, jpeg
from infrastructure.gate.directory import Directory
from infrastructure.gate.limits import Tally
from infrastructure.gate.reader import Reader

WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC = 256, 257, 258, 259, 262
STRIP_OFFSETS, ORIENTATION, SAMPLES, STRIP_ROWS, STRIP_BYTES, PLANAR = 273, 274, 277, 278, 279, 284
TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_BYTES, SAMPLE_FORMAT = 322, 323, 324, 325, 339

LAYOUT: Final = {STRIP_OFFSETS, STRIP_BYTES, TILE_OFFSETS, TILE_BYTES}
"""Fields that grow with the picture; everything else is metadata."""

NONE, LZW, JPEG, DEFLATE, PACKBITS, OLD_DEFLATE = 1, 5, 7, 8, 32773, 32946
GROWTH: Final = {NONE: 1, LZW: 4096, DEFLATE: 1032, PACKBITS: 64, OLD_DEFLATE: 1032}
"""Bytes that one byte of each compression can stand for at most."""

COMPRESSIONS: Final = {JPEG, *GROWTH}

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR, CIELAB = 0, 1, 2, 3, 5, 6, 8
DEEP: Final = {WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE}
EIGHT_BIT: Final = {CMYK, YCBCR, CIELAB}
"""Colours that decoders read with eight bits per sample only."""

UNSIGNED, SIGNED, FLOAT = 1, 2, 3
INTEGER_BITS: Final = {1, 4, 8, 10, 12, 14, 16, 32, 64}
FLOAT_BITS: Final = {32, 64}

MOST_BITS: Final = 128
"""Bits of one pixel at most: four samples of 32."""

TILE_STEP: Final = 16
"""Tiles are a multiple of this many pixels wide and high (section 15)."""

WHOLE: Final = 0xFFFFFFFF
"""Rows per strip when there is one strip, however high it is (section 3)."""


class Pixel(NamedTuple):
    """Samples, bits of each, and how they are meant."""

    samples: int
    bits: int
    form: int
    photometric: int
    compression: int
    planar: bool


class Grid(NamedTuple):
    """The pieces of a page: width and height of one in pixels, how many, and the fields that say where."""

    width: int
    height: int
    pieces: int
    offsets: int
    sizes: int


def inspect(reader: Reader, tally: Tally) -> ImageHeader:
    headers = [page(directory, tally) for directory in directories(reader, tally)]
    if not headers:
        raise DamagedFile("The TIFF has no page in it.")
    width, height, orientation = headers[0]
    return ImageHeader(MediaType.TIFF, width, height, len(headers), orientation)


def refuse_big(_reader: Reader, _tally: Tally) -> ImageHeader:
    raise UnsupportedType("This is a BigTIFF, which is not accepted. Save it as an ordinary TIFF.")


def directories(reader: Reader, tally: Tally) -> Iterator[Directory]:
    """Every page's directory in order; one that comes again would make readers go round for ever."""
    order = "<" if reader.take(0, 2) == b"II" else ">"
    at = reader.le32(4) if order == "<" else reader.be32(4)
    seen = {0}
    while at:
        if at in seen:
            raise DamagedFile("The pages of the TIFF go round in a circle.")
        seen.add(at)
        directory = Directory(reader, order, at, tally)
        yield directory
        at = directory.next


def page(directory: Directory, tally: Tally) -> tuple[int, int, int]:
    """Width, height and orientation of a page that can be decoded."""
    width, height = directory.number(WIDTH), directory.number(HEIGHT)
    tally.frame(width, height)
    tally.metadata(sum(f.size for tag, f in directory.fields.items() if tag not in LAYOUT))
    pixel = pixel_of(directory)
    check_pieces(directory, pixel, grid_of(directory, width, height, pixel, tally), tally)
    return width, height, exif.sane(directory.number(ORIENTATION, exif.UPRIGHT))


def pixel_of(directory: Directory) -> Pixel:
    samples = directory.number(SAMPLES, 1)
    if not 1 <= samples <= 4:
        raise UnsupportedType(
            f"The TIFF has {samples:,} samples per pixel; 1 to 4 are accepted. Save it as RGB."
        )
    pixel = Pixel(
        samples,
        same(directory, BITS, samples, 1),
        same(directory, SAMPLE_FORMAT, samples, UNSIGNED),
        directory.number(PHOTOMETRIC),
        directory.number(COMPRESSION, NONE),
        directory.number(PLANAR, 1) == 2,
    )
    check_pixel(pixel)
    return pixel


def same(directory: Directory, tag: int, samples: int, default: int) -> int:
    """The number that must be the same for all samples; some writers give it once for all of them."""
    field = directory.fields.get(tag)
    if field is None:
        return default
    numbers = set(directory.numbers(tag, samples if field.values > 1 else 1))
    if len(numbers) > 1:
        raise UnsupportedType("The samples of the TIFF are not all alike. Save it as an ordinary RGB image.")
    return numbers.pop()


def check_pixel(pixel: Pixel) -> None:
    if pixel.compression not in COMPRESSIONS:
        raise UnsupportedType(
            f"The TIFF is compressed by method {pixel.compression}; accepted are none, LZW, Deflate, "
            "PackBits and JPEG. Save it with one of these."
        )
    if not (readable_samples(pixel) and readable_colors(pixel)):
        raise UnsupportedType(
            f"The TIFF has {pixel.samples} samples of {pixel.bits} bits (format {pixel.form}, colours "
            f"{pixel.photometric}), which is not accepted. Save it as RGB or gray with 8 or 16 bits each."
        )


def readable_samples(pixel: Pixel) -> bool:
    allowed = {UNSIGNED: INTEGER_BITS, SIGNED: INTEGER_BITS, FLOAT: FLOAT_BITS}.get(pixel.form, set())
    # OpenCV reads only the first plane of deep planar pictures and fills the others from the heap.
    torn = pixel.planar and pixel.samples > 1 and pixel.bits > 8
    return pixel.bits in allowed and pixel.samples * pixel.bits <= MOST_BITS and not torn


def readable_colors(pixel: Pixel) -> bool:
    if pixel.compression == JPEG and (pixel.bits != 8 or pixel.planar):
        return False
    if pixel.bits == 4 and pixel.photometric != PALETTE:
        return False
    return pixel.photometric in DEEP or (pixel.photometric in EIGHT_BIT and pixel.bits == 8)


def grid_of(directory: Directory, width: int, height: int, pixel: Pixel, tally: Tally) -> Grid:
    tiled = TILE_OFFSETS in directory.fields
    if tiled and STRIP_OFFSETS in directory.fields:
        raise DamagedFile("A page of the TIFF is both in strips and in tiles; it may be in one of them.")
    across, down = tile_size(directory) if tiled else (width, strip_rows(directory, height))
    tally.size(across, down)
    planes = pixel.samples if pixel.planar else 1
    count = -(-width // across) * -(-height // down) * planes
    return Grid(across, down, count, *((TILE_OFFSETS, TILE_BYTES) if tiled else (STRIP_OFFSETS, STRIP_BYTES)))


def tile_size(directory: Directory) -> tuple[int, int]:
    across, down = directory.number(TILE_WIDTH), directory.number(TILE_HEIGHT)
    if across % TILE_STEP or down % TILE_STEP:
        raise DamagedFile(f"The tiles of the TIFF are {across:,} x {down:,} pixels, not a multiple of 16.")
    return across, down


def strip_rows(directory: Directory, height: int) -> int:
    """Rows of a strip in pixels. More rows than there are is no lie, but buffers are made by them."""
    rows = directory.number(STRIP_ROWS, WHOLE)
    return height if rows == WHOLE else rows


def check_pieces(directory: Directory, pixel: Pixel, grid: Grid, tally: Tally) -> None:
    offsets = directory.numbers(grid.offsets, grid.pieces)
    sizes = directory.numbers(grid.sizes, grid.pieces)
    directory.reader.require(0, max(map(add, offsets, sizes)))
    if min(sizes) == 0:
        raise DamagedFile("A strip or tile of the TIFF has no data.")
    least = least_bytes(directory, pixel, grid)
    if sum(sizes) < least:
        raise DamagedFile(f"The TIFF has {sum(sizes):,} bytes of picture data; it takes at least {least:,}.")
    if pixel.compression == JPEG:
        tally.scan(sum(sizes), directory.reader.end)
        for offset, size in zip(offsets, sizes, strict=True):
            check_jpeg(directory.reader.until(offset + size), offset, grid, tally)


def check_jpeg(reader: Reader, at: int, grid: Grid, tally: Tally) -> None:
    """A JPEG may be lower than its piece, at the bottom of the page; a decoder makes buffers by its size."""
    frame = jpeg.portrait_of(reader, tally, at).whole()
    if frame.width != grid.width or frame.height > grid.height:
        raise DamagedFile(
            f"The TIFF says that its pieces are {grid.width:,} x {grid.height:,} pixels; "
            f"the JPEG in one of them is {frame.width:,} x {frame.height:,}."
        )


def least_bytes(directory: Directory, pixel: Pixel, grid: Grid) -> int:
    """Bytes that the whole page takes at least in this compression; 0 when that cannot be said."""
    if pixel.compression not in GROWTH or pixel.photometric == YCBCR:
        return 0
    per_row = 1 if pixel.planar else pixel.samples
    rows = directory.number(HEIGHT) * (pixel.samples if pixel.planar else 1)
    return rows * (directory.number(WIDTH) * per_row * pixel.bits // 8) // GROWTH[pixel.compression]
