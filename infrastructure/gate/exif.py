"""The orientation in a block of EXIF: one tag of one directory, whatever the rest is like."""

import struct
from typing import Final

ORIENTATION: Final = 0x0112
SHORT: Final = 3
UPRIGHT: Final = 1
ORDERS: Final = {b"II*\0": "<", b"MM\0*": ">"}


def orientation(block: bytes) -> int:
    """1 to 8 as Exif 3.0, section 4.6.5.1.5 numbers them; 1 where there is none, or nothing readable.

    Never raises, follows no pointer but the one to the first directory, and looks at no more
    entries than there are bytes for.
    """
    tiff = block.removeprefix(b"Exif\0\0")
    order = ORDERS.get(tiff[:4])
    if order is None or len(tiff) < 10:
        return UPRIGHT
    return sane(first_of(tiff, order))


def sane(value: int) -> int:
    return value if 1 <= value <= 8 else UPRIGHT


def first_of(tiff: bytes, order: str) -> int:
    (start,) = struct.unpack_from(order + "I", tiff, 4)
    if start + 2 > len(tiff):
        return UPRIGHT
    (count,) = struct.unpack_from(order + "H", tiff, start)
    entries = tiff[start + 2 : start + 2 + 12 * count]
    whole = len(entries) - len(entries) % 12
    for tag, kind, values, value in struct.iter_unpack(order + "HHIHxx", entries[:whole]):
        if tag == ORIENTATION and kind == SHORT and values == 1:
            return int(value)
    return UPRIGHT
