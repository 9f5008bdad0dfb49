"""A log read from JSON Lines into a data folder that has none, checked as it comes.

The files are made under other names, and get their own when all is there, checked and on the disk.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import IO, Final, TypeVar

import msgspec

from infrastructure.log.chain import ChainBroken, Row, unbroken
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
from infrastructure.sqlite.connection import open_writer, transaction, without_journal
from infrastructure.sqlite.keys import SCHEMA as KEYS_SCHEMA
from infrastructure.sqlite.ledger import COLUMNS
from infrastructure.sqlite.ledger import SCHEMA as LOG_SCHEMA
from infrastructure.sqlite.lock import lock

T = TypeVar("T")

LONGEST_LINE: Final = 64 * 1024 * 1024

_MARKS: Final = ", ".join("?" * (len(Row._fields) + 1))
_EVENT: Final = f"INSERT INTO events ({COLUMNS}, hash) VALUES ({_MARKS})"  # noqa: S608
_LINES: Final[msgspec.json.Decoder[Line]] = msgspec.json.Decoder(Line)
_SECRETS: Final[msgspec.json.Decoder[SecretLine]] = msgspec.json.Decoder(SecretLine)
_LAST_VERSION: Final = "SELECT coalesce(max(version), 0) FROM events WHERE stream = ?"


class FolderNotEmpty(Exception):
    """There is a log in the folder already."""


class CannotImport(Exception):
    """The file is not what was exported, at a line that is named."""


def import_log(
    folder: Path, file: IO[bytes], keys: IO[bytes] | None, advance: Callable[[int], object]
) -> int:
    """Make the log of a folder from an export; the result is the number of events.

    Without keys, personal values are gone as if they had been erased. `advance` hears of each event.
    Raises FolderNotEmpty, DataFolderUnusable and CannotImport; nothing is kept then.
    """
    with ExitStack() as stack:
        stack.callback(os.close, lock(folder))
        if any(folder.glob("*.db")):
            raise FolderNotEmpty(f"There is a log in {folder} already. Import into a folder without one.")
        new_log, new_keys = folder / "log.db.new", folder / "keys.db.new"
        for path in (new_log, new_keys):
            stack.callback(_remove, path)
            _remove(path)
        with closing(open_writer(new_log, synchronous="FULL", schema=LOG_SCHEMA)) as log:
            with without_journal(log), transaction(log):
                count = _Import(log, file, advance).run()
            made = open_writer(new_keys, synchronous="FULL", schema=KEYS_SCHEMA)
            with closing(made), transaction(made):
                _take_keys(made, log, keys)
        _sync(new_log)
        new_keys.rename(folder / "keys.db")
        _sync(folder)
        new_log.rename(folder / "log.db")
        _sync(folder)
    return count


class _Import:
    """Reads the lines of one file into one database."""

    def __init__(self, db: sqlite3.Connection, file: IO[bytes], advance: Callable[[int], object]) -> None:
        self._db = db
        self._lines = _Lines(file)
        self._advance = advance

    def run(self) -> int:
        header = self._lines.first()
        self._db.execute("INSERT INTO store VALUES (1, ?)", (header.store_id,))
        try:
            self._events(header.events)
            self._rest(header.events)
        except ChainBroken as broken:
            raise self._lines.wrong(str(broken)) from None
        except (sqlite3.IntegrityError, sqlite3.DataError, OverflowError) as error:
            raise self._lines.wrong(f"It does not fit what came before: {error}.") from None
        return header.events

    def _events(self, count: int) -> None:
        for row, digest in unbroken(self._rows(count)):
            (version,) = self._db.execute(_LAST_VERSION, (row.stream,)).fetchone()
            if row.version != version + 1:
                raise self._lines.wrong(
                    f"Position {row.position} has version {row.version} of {row.stream} after {version}."
                )
            self._db.execute(_EVENT, (*row, digest))
            self._advance(1)

    def _rows(self, count: int) -> Iterator[tuple[Row, bytes]]:
        for _ in range(count):
            line = self._lines.next()
            if not isinstance(line, EventLine):
                raise self._lines.wrong(f"There should be {count} events, and here is none.")
            yield line.row, line.digest

    def _rest(self, head: int) -> None:
        """What stands beside the events, up to the end."""
        while not isinstance(line := self._lines.next(), EndLine):
            match line:
                case SealedStreamLine():
                    self._insert("sealed_streams", line.stream, line.key)
                case ClaimLine():
                    self._insert("claims", line.owner, line.scope, line.value, line.holder)
                case CommandLine() if line.position <= head:
                    mark = bytes.fromhex(line.fingerprint)
                    self._insert("commands", line.owner, line.command_id, mark, line.position, line.answer)
                case _:
                    raise self._lines.wrong("It does not belong here.")
        self._lines.end(line)

    def _insert(self, table: str, *values: object) -> None:
        self._db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608


class _Lines:
    """The lines of an exported log, one after the other, and the hash of those that were read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._number = 0

    def first(self) -> LogLine:
        line = self.next()
        if not isinstance(line, LogLine):
            raise self.wrong("It does not begin an exported log.")
        if line.format != FORMAT:
            raise self.wrong(
                f"It is of format {line.format}; this version of Darkroom reads format {FORMAT}."
            )
        return line

    def next(self) -> Line:
        self._number += 1
        text = self._file.readline(LONGEST_LINE)
        if not text.endswith(b"\n"):
            raise self.wrong("The file is cut off here." if len(text) < LONGEST_LINE else "It is too long.")
        line = _decoded(_LINES, text, self.wrong)
        if not isinstance(line, EndLine):
            self._digest.update(text)
        return line

    def end(self, line: EndLine) -> None:
        if line.sha256 != self._digest.hexdigest():
            raise self.wrong("The lines before are not those that were exported.")
        if self._file.read(1):
            raise self.wrong("Something comes after the end.")

    def wrong(self, message: str) -> CannotImport:
        return CannotImport(f"Line {self._number}: {message}")


