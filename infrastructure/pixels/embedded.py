"""The colour space that a file says its picture is in, found without decoding anything."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Final

from domain.errors import UnacceptableFile
from domain.header import MediaType
from infrastructure.gate import avif, heic, jpeg, png, tiff, webp
from infrastructure.gate.bmff import Box
from infrastructure.gate.limits import DEFAULT, Tally
from infrastructure.gate.reader import Reader
from infrastructure.pixels.icc import ColorSpace, Profile, profile_of

_MOST: Final = 4 << 20
"""Bytes of a profile at most; those known have a few hundred to some thousand."""

_APP2: Final = 0xE2
_ICC_IN_JPEG: Final = b"ICC_PROFILE\0"
_ICC_IN_TIFF: Final = 34675

_SAME_PRIMARIES: Final = {1: ColorSpace.SRGB, 2: ColorSpace.SRGB, 12: ColorSpace.DISPLAY_P3}
_SAME_CURVE: Final = {1, 2, 13}
"""BT.709 (whose curve is meant to be shown by sRGB's), unspecified, sRGB: Rec. ITU-T H.273, tables 2, 3."""


def profile_in(content: bytes, media_type: MediaType) -> Profile | None:
    """What the file says, None where it says nothing: sRGB then. Never raises.

    In PNG, cICP counts before a profile, and that before sRGB (PNG, 4.3); in AVIF, a profile counts
    before numbers (MIAF, 7.3.6.4). An orientation, and anything in EXIF, is not looked at.
    """
    read = _READERS.get(media_type)
    try:
        return read(Reader(content), Tally(DEFAULT)) if read else None
    except UnacceptableFile:
        return None


def coded(primaries: int, transfer: int) -> Profile:
    """A colour space by the numbers of Rec. ITU-T H.273."""
    space = _SAME_PRIMARIES.get(primaries) if transfer in _SAME_CURVE else None
    return Profile(space or ColorSpace.UNKNOWN, f"H.273: primaries {primaries}, transfer {transfer}")


def _in_jpeg(reader: Reader, tally: Tally) -> Profile | None:
    """In pieces, numbered from 1, before the first scan (ICC.1:2022, annex B.4)."""
    pieces: dict[int, bytes] = {}
    for segment in jpeg.tables(reader, tally, len(jpeg.START)):
        begins = len(_ICC_IN_JPEG)
        if segment.marker == _APP2 and reader.peek(segment.at, begins) == _ICC_IN_JPEG:
            tally.metadata(segment.size)
            piece = reader.take(segment.at + begins, segment.size - begins)
            pieces.setdefault(piece[0] if piece else 0, piece[2:])
    return profile_of(b"".join(pieces[number] for number in sorted(pieces))) if pieces else None


def _in_png(reader: Reader, tally: Tally) -> Profile | None:
    found: dict[bytes, bytes] = {}
    for chunk in png.chunks(reader, tally):
        if chunk.kind == b"IDAT":
            break
        if chunk.kind in {b"cICP", b"iCCP", b"sRGB"}:
            found.setdefault(chunk.kind, reader.take(chunk.at, chunk.size))
    if len(found.get(b"cICP", b"")) == 4:
        return coded(*found[b"cICP"][:2])
    if b"iCCP" in found:
        return profile_of(_inflated(found[b"iCCP"]))
    return Profile(ColorSpace.SRGB) if b"sRGB" in found else None


def _inflated(chunk: bytes) -> bytes:
    """The profile after a name, a NUL and the method (PNG, 11.3.2.3); nothing where it is damaged."""
    _, _, rest = chunk.partition(b"\0")
    try:
        return zlib.decompressobj().decompress(rest[1:], _MOST)
    except zlib.error:
        return b""


def _in_webp(reader: Reader, tally: Tally) -> Profile | None:
    """Before the picture (RFC 9649, 2.7.1.4)."""
    for chunk in webp.chunks(reader.until(8 + reader.le32(4)), tally, 12):
        if chunk.kind == b"ICCP":
            return profile_of(reader.take(chunk.at, min(chunk.size, _MOST)))
        if chunk.kind != b"VP8X":
            return None
    return None


def _in_tiff(reader: Reader, tally: Tally) -> Profile | None:
    directory = next(tiff.directories(reader, tally), None)
    field = directory.fields.get(_ICC_IN_TIFF) if directory else None
    return None if field is None else profile_of(reader.take(field.at, min(field.size, _MOST)))


def _in_avif(reader: Reader, tally: Tally) -> Profile | None:
    return _in_boxes(reader, avif.properties_shown(reader, tally))


def _in_heic(reader: Reader, tally: Tally) -> Profile | None:
    return _in_boxes(reader, heic.properties_shown(reader, tally))


def _in_boxes(reader: Reader, properties: list[Box]) -> Profile | None:
    found: dict[bytes, Box] = {}
    for box in properties:
        if box.kind == b"colr":
            found.setdefault(reader.take(box.at, 4), box)
    for kind in (b"prof", b"rICC"):
        if kind in found:
            return profile_of(reader.take(found[kind].at + 4, min(found[kind].size - 4, _MOST)))
    numbers = found.get(b"nclx")
    return coded(reader.be16(numbers.at + 4), reader.be16(numbers.at + 6)) if numbers else None


_READERS: Final[dict[MediaType, Callable[[Reader, Tally], Profile | None]]] = {
    MediaType.JPEG: _in_jpeg,
    MediaType.PNG: _in_png,
    MediaType.WEBP: _in_webp,
    MediaType.AVIF: _in_avif,
    MediaType.TIFF: _in_tiff,
    MediaType.HEIC: _in_heic,
}
"""GIF has none; that of a BMP is not looked for."""
