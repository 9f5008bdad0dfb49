"""Originals that are not decoded any more, because they ended those who tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from domain.errors import TooSlow, WorkerDied

DEATHS: Final = 2
"""So many times an original may end the process that works on it."""

DEADLY: Final = frozenset({WorkerDied.code, TooSlow.code})
"""Codes of failures that are such an end: once may be chance, twice is the file."""

QUARANTINED: Final = "QUARANTINED"


@dataclass(frozen=True, slots=True)
class Quarantine:
    """`code` and `message` are those of the last failure."""

    code: str
    message: str

    @property
    def refusal(self) -> str:
        """Why there is no rendition, in words."""
        return f"The picture is not worked on any more after {DEATHS} attempts. {self.message}"