def _take_keys(db: sqlite3.Connection, log: sqlite3.Connection, file: IO[bytes] | None) -> None:
    """Keep the keys that were exported, or, without, make new ones for what is yet to come."""
    if file is None:
        _begin_anew(db, log)
        return
    (store_id,) = log.execute("SELECT store_id FROM store").fetchone()
    (last_used,) = log.execute("SELECT coalesce(max(key), 0) FROM sealed_streams").fetchone()
    for number, text in enumerate(file, 1):
        try:
            _take_key(db, number, text, store_id)
        except sqlite3.IntegrityError:
            raise CannotImport(f"Keys, line {number}: It was there before.") from None
    (last,) = db.execute("SELECT coalesce(max(number), 0) FROM keys").fetchone()
    if last < last_used:
        raise CannotImport(f"These keys end with number {last}, and the log has {last_used}: they are older.")


def _take_key(db: sqlite3.Connection, number: int, text: bytes, store_id: str) -> None:
    def wrong(message: str) -> CannotImport:
        return CannotImport(f"Keys, line {number}: {message}")

    line = _decoded(_SECRETS, text, wrong)
    match line:
        case KeysLine() if number == 1:
            if (line.store_id, line.format) != (store_id, FORMAT):
                raise wrong("These are not the keys of this log.")
        case KeyLine() if number > 1:
            db.execute("INSERT INTO keys VALUES (?, ?)", (line.number, bytes.fromhex(line.secret)))
        case StoreSecretLine() if number > 1:
            db.execute("INSERT INTO store_secrets VALUES (?, ?)", (line.purpose, bytes.fromhex(line.secret)))
        case _:
            raise wrong("It does not belong here.")


def _begin_anew(db: sqlite3.Connection, log: sqlite3.Connection) -> None:
    """Give each stream a key that was never used: a number whose key is gone is never taken again."""
    (last,) = log.execute("SELECT coalesce(max(key), 0) FROM sealed_streams").fetchone()
    streams = [stream for (stream,) in log.execute("SELECT stream FROM sealed_streams ORDER BY key")]
    fresh = range(last + 1, last + 1 + len(streams))
    with transaction(log):
        log.execute("DELETE FROM sealed_streams")
        log.executemany("INSERT INTO sealed_streams VALUES (?, ?)", zip(streams, fresh, strict=True))
    db.executemany("INSERT INTO keys VALUES (?, ?)", ((number, secrets.token_bytes(32)) for number in fresh))


def _decoded(decoder: msgspec.json.Decoder[T], text: bytes, wrong: Callable[[str], CannotImport]) -> T:
    try:
        return decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise wrong(f"It cannot be read: {error}.") from None


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
