"""Pages of lists that are in the order of a number, and the cursors that name it."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import Final

from domain.errors import InvalidCursor
from gql.schema.pages import PageInfo

_FORM: Final = re.compile(r"([a-z]+):(\d{1,18})")


def numbered_cursor(kind: str, number: int) -> str:
    """`kind`: what the list is of, so that a cursor of another one is not mistaken for one of this."""
    return base64.urlsafe_b64encode(f"{kind}:{number}".encode()).decode().rstrip("=")


def parse_numbered(cursor: str, kind: str) -> int:
    """Raises InvalidCursor."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except ValueError:
        text = ""
    match = _FORM.fullmatch(text)
    if match is None or match[1] != kind:
        message = f"This is no cursor of a list of {kind}s. Use one as it was given."
        raise InvalidCursor(message, field="after")
    return int(match[2])


def numbered_page(cursors: Sequence[str], has_next: bool, has_previous: bool) -> PageInfo:
    return PageInfo(
        has_next_page=has_next,
        has_previous_page=has_previous,
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )
