"""How often the codes of a GIF start over: nothing to look at, and slow to decode when there are millions.

A clear code costs a decoder a new table of 4,096 entries; OpenCV 5 takes 5 µs, and three bits are
enough for one, so that 300 KB of them keep it busy for four seconds. Honest encoders clear when the
table is full. Between two resets the width of every code is known beforehand (GIF 89a, appendix F),
so that a run of codes of one width can be searched for a reset at once, as one large number.
"""

from functools import lru_cache
from typing import Final

from domain.errors import ImageTooComplex
from infrastructure.gate.limits import Tally

WIDEST: Final = 12
"""Bits of the widest code; codes keep this width when the table of 4,096 is full."""

RUN: Final = 2048
"""Codes searched at once: as many as there are between two widths at most."""

BYTES_PER_RESET: Final = 64
"""Bytes of codes for which one more reset is granted: the plainest encoders need 127 for each."""


class Resets:
    """The clear and end codes of all frames of one file."""

    def __init__(self, tally: Tally) -> None:
        self.left = tally.limits.parts

    def add(self, codes: bytes, smallest: int) -> None:
        """Count those of one frame; `smallest` is its minimum code size in bits, without the clear code."""
        self.left += len(codes) // BYTES_PER_RESET
        at = after_reset(codes, smallest, 0)
        while at is not None:
            self.left -= 1
            if self.left < 0:
                raise ImageTooComplex(
                    "The frames of the GIF start their codes over again and again. "
                    "Save it again with an image editor."
                )
            at = after_reset(codes, smallest, at)


def after_reset(codes: bytes, smallest: int, at: int) -> int | None:
    """The position in bits after the next clear or end code; None when there is none."""
    width, count = smallest + 1, (1 << smallest) - 1
    while at + width <= 8 * len(codes):
        found = first_reset(codes, at, width, count, 1 << smallest)
        if found is not None:
            return at + (found + 1) * width
        at += count * width
        # The last width stays; the runs only keep the numbers short.
        width, count = (width + 1, 1 << width) if width < WIDEST else (width, RUN)
    return None


def first_reset(codes: bytes, at: int, width: int, count: int, clear: int) -> int | None:
    """Which of the `count` codes from this bit on is the first to equal `clear` or `clear` + 1."""
    piece = codes[at // 8 : (at + count * width + 7) // 8]
    count = min(count, (8 * len(piece) - at % 8) // width)
    ones, all_bits = ones_of(width, count), (1 << width * count) - 1
    # Fields that are zero exactly where a code differs from `clear` in its lowest bit at most.
    fields = (int.from_bytes(piece, "little") >> at % 8 & all_bits | ones) ^ ones * (clear | 1)
    # The classic test for a zero field; what borrowing spoils lies above the first one.
    zeros = (fields - ones) & ~fields & ones << width - 1
    return (zeros & -zeros).bit_length() // width - 1 if zeros > 0 else None


@lru_cache(maxsize=256)
def ones_of(width: int, count: int) -> int:
    """A number of `count` fields of `width` bits, each of them one."""
    return ((1 << width * count) - 1) // ((1 << width) - 1)
