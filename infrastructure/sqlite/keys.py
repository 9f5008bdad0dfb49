"""Keys that personal values are sealed with, kept apart from the log.

A stream's first personal value takes the next key, whose number stands in the payload. Keys are
made ahead in blocks, so that an append never waits for a second file to reach the disk. Whoever
destroys a key has erased what it sealed, in the log and in every copy of it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infrastructure.log.serialization import SealedBox
from infrastructure.sqlite.connection import BUSY_MS, open_writer, transaction

BLOCK: Final = 1024
_NONCE: Final = 12
_PATIENCE_MS: Final = 100

ANCHORS: Final = "anchors"
"""The purpose of the secret that anchors of the log are signed with: the seed of an Ed25519 key."""

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS keys (
    number INTEGER PRIMARY KEY,
    secret BLOB NOT NULL CHECK (length(secret) = 32)
) STRICT;
CREATE TABLE IF NOT EXISTS store_secrets (
    purpose TEXT PRIMARY KEY,
    secret  BLOB NOT NULL CHECK (length(secret) = 32)
) STRICT, WITHOUT ROWID;
"""


class Keys:
    """The key file, as its one writer sees it. Not for two threads at once."""

    def __init__(self, path: Path) -> None:
        self._db = open_writer(path, synchronous="FULL", schema=SCHEMA)
        self.store_secret(ANCHORS)  # made here, so that whoever signs an anchor need not write
        self._made = int(self._db.execute("SELECT coalesce(max(number), 0) FROM keys").fetchone()[0])

    def seal(self, number: int, plaintext: bytes, about: bytes) -> SealedBox:
        """Seal under a key, which is made where it has never been. Raises KeyError for an erased one."""
        secret = self.secret(number)
        if secret is None:
            if number <= self._made:
                raise KeyError(number)
            self._make(number)
            secret = self.secret(number)
            assert secret is not None  # noqa: S101  (just made)
        return seal(number, secret, plaintext, about)

    def secret(self, number: int) -> bytes | None:
        row = self._db.execute("SELECT secret FROM keys WHERE number = ?", (number,)).fetchone()
        return None if row is None else bytes(row[0])

    def store_secret(self, purpose: str) -> bytes:
        """A secret of the whole store, made when it is first asked for."""
        self._db.execute(
            "INSERT OR IGNORE INTO store_secrets VALUES (?, ?)", (purpose, secrets.token_bytes(32))
        )
        query = "SELECT secret FROM store_secrets WHERE purpose = ?"
        return bytes(self._db.execute(query, (purpose,)).fetchone()[0])

    def destroy(self, numbers: Sequence[int]) -> None:
        """When this returns, the bytes of these keys are in no file of the store.

        Raises OSError where a reader keeps the write-ahead log from being emptied; ask again then.
        """
        with transaction(self._db):
            self._db.executemany("DELETE FROM keys WHERE number = ?", [(number,) for number in numbers])
        self._db.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")  # appends wait as well
        busy, _, _ = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        self._db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        if busy:
            raise OSError("Keys are destroyed, but the write-ahead log that holds them is being read.")

    def close(self) -> None:
        self._db.close()

    def _make(self, number: int) -> None:
        """A block of keys from this number on; one transaction, on the disk when it returns."""
        block = [(n, secrets.token_bytes(32)) for n in range(number, number + BLOCK)]
        with transaction(self._db):
            self._db.executemany("INSERT INTO keys VALUES (?, ?)", block)
        self._made = block[-1][0]


def seal(number: int, secret: bytes, plaintext: bytes, about: bytes) -> SealedBox:
    """AES-256-GCM (NIST SP 800-38D) with a random nonce, bound to the event it belongs to."""
    nonce = os.urandom(_NONCE)
    return SealedBox(number, nonce + AESGCM(secret).encrypt(nonce, plaintext, about))


def unseal(secret: bytes | None, sealed: SealedBox, about: bytes) -> bytes | None:
    """The plaintext, or None where the key is gone. Raises ValueError where the box was altered."""
    if secret is None:
        return None
    try:
        return AESGCM(secret).decrypt(sealed.box[:_NONCE], sealed.box[_NONCE:], about)
    except InvalidTag:
        raise ValueError("a sealed value does not belong to its key and event") from None
