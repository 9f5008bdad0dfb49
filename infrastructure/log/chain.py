"""The hash chain: each event's hash covers the one before and every column of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final, NamedTuple

import msgspec

GENESIS: Final = bytes(32)

_encode: Final = msgspec.msgpack.Encoder().encode


class Row(NamedTuple):
    """A row of the table `events`, in the order of its columns, without its hash."""

    position: int
    stream: str
    version: int
    event_id: bytes
    type: str
    schema_version: int
    recorded_at: int
    command_id: str
    correlation_id: str
    causation_id: str
    actor: str
    owner: str
    payload: str


def link(previous: bytes, row: Row) -> bytes:
    """SHA-256 of the hash before and all columns.

    The columns are written as one MessagePack array, which gives each its kind and length, so that no
    two rows are written alike.
    """
    return hashlib.sha256(previous + _encode(row)).digest()


def first_break(rows: Iterable[tuple[Row, bytes]], previous: bytes = GENESIS, after: int = 0) -> int | None:
    """The first position that is missing, out of order or altered; None where the chain is whole."""
    position = after
    for row, recorded in rows:
        position += 1
        if row.position != position or link(previous, row) != recorded:
            return position
        previous = recorded
    return None
