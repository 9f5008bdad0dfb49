"""What OpenCV leaves undone when it reads TIFF 6.0."""

import struct
from typing import Final, NamedTuple

import cv2

from domain.operations.catalogue import Pixels
from infrastructure.pixels.channels import straight, unsigned

PHOTOMETRIC, ORIENTATION, EXTRA_SAMPLES = 262, 274, 338
WHITE_IS_ZERO: Final = 0
ASSOCIATED, UNASSOCIATED = 1, 2
"""Kinds of alpha: colours multiplied by it, or not (TIFF 6.0, ExtraSamples)."""

_CODES: Final = {1: "B", 3: "H", 4: "I"}
"""The types of a number: BYTE, SHORT, LONG."""


class Field(NamedTuple):
    """A number in the first directory: where it stands, how it is written, and what it is."""

    at: int
    form: str
    value: int


def upright(content: bytes) -> bytes:
    """The same file, saying that it is upright."""
    field = _fields(content).get(ORIENTATION)
    if field is None:
        return content
    changed = bytearray(content)
    struct.pack_into(field.form, changed, field.at, 1)
    return bytes(changed)


def corrected(pixels: Pixels, content: bytes) -> Pixels:
    """uint8 or uint16, black at zero, alpha not premultiplied.

    OpenCV multiplies unassociated alpha in 8 bits, where libtiff makes its colours, and inverts
    white-at-zero only there.
    """
    fields = _fields(content)
    deep = pixels.dtype.itemsize > 1
    pixels = unsigned(pixels)
    if deep and _value(fields, PHOTOMETRIC) == WHITE_IS_ZERO:
        pixels = cv2.bitwise_not(pixels)
    multiplied = {ASSOCIATED} if deep else {ASSOCIATED, UNASSOCIATED}
    has_alpha = pixels.ndim == 3 and pixels.shape[2] == 4
    if has_alpha and _value(fields, EXTRA_SAMPLES) in multiplied:
        return straight(pixels)
    return pixels


def _value(fields: dict[int, Field], tag: int) -> int | None:
    field = fields.get(tag)
    return None if field is None else field.value


def _fields(content: bytes) -> dict[int, Field]:
    """The numbers of the first directory by their tags, of lists the first number."""
    order = "<" if content[:2] == b"II" else ">"
    (start,) = struct.unpack_from(f"{order}I", content, 4)
    (count,) = struct.unpack_from(f"{order}H", content, start)
    fields = {}
    for at in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind = struct.unpack_from(f"{order}HH", content, at)
        if kind in _CODES:
            form = order + _CODES[kind]
            fields[tag] = Field(at + 8, form, struct.unpack_from(form, content, at + 8)[0])
    return fields
