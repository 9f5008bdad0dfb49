"""Rotations and mirrorings of a HEIF image: ISO/IEC 23008-12, sections 6.5.10 and 6.5.12."""

from typing import Final

from infrastructure.gate.bmff import Box
from infrastructure.gate.reader import Reader

TURNED: Final = (1, 8, 3, 6)
MIRRORED: Final = (2, 7, 4, 5)
"""EXIF's orientation by quarter turns to the left, without and with left and right exchanged."""


def orientation_of(reader: Reader, properties: list[Box]) -> int:
    """EXIF's number (1 to 8) for the rotations and mirrorings in their order.

    Every such sequence is some quarter turns to the left, and then perhaps left and right exchanged.
    """
    turns, mirrored = 0, False
    for box in properties:
        if box.kind == b"irot":
            turns += -value(reader, box) if mirrored else value(reader, box)
        elif box.kind == b"imir":
            # To exchange top and bottom is to turn by a half and to exchange left and right.
            turns += 0 if value(reader, box) & 1 else 2
            mirrored = not mirrored
    return (MIRRORED if mirrored else TURNED)[turns % 4]


def value(reader: Reader, box: Box) -> int:
    """Quarter turns to the left of irot; of imir, the axis in the lowest bit."""
    return reader.until(box.end).byte(box.at) & 3
