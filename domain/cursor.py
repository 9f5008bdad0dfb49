"""Cursors of the log: opaque to programs, which keep them and give them back."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from domain.errors import InvalidCursor

SHARD: Final = 0
"""Which part of a store a position is counted in; there is one part so far."""

_FORM: Final = re.compile(r"1\.([0-9a-f]{8})\.(\d{1,4})\.(\d{1,18})")


class ForeignCursor(InvalidCursor):
    code = "CURSOR_OF_ANOTHER_STORE"


class CursorBeyondHead(InvalidCursor):
    code = "CURSOR_BEYOND_HEAD"


def encode_cursor(store_id: str, position: int) -> str:
    text = f"1.{store_id}.{SHARD}.{position}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str, store_id: str, head: int, *, field: str = "after") -> int:
    """The position that a cursor names. Raises InvalidCursor, ForeignCursor, CursorBeyondHead."""
    match = _FORM.fullmatch(_unwrap(cursor))
    if match is None or int(match[2]) != SHARD:
        raise InvalidCursor("This is no cursor of Darkroom. Use one as it was given.", field=field)
    if match[1] != store_id:
        raise ForeignCursor("This cursor belongs to another store. Begin anew without one.", field=field)
    if int(match[3]) > head:
        raise CursorBeyondHead(
            "This cursor lies beyond the end of the log, which may have been restored from an older copy. "
            "Begin anew without one.",
            field=field,
        )
    return int(match[3])


def _unwrap(cursor: str) -> str:
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode(
            "ascii"
        )
    except (binascii.Error, ValueError):
        return ""
