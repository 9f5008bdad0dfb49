"""Where the formats keep their Exif."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from domain.errors import Refusal
from domain.header import MediaType
from infrastructure.gate import avif, heic, jpeg, png, webp
from infrastructure.gate.bmff import required
from infrastructure.gate.heif import Meta
from infrastructure.gate.limits import Limits, Tally
from infrastructure.gate.reader import Reader

_Find = Callable[[Reader, Tally], bytes | None]


def exif_block(content: bytes, media_type: MediaType, limits: Limits) -> bytes | None:
    """The first block of Exif of a file, from its byte order on or from `Exif` before it; None where there
    is none, or none that can be found within the limits of the gate."""
    find = _FINDERS.get(media_type)
    try:
        return None if find is None else find(Reader(content), Tally(limits))
    except Refusal:
        return None


def _jpeg(reader: Reader, tally: Tally) -> bytes | None:
    for segment in jpeg.tables(reader, tally, len(jpeg.START)):
        if segment.marker == jpeg.APP1 and reader.peek(segment.at, len(jpeg.EXIF)) == jpeg.EXIF:
            return reader.take(segment.at, segment.size)
    return None


def _png(reader: Reader, tally: Tally) -> bytes | None:
    for chunk in png.chunks(reader, tally):
        if chunk.kind == b"eXIf":
            return _metadata(reader, tally, chunk.at, chunk.size)
    return None


def _webp(reader: Reader, tally: Tally) -> bytes | None:
    inside = reader.until(8 + reader.le32(4))
    for chunk in webp.chunks(inside, tally, 12):
        if chunk.kind == b"EXIF":
            return _metadata(inside, tally, chunk.at, chunk.size)
    return None


def _avif(reader: Reader, tally: Tally) -> bytes | None:
    boxes = avif.top_level(reader, tally, avif.brands_of(reader, tally))
    return _item(Meta(reader, tally, required(boxes, b"meta")), tally)


def _heic(reader: Reader, tally: Tally) -> bytes | None:
    return _item(heic.meta_of(reader, tally), tally)


def _item(meta: Meta, tally: Tally) -> bytes | None:
    """An item of its own: ISO/IEC 23008-12, annex A.2.1; four bytes say where in it Exif begins."""
    for item in meta.items.values():
        if item.kind == b"Exif" and item.extents:
            tally.metadata(item.size)
            inside, at = meta.content(item)
            return inside.take(at, item.size)[4 + inside.be32(at) :]
    return None


def _tiff(reader: Reader, _tally: Tally) -> bytes:
    return bytes(reader.data)


def _metadata(reader: Reader, tally: Tally, at: int, size: int) -> bytes:
    tally.metadata(size)
    return reader.take(at, size)


_FINDERS: Final[dict[MediaType, _Find]] = {
    MediaType.JPEG: _jpeg,
    MediaType.PNG: _png,
    MediaType.WEBP: _webp,
    MediaType.AVIF: _avif,
    MediaType.HEIC: _heic,
    MediaType.TIFF: _tiff,
}
