"""Places in what has an order."""

from __future__ import annotations

from domain.errors import InvalidInput


def checked_index(index: int, most: int) -> int:
    """A place before, between or behind `most` others, counted from 0. Raises InvalidInput."""
    if not 0 <= index <= most:
        raise InvalidInput(f"`index` goes from 0 to {most} here; this is {index}.", field="index")
    return index
