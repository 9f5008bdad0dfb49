"""Places in a log as people and programs name them: positions, cursors and times."""

from __future__ import annotations

from datetime import UTC, datetime

from domain.cursor import decode_cursor
from gql.commands.command import WrongUse
from infrastructure.sqlite.log_file import LogFile

PLACE = "a position, or a cursor that the API gave"
MOMENT = f"{PLACE}, or a time such as 2026-11-20T12:30 (in UTC, unless it says otherwise)"


def position(log: LogFile, text: str) -> int:
    """Raises WrongUse and InvalidCursor."""
    head = log.head
    if not text.isdecimal():
        return decode_cursor(text, log.store_id, head)
    if len(text) > len(str(head)) or int(text) > head:
        raise WrongUse(f"The log ends at position {head}.")
    return int(text)


def event_position(log: LogFile, text: str) -> int:
    """Of an event: they begin at 1. Raises WrongUse and InvalidCursor."""
    found = position(log, text)
    if found == 0:
        raise WrongUse("Positions begin at 1." if log.head else "The log is empty.")
    return found


def position_then(log: LogFile, text: str) -> int:
    """The last one at a moment. Raises WrongUse and InvalidCursor."""
    if text.isdecimal():
        return position(log, text)
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return position(log, text)
    return log.position_at(time if time.tzinfo else time.replace(tzinfo=UTC))
