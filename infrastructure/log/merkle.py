"""Merkle trees by RFC 9162, section 2.1: one hash for a list, and short proofs of what is in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import islice


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(entries: Iterable[bytes]) -> bytes:
    """The hash of all entries, in their order. Holds one hash for each level of the tree."""
    complete: list[tuple[int, bytes]] = []
    for entry in entries:
        size, digest = 1, leaf_hash(entry)
        while complete and complete[-1][0] == size:
            left = complete.pop()[1]
            size, digest = 2 * size, node_hash(left, digest)
        complete.append((size, digest))
    if not complete:
        return hashlib.sha256().digest()
    digest = complete.pop()[1]
    while complete:
        digest = node_hash(complete.pop()[1], digest)
    return digest


def audit_path(entries: Iterable[bytes], index: int, size: int) -> list[bytes]:
    """The hashes that lead from the entry at `index` to the root of the first `size`, from the leaf up."""
    ranges = _siblings(index, size)
    remaining = iter(entries)
    roots: dict[int, bytes] = {}
    for part in sorted([*ranges, range(index, index + 1)], key=lambda part: part.start):
        roots[part.start] = root(islice(remaining, len(part)))
    return [roots[part.start] for part in ranges]


def root_from_path(entry: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a path leads to (RFC 9162, section 2.1.3.2); None for one of the wrong length."""
    if not 0 <= index < size:
        return None
    place, last, digest = index, size - 1, leaf_hash(entry)
    for sibling in path:
        if last == 0:
            return None
        if place % 2 or place == last:
            digest = node_hash(sibling, digest)
            while place % 2 == 0 and place != 0:
                place, last = place >> 1, last >> 1
        else:
            digest = node_hash(digest, sibling)
        place, last = place >> 1, last >> 1
    return digest if last == 0 else None


def _siblings(index: int, size: int) -> list[range]:
    """The entries below each hash of an audit path, from the leaf up."""
    found: list[range] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + (1 << ((stop - start - 1).bit_length() - 1))
        if index < middle:
            found.append(range(middle, stop))
            stop = middle
        else:
            found.append(range(start, middle))
            start = middle
    return found[::-1]
