"""BMP: the BITMAPCOREHEADER and BITMAPINFOHEADER families, as Microsoft's GDI reference gives them."""

from typing import Final, NamedTuple

from domain.errors import DamagedFile, UnsupportedType
from domain.header import ImageHeader, MediaType
from infrastructure.gate.limits import Tally
from infrastructure.gate.reader import Reader

FILE_HEADER: Final = 14
CORE: Final = 12
INFO: Final = range(40, 125)
"""Bytes of the headers from BITMAPINFOHEADER to BITMAPV5HEADER."""

RGB, RLE8, RLE4, BITFIELDS = 0, 1, 2, 3
READABLE: Final = {
    *((bits, RGB) for bits in (1, 4, 8, 16, 24, 32)),
    *((bits, BITFIELDS) for bits in (16, 32)),
    (4, RLE4),
    (8, RLE8),
}
"""Bits per pixel and compression that go together, and that decoders read."""


class Bitmap(NamedTuple):
    """Width and height in pixels, bits per pixel, compression, entries of the palette and its position."""

    width: int
    height: int
    bits: int
    compression: int
    colors: int
    palette: int

    @property
    def bytes_needed(self) -> int:
        """Bytes of all rows, each padded to four; two at least when run lengths stand for them."""
        if self.compression in {RLE4, RLE8}:
            return 2
        return self.height * ((self.width * self.bits + 31) // 32 * 4)


def inspect(reader: Reader, tally: Tally) -> ImageHeader:
    bitmap = bitmap_of(reader)
    tally.frame(bitmap.width, bitmap.height)
    if (bitmap.bits, bitmap.compression) not in READABLE:
        raise UnsupportedType(
            f"The BMP has {bitmap.bits} bits per pixel in compression {bitmap.compression}, which is not "
            "accepted. Save it with 24 bits per pixel, uncompressed."
        )
    check_data(reader, bitmap)
    return ImageHeader(MediaType.BMP, bitmap.width, bitmap.height)


def bitmap_of(reader: Reader) -> Bitmap:
    size = reader.le32(FILE_HEADER)
    reader.require(FILE_HEADER, size)
    palette = FILE_HEADER + size
    if size == CORE:
        width, height, bits = reader.le16(18), reader.le16(20), reader.le16(24)
        return Bitmap(width, height, bits, RGB, 1 << bits if bits <= 8 else 0, palette)
    if size not in INFO:
        raise UnsupportedType("This is no BMP of a kind that is in use. Save it again as an ordinary BMP.")
    width, height = signed(reader.le32(18)), abs(signed(reader.le32(22)))
    if width < 0:
        raise DamagedFile("The BMP says that its width is negative.")
    bits, compression, colors = reader.le16(28), reader.le32(30), reader.le32(46)
    return Bitmap(width, height, bits, compression, (colors or 1 << bits) if bits <= 8 else 0, palette)


def signed(number: int) -> int:
    """The 32 bits as two's complement: a negative height stands for rows from the top down."""
    return number - (number >> 31 << 32)


def check_data(reader: Reader, bitmap: Bitmap) -> None:
    entry = 3 if bitmap.palette == FILE_HEADER + CORE else 4
    if bitmap.colors > 256:
        raise DamagedFile(f"The BMP has a palette of {bitmap.colors:,} colours; at most 256 are possible.")
    reader.require(bitmap.palette, bitmap.colors * entry)
    start = reader.le32(10)
    if start < bitmap.palette:
        raise DamagedFile("The rows of the BMP begin inside its header.")
    reader.require(start, bitmap.bytes_needed)
