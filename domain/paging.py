"""Pages of images: where one ends and the next begins, as text that programs keep.

A cursor names the last image by what it is sorted by, not by its number in the list: images that
come or go meanwhile neither repeat nor hide others.
"""

from __future__ import annotations

import base64
import binascii
import json
from datetime import UTC, datetime, timedelta
from typing import Final

from domain.errors import InvalidCursor, InvalidInput
from domain.ports.views import ImageView
from domain.query import ImageOrder, Keyset, SortKey
from domain.text import NAME_LENGTH, printable

LARGEST_PAGE: Final = 100
DEFAULT_PAGE: Final = 24
_LARGEST_INTEGER: Final = 2**63 - 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return (moment - _EPOCH) // _MICROSECOND


def unknown_taken_at(order: ImageOrder) -> int:
    """What stands for the moment of an image of which it is not known: it comes last."""
    return -_LARGEST_INTEGER if order.descending else _LARGEST_INTEGER


def keyset(image: ImageView, order: ImageOrder) -> Keyset:
    if order.key is SortKey.TAKEN_AT:
        taken_at = None if image.findings is None else image.findings.metadata.taken_at
        return Keyset(unknown_taken_at(order) if taken_at is None else micros(taken_at), image.position)
    value: str | int | datetime = getattr(image, order.key.value)
    return Keyset(micros(value) if isinstance(value, datetime) else value, image.position)


def encode_keyset(keyset: Keyset, order: ImageOrder) -> str:
    text = json.dumps([order.key, keyset.value, keyset.position], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_keyset(cursor: str, order: ImageOrder, *, field: str) -> Keyset:
    """Raises InvalidCursor, also for a cursor of a list in another order."""
    match _unwrap(cursor):
        case [order.key, str() | int() as value, int() as position] if _is_value(value, order, position):
            return Keyset(value, position)
        case [str() as key, _, _] if key in set(SortKey):
            message = f"This cursor is of a list ordered by {key}, not by {order.key}."
        case _:
            message = "This is no cursor of a list of images. Use one as it was given."
    raise InvalidCursor(message, field=field)


def page_size(first: int | None, last: int | None) -> tuple[int, bool]:
    """How many images, and whether they are counted from the end. Raises InvalidInput."""
    if first is not None and last is not None:
        raise InvalidInput("Ask for `first` or for `last`, not for both.", field="last")
    size = first if first is not None else last
    if size is None:
        return DEFAULT_PAGE, False
    field = "first" if last is None else "last"
    if not 1 <= size <= LARGEST_PAGE:
        raise InvalidInput(f"`{field}` goes from 1 to {LARGEST_PAGE}; this is {size}.", field=field)
    return size, last is not None


def _is_value(value: str | int, order: ImageOrder, position: int) -> bool:
    if isinstance(value, bool) or isinstance(position, bool) or not 0 < position <= _LARGEST_INTEGER:
        return False
    if isinstance(value, str):
        return order.key is SortKey.NAME and len(value) <= NAME_LENGTH and value == printable(value)
    return order.key is not SortKey.NAME and abs(value) <= _LARGEST_INTEGER


def _unwrap(cursor: str) -> object:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return json.loads(text)
    except (binascii.Error, ValueError, RecursionError):
        return None
