"""The hash chain: each event's hash covers the one before and every column of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
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


class ChainBroken(Exception):
    """An event is missing, out of order or altered."""

    def __init__(self, position: int) -> None:
        super().__init__(f"The log is broken at position {position}: an event is missing or was altered.")
        self.position = position


def unbroken(
    rows: Iterable[tuple[Row, bytes]], previous: bytes = GENESIS, after: int = 0
) -> Iterator[tuple[Row, bytes]]:
    """The same rows with their hashes, for as long as the chain is whole. Raises ChainBroken."""
    position = after
    for row, recorded in rows:
        position += 1
        if row.position != position or link(previous, row) != recorded:
            raise ChainBroken(position)
        previous = recorded
        yield row, recorded


def first_break(rows: Iterable[tuple[Row, bytes]], previous: bytes = GENESIS, after: int = 0) -> int | None:
    """The first position that is missing, out of order or altered; None where the chain is whole."""
    try:
        for _ in unbroken(rows, previous, after):
            pass
    except ChainBroken as broken:
        return broken.position
    return None
