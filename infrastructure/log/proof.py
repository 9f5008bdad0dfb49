"""Proofs that an event is in the log that an anchor signed, checked without the log."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from infrastructure.log.anchor import Anchor, is_signed_by
from infrastructure.log.chain import Row, link
from infrastructure.log.columns import Columns, Hash, as_columns
from infrastructure.log.merkle import audit_path, root_from_path


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An event with all its columns, the hash of the one before, and its audit path (RFC 9162)."""

    event: Columns
    previous_hash: Hash
    audit_path: list[Hash]
    anchor: Anchor


class NotTheLogSigned(Exception):
    """This log is not the one that the anchor signed: one of the two is not what it was."""


def prove(row: Row, digest: bytes, previous: bytes, hashes: Iterable[bytes], anchor: Anchor) -> Proof:
    """`hashes` are those of all events, from position 1 on; `previous` is the one before the event's.

    Raises NotTheLogSigned.
    """
    size, index = anchor.statement.position, row.position - 1
    path = audit_path(islice(hashes, size), index, size)
    proof = Proof(as_columns(row, digest), previous.hex(), [item.hex() for item in path], anchor)
    if fault := _fault(proof):
        raise NotTheLogSigned(f"This log is not the one that the anchor signed: {fault}.")
    return proof


def check(proof: Proof, key: Ed25519PublicKey) -> str | None:
    """Why a proof proves nothing to whoever trusts this key; None where it holds."""
    if not is_signed_by(proof.anchor, key):
        return "the anchor is not signed by this key"
    return _fault(proof)


def _fault(proof: Proof) -> str | None:
    event, statement = proof.event, proof.anchor.statement
    if link(bytes.fromhex(proof.previous_hash), event.row) != event.digest:
        return "the event's hash is not that of its columns"
    path = [bytes.fromhex(item) for item in proof.audit_path]
    led_to = root_from_path(event.digest, event.position - 1, statement.position, path)
    if led_to is None or led_to.hex() != statement.merkle_root:
        return "the audit path does not lead to the root that was signed"
    return None
