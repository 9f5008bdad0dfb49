"""What the examination of an original finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from domain.metadata import Location, Metadata

HASH_BITS: Final = 64

NEAR: Final = 8
"""Bits of 64 in which the perceptual hashes of two pictures that look nearly the same differ at most: the
bound that is offered; half of all bits differ where two pictures have nothing to do with each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """`pixel_hash`: 64 hex digits, the same for the same picture whatever file it is in.

    `perceptual_hash`: 16 hex digits, of which few bits differ where two pictures look nearly the same.
    `placeholder`: the picture blurred, as a ThumbHash in base64.
    """

    pixel_hash: str
    perceptual_hash: str
    placeholder: str
    metadata: Metadata = field(default_factory=Metadata)
    location: Location | None = None


def distance(one: str, other: str) -> int:
    """The number of bits in which two perceptual hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
