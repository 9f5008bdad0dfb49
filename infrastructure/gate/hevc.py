"""HEVC bitstreams: the sizes that the decoder will go by, and how many pictures it will decode.

Rec. ITU-T H.265, sections 7.3.1 (units), 7.3.2.2 (sequence parameter sets), 7.3.3 (profiles), and
ISO/IEC 14496-15, section 8.3.3.1 (their box).
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from domain.errors import DamagedFile
from infrastructure.gate.av1 import Bits
from infrastructure.gate.bmff import Box, Cursor
from infrastructure.gate.limits import Tally
from infrastructure.gate.reader import Reader

PARAMETERS: Final = 33
"""The type of a unit that is a sequence parameter set."""

CODED: Final = range(32)
"""The types of units that hold a part of a picture."""

ARRAYS: Final = 22
"""Bytes of hvcC before the arrays of units."""

LONGEST: Final = 256
"""Bytes of a sequence parameter set up to its sizes, with all sub-layers described at length."""

PROFILE, LEVEL = 88, 8
"""Bits of a profile, and of a level."""

SUBSAMPLED: Final = {0: (1, 1), 1: (2, 2), 2: (2, 1), 3: (1, 1)}
"""Samples of luma to one of chroma, across and down, by chroma_format_idc (table 6-1)."""


class Unit(NamedTuple):
    """The type of a unit, and where it begins (with its two bytes of header) and ends."""

    kind: int
    at: int
    end: int


def check_configuration(reader: Reader, box: Box, size: tuple[int, int], tally: Tally) -> int:
    """Bytes of the lengths of units; refuse parameters of another size in pixels, or none at all."""
    found = [unit for unit in configured(reader, box, tally) if unit.kind == PARAMETERS]
    for unit in found:
        check_parameters(reader.take(unit.at + 2, min(unit.end - unit.at - 2, LONGEST)), size, tally)
    if not found:
        raise DamagedFile("A picture of the HEIC has no parameters to decode it by.")
    return (reader.byte(box.at + ARRAYS - 1) & 3) + 1


def configured(reader: Reader, box: Box, tally: Tally) -> Iterator[Unit]:
    """The units in hvcC."""
    cursor = Cursor(reader.until(box.end), box.at + ARRAYS)
    for _ in range(cursor.number(1)):
        kind = cursor.number(1) & 0x3F
        for _ in range(cursor.number(2)):
            tally.part()
            size = cursor.number(2)
            cursor.reader.require(cursor.at, size)
            yield Unit(kind, cursor.at, cursor.at + size)
            cursor.at += size


def pictures(reader: Reader, at: int, length_size: int, tally: Tally) -> int:
    """How many pictures begin from here to the end. Parameters may not stand among them ('hvc1')."""
    cursor, found = Cursor(reader, at), 0
    while cursor.at < reader.end:
        tally.part()
        size = cursor.number(length_size)
        reader.require(cursor.at, max(size, 3))
        kind = reader.byte(cursor.at) >> 1 & 0x3F
        if kind == PARAMETERS:
            raise DamagedFile("A picture of the HEIC changes its own size.")
        found += kind in CODED and reader.byte(cursor.at + 2) >> 7
        cursor.at += size
    return found


def check_parameters(payload: bytes, size: tuple[int, int], tally: Tally) -> None:
    coded, cropped = sizes_of(payload)
    tally.size(*coded)
    if cropped != size:
        raise DamagedFile(
            f"The file says that a picture is {size[0]:,} x {size[1]:,} pixels; "
            f"the picture itself is {cropped[0]:,} x {cropped[1]:,}."
        )


def sizes_of(payload: bytes) -> tuple[tuple[int, int], tuple[int, int]]:
    """Width and height as coded, and as shown."""
    bits = Bits(payload.replace(b"\0\0\3", b"\0\0"))  # section 7.4.2: bytes against false starts
    bits.take(4)
    skip_levels(bits, bits.take(3))
    bits.variable()
    chroma = bits.variable()
    if chroma not in SUBSAMPLED:
        raise DamagedFile("A picture of the HEIC has colours of a kind that there is not.")
    if chroma == 3:
        bits.flag()
    width, height = bits.variable(), bits.variable()
    left, right, top, bottom = (bits.variable() for _ in range(4)) if bits.flag() else (0, 0, 0, 0)
    across, down = SUBSAMPLED[chroma]
    return (width, height), (width - across * (left + right), height - down * (top + bottom))


def skip_levels(bits: Bits, sub_layers: int) -> None:
    bits.take(1 + PROFILE + LEVEL)
    present = [(bits.flag(), bits.flag()) for _ in range(sub_layers)]
    if sub_layers:
        bits.take(2 * (8 - sub_layers))
    for profile, level in present:
        bits.take(PROFILE * profile + LEVEL * level)
