"""How often each level occurs in a picture: its histogram."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LEVELS: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Pixels of each of 256 levels, from dark to light. Luminance is the luma of ITU-R BT.601, of the values
    as stored. Of a gray picture all four are the same."""

    red: tuple[int, ...]
    green: tuple[int, ...]
    blue: tuple[int, ...]
    luminance: tuple[int, ...]
