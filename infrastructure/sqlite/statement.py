"""Statements put together from parts, each with values of its own."""

from __future__ import annotations

from typing import Any, Final, TypeAlias

Value: TypeAlias = str | int
Row: TypeAlias = tuple[Any, ...]

_WITH_CHECKPOINT: Final = "SELECT c.position, {columns} FROM checkpoint c LEFT JOIN {source} WHERE c.one = 1"


class Values(list[Value]):
    """The values of a statement; a part may use one in several places."""

    def mark(self, value: Value) -> str:
        """What stands for a value in the text."""
        self.append(value)
        return f"?{len(self)}"


def with_checkpoint(columns: str, source: str) -> str:
    """One statement, and so one state of the file: what is found, and up to where the log is in it.

    The first of the columns is never null.
    """
    return _WITH_CHECKPOINT.format(columns=columns, source=source)


def split(rows: list[Row]) -> tuple[int, list[Row]]:
    """The checkpoint, and what was found: a row of nothing but the checkpoint says that none was."""
    found = [row[1:] for row in rows if row[1] is not None]
    return int(rows[0][0]), found
