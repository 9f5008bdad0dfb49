"""AV1 bitstreams: the sizes that the decoder will go by, and how many pictures it will decode.

AV1 Bitstream & Decoding Process Specification, sections 4.10 (numbers), 5.3 (units), 5.5 (sequences).
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from domain.errors import DamagedFile, ImageTooLarge
from infrastructure.gate.limits import Tally
from infrastructure.gate.reader import CUT_SHORT, Reader

SEQUENCE_HEADER, FRAME_HEADER, FRAME = 1, 3, 6
CODED: Final = {FRAME_HEADER, FRAME}

LONGEST: Final = 512
"""Bytes of a sequence header up to its sizes, with all 32 operating points described at length."""

SLACK: Final = 4
"""How many times more pixels than are used the widths of the size fields may allow for."""


class Unit(NamedTuple):
    """The type of an open bitstream unit, and where its payload begins and ends."""

    kind: int
    at: int
    end: int


class Sequence(NamedTuple):
    """The largest frame in pixels, and the largest that a frame header could still ask for."""

    width: int
    height: int
    most_width: int
    most_height: int


class Bits:
    """Bits from the first byte's highest to the last byte's lowest."""

    def __init__(self, data: bytes) -> None:
        self.value, self.left = int.from_bytes(data, "big"), 8 * len(data)

    def take(self, count: int) -> int:
        self.left -= count
        if self.left < 0:
            raise DamagedFile(CUT_SHORT)
        return self.value >> self.left & (1 << count) - 1

    def flag(self) -> bool:
        return bool(self.take(1))

    def variable(self) -> int:
        """uvlc(): as many bits after the first one as there were zeros before it."""
        zeros = 0
        while not self.flag():
            zeros += 1
        if zeros >= 32:  # where decoders differ in how many bits they read
            raise DamagedFile("A number in the AV1 data of the file has no end.")
        return (1 << zeros) - 1 + self.take(zeros)


def check(reader: Reader, at: int, size: tuple[int, int], tally: Tally) -> int:
    """How many pictures the units from here to the end hold; refuse those of another size in pixels."""
    pictures = 0
    for unit in units(reader, tally, at):
        pictures += unit.kind in CODED
        if unit.kind == SEQUENCE_HEADER:
            check_sequence(sequence_of(reader.take(unit.at, min(unit.end - unit.at, LONGEST))), size, tally)
    return pictures


def units(reader: Reader, tally: Tally, at: int) -> Iterator[Unit]:
    while at < reader.end:
        tally.part()
        header = reader.byte(at)
        if header & 0x81:
            raise DamagedFile("The AV1 data of the file is not made of AV1 units.")
        start = at + (2 if header & 4 else 1)
        size, start = length(reader, start) if header & 2 else (reader.end - start, start)
        reader.require(start, size)
        at = start + size
        yield Unit(header >> 3, start, at)


def length(reader: Reader, at: int) -> tuple[int, int]:
    """leb128(): a number in sevens of bits, and the position after it."""
    size = 0
    for index in range(8):
        byte = reader.byte(at + index)
        size |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return size, at + index + 1
    raise DamagedFile("A length in the AV1 data of the file does not end.")


def check_sequence(sequence: Sequence, size: tuple[int, int], tally: Tally) -> None:
    width, height = size
    tally.size(sequence.width, sequence.height)
    if (sequence.width, sequence.height) != size:
        raise DamagedFile(
            f"The file says that a picture is {width:,} x {height:,} pixels; "
            f"the picture itself is {sequence.width:,} x {sequence.height:,}."
        )
    most = sequence.most_width * sequence.most_height
    if most > max(SLACK * width * height, tally.limits.pixels):
        raise ImageTooLarge(
            f"The AV1 data allows for pictures of {most:,} pixels; "
            f"at most {tally.limits.pixels:,} are accepted. Save it again as an ordinary AVIF."
        )


def sequence_of(payload: bytes) -> Sequence:
    bits = Bits(payload)
    bits.take(4)  # profile, still_picture
    reduced = bits.flag()
    if reduced:
        bits.take(5)
    else:
        skip_operating_points(bits)
    across, down = bits.take(4) + 1, bits.take(4) + 1
    width, height = bits.take(across) + 1, bits.take(down) + 1
    # Only a frame header that is not reduced can override the size, by as many bits.
    return Sequence(width, height, *((width, height) if reduced else (1 << across, 1 << down)))


def skip_operating_points(bits: Bits) -> None:
    delay_bits = skip_timing(bits) if bits.flag() else 0
    display_delay = bits.flag()
    for _ in range(bits.take(5) + 1):
        bits.take(12)
        if bits.take(5) > 7:
            bits.flag()
        if delay_bits and bits.flag():
            bits.take(2 * delay_bits + 1)
        if display_delay and bits.flag():
            bits.take(4)


def skip_timing(bits: Bits) -> int:
    """How many bits a buffer delay takes; 0 without a decoder model."""
    bits.take(64)
    if bits.flag():
        bits.variable()
    if not bits.flag():
        return 0
    delay_bits = bits.take(5) + 1
    bits.take(42)
    return delay_bits
