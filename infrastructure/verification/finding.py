"""What a verification tells: what is wrong, where, and how far it has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Kind(StrEnum):
    FILE = "file"
    """A database file that is missing, or that SQLite finds damaged."""

    EVENT = "event"
    """A row of the log that is missing, or is not as it was written."""

    ORDER = "order"
    """Versions or times that do not follow each other as positions do."""

    COMMAND = "command"
    """A command that is remembered at another position than its events have."""

    CLAIM = "claim"
    """An original that is not held by its image."""

    KEY = "key"
    """A key that is not the one that an event was sealed with."""

    READ_MODEL = "read model"
    """A read file that does not show what the log amounts to."""

    BLOB = "blob"
    """Content that is missing, or is not what its name says."""

    ORPHAN = "orphan"
    """Content that no image needs: harmless, an upload that was cut off leaves it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    `place`: `position 17` of the log, the SHA-256 of a blob, or a file, with its table where that is known.
    """

    kind: Kind
    place: str
    message: str


Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with the file or folder that is being read, how much of it is done, and of how much."""


def at(position: int) -> str:
    """The place of an event."""
    return f"position {position}"
