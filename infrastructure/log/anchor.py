"""Anchors: signed statements of what a log held, to be kept where the log's keeper cannot change them.

An anchor says that the store had, up to a position, exactly the events of this chain hash and this
Merkle root. Whoever has one can tell whether the log was changed since, event by event.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from domain.recipe import canonical_json
from infrastructure.log.chain import GENESIS, Row, unbroken
from infrastructure.log.columns import Hash, Natural
from infrastructure.log.merkle import root

_PURPOSE: Final = b"darkroom log anchor 1\n"
"""Begins what is signed, so that no signature made for anything else is one of an anchor."""


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The Merkle root is that of RFC 9162 over the hashes of all events, from position 1 on."""

    store_id: str
    position: Natural
    chain_hash: Hash
    merkle_root: Hash


class Anchor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A statement with its Ed25519 signature (RFC 8032), and the key it can be checked with, in hex.

    Signed is the text `darkroom log anchor 1`, a line feed, and the statement as JSON with sorted keys and
    no spaces.
    """

    statement: Statement
    public_key: Hash
    signature: str


def statement(store_id: str, rows: Iterable[tuple[Row, bytes]]) -> Statement:
    """What can be said of a log, given all its rows with their hashes. Raises ChainBroken."""
    last = (0, GENESIS)

    def hashes() -> Iterator[bytes]:
        nonlocal last
        for row, digest in unbroken(rows):
            last = (row.position, digest)
            yield digest

    whole = root(hashes())
    return Statement(store_id, last[0], last[1].hex(), whole.hex())


def sign(statement: Statement, key: Ed25519PrivateKey) -> Anchor:
    return Anchor(statement, public_text(key.public_key()), key.sign(_signed(statement)).hex())


def is_signed_by(anchor: Anchor, key: Ed25519PublicKey) -> bool:
    """Whether the signature is of this key; the one that the anchor names counts for nothing."""
    try:
        key.verify(bytes.fromhex(anchor.signature), _signed(anchor.statement))
    except (InvalidSignature, ValueError):
        return False
    return True


def public_text(key: Ed25519PublicKey) -> str:
    """The 32 bytes of a public key, in hex."""
    return key.public_bytes_raw().hex()


def _signed(statement: Statement) -> bytes:
    return _PURPOSE + canonical_json(msgspec.to_builtins(statement)).encode()
