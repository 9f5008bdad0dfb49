"""From bytes to a header: which container is it, and does its module let it through?"""

import mmap
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from domain.errors import FileEmpty, UnsupportedType
from domain.header import ImageHeader
from infrastructure.gate import avif, bmp, gif, heic, jpeg, png, tiff, webp
from infrastructure.gate.limits import DEFAULT, Limits, Tally
from infrastructure.gate.reader import Bytes, Reader

SNIFFED: Final = 12
"""Bytes that are enough to tell every container on the allow list apart."""

EMPTY: Final = "The file is empty. Choose a file with an image in it."
ACCEPTED: Final = "Accepted are JPEG, PNG, WebP, AVIF, GIF, TIFF and BMP."

Container = Callable[[Reader, Tally], ImageHeader]


def inspect(data: Bytes, limits: Limits = DEFAULT) -> ImageHeader:
    """The header of an acceptable image; sizes in pixels as stored, before orientation.

    Raises subclasses of UnacceptableFile and nothing else. `data` is only read while this runs, and
    no view of it survives, so that a map can be closed at once whatever the outcome.
    """
    if not len(data):
        raise FileEmpty(EMPTY)
    reader = Reader(data)
    return container(reader)(reader, Tally(limits))


def inspect_file(path: Path, limits: Limits = DEFAULT) -> ImageHeader:
    """As `inspect`, for a file that nobody else writes to; it is mapped, not read into memory."""
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            raise FileEmpty(EMPTY)
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return inspect(data, limits)


def container(reader: Reader) -> Container:
    """The module for the magic bytes, as IANA's media type registrations and the formats give them."""
    start = reader.peek(0, SNIFFED)
    if start[:4] == b"RIFF" and start[8:] == b"WEBP":
        return webp.inspect
    if start[4:8] == b"ftyp":
        return base_media
    for magic, read in MAGIC.items():
        if start.startswith(magic):
            return read
    raise UnsupportedType(f"This is not a type of image that can be received. {ACCEPTED}")


def base_media(reader: Reader, tally: Tally) -> ImageHeader:
    """The file as what its brands say, AVIF before HEIC."""
    brands = avif.brands_of(reader, Tally(tally.limits))
    if avif.BRANDS.isdisjoint(brands):
        if heic.BRANDS.isdisjoint(brands):
            raise UnsupportedType("This is a video or something like it. Save it as AVIF or JPEG.")
        return heic.inspect(reader, tally)
    return avif.inspect(reader, tally)


MAGIC: Final[dict[bytes, Container]] = {
    b"\xff\xd8\xff": jpeg.inspect,
    b"\x89PNG\r\n\x1a\n": png.inspect,
    b"GIF87a": gif.inspect,
    b"GIF89a": gif.inspect,
    b"II*\0": tiff.inspect,
    b"MM\0*": tiff.inspect,
    b"II+\0": tiff.refuse_big,
    b"MM\0+": tiff.refuse_big,
    b"BM": bmp.inspect,
}
