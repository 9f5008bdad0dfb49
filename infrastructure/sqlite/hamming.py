"""Perceptual hashes in SQL: integers of 64 bits, and the number of bits in which two of them differ."""

from __future__ import annotations

from typing import Final

FUNCTION: Final = "hamming"
_ALL: Final = 2**64 - 1


def signed(digits: str) -> int:
    """16 hex digits as an integer of SQLite."""
    return int.from_bytes(bytes.fromhex(digits), "big", signed=True)


def hamming(one: int, other: int) -> int:
    return ((one ^ other) & _ALL).bit_count()
