"""A log written as JSON Lines, every column and hash as it is; sealed values stay sealed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import msgspec

from infrastructure.log.columns import as_columns
from infrastructure.log.lines import (
    FORMAT,
    ClaimLine,
    CommandLine,
    EndLine,
    EventLine,
    KeyLine,
    KeysLine,
    Line,
    LogLine,
    SealedStreamLine,
    SecretLine,
    StoreSecretLine,
)
from infrastructure.sqlite.log_file import LogFile

_SEALED_STREAMS: Final = "SELECT stream, key FROM sealed_streams ORDER BY key"
_CLAIMS: Final = "SELECT owner, scope, value, holder FROM claims"
_COMMANDS: Final = "SELECT owner, command_id, fingerprint, position, answer FROM commands ORDER BY position"

_encode: Final = msgspec.json.Encoder().encode


def export_log(log: LogFile, file: IO[bytes], advance: Callable[[int], object]) -> int:
    """Write the log as it is now; the result is the number of events. `advance` hears of each.

    All of it is read in one transaction, so that events, claims and commands belong to one another.
    """
    digest = hashlib.sha256()
    log.db.execute("BEGIN")
    try:
        head = log.head
        for line in _lines(log, head, advance):
            text = _encode(line) + b"\n"
            digest.update(text)
            file.write(text)
    finally:
        log.db.execute("ROLLBACK")
    file.write(_encode(EndLine(sha256=digest.hexdigest())) + b"\n")
    return head


def export_keys(log: LogFile, file: IO[bytes]) -> None:
    """Write all that opens sealed values."""
    for line in _secrets(log):
        file.write(_encode(line) + b"\n")


@contextmanager
def private_file(path: Path) -> Iterator[IO[bytes]]:
    """A new file for the owner alone: on the disk at the end, gone if it does not come to its end.

    Raises FileExistsError.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _lines(log: LogFile, head: int, advance: Callable[[int], object]) -> Iterator[Line]:
    yield LogLine(format=FORMAT, store_id=log.store_id, events=head)
    for row, digest in log.rows(0, head):
        yield EventLine(**msgspec.structs.asdict(as_columns(row, digest)))
        advance(1)
    for stream, key in log.db.execute(_SEALED_STREAMS):
        yield SealedStreamLine(stream=stream, key=key)
    for owner, scope, value, holder in log.db.execute(_CLAIMS):
        yield ClaimLine(owner=owner, scope=scope, value=value, holder=holder)
    for owner, command_id, fingerprint, position, answer in log.db.execute(_COMMANDS):
        yield CommandLine(
            owner=owner,
            command_id=command_id,
            fingerprint=fingerprint.hex(),
            position=position,
            answer=answer,
        )


def _secrets(log: LogFile) -> Iterator[SecretLine]:
    yield KeysLine(format=FORMAT, store_id=log.store_id)
    for purpose, secret in log.store_secrets():
        yield StoreSecretLine(purpose=purpose, secret=secret.hex())
    for number, secret in log.personal_keys():
        yield KeyLine(number=number, secret=secret.hex())
