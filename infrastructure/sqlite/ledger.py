"""The file `log.db`: events, and all that can refuse a command."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from domain.errors import AlreadyClaimed, CommandReused, VersionConflict
from domain.events import Event
from domain.ports.log import Append, Appended, Claim, Context, Expect, Expectation, RecordedEvent
from infrastructure.log.chain import GENESIS, Row, link
from infrastructure.log.serialization import DamagedPayload, SealedBox, Written, read, write
from infrastructure.sqlite.connection import open_writer, transaction
from infrastructure.sqlite.keys import Keys, unseal

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS events (
    position       INTEGER PRIMARY KEY,
    stream         TEXT    NOT NULL,
    version        INTEGER NOT NULL,
    event_id       BLOB    NOT NULL UNIQUE CHECK (length(event_id) = 16),
    type           TEXT    NOT NULL,
    schema_version INTEGER NOT NULL,
    recorded_at    INTEGER NOT NULL,
    command_id     TEXT    NOT NULL,
    correlation_id TEXT    NOT NULL,
    causation_id   TEXT    NOT NULL,
    actor          TEXT    NOT NULL,
    owner          TEXT    NOT NULL,
    payload        TEXT    NOT NULL,
    hash           BLOB    NOT NULL CHECK (length(hash) = 32),
    UNIQUE (stream, version)
) STRICT;

CREATE TRIGGER IF NOT EXISTS events_are_never_changed BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

CREATE TRIGGER IF NOT EXISTS events_are_never_deleted BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

-- Without this one, INSERT OR REPLACE would walk around the others.
CREATE TRIGGER IF NOT EXISTS events_are_only_appended BEFORE INSERT ON events
WHEN NEW.position IS NOT (SELECT coalesce(max(position), 0) + 1 FROM events)
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

CREATE TABLE IF NOT EXISTS commands (
    owner       TEXT    NOT NULL,
    command_id  TEXT    NOT NULL,
    fingerprint BLOB    NOT NULL,
    position    INTEGER NOT NULL,
    answer      TEXT    NOT NULL,
    PRIMARY KEY (owner, command_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS claims (
    owner  TEXT NOT NULL,
    scope  TEXT NOT NULL,
    value  TEXT NOT NULL,
    holder TEXT NOT NULL,
    PRIMARY KEY (owner, scope, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS sealed_streams (
    stream TEXT PRIMARY KEY,
    key    INTEGER NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS store (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    store_id TEXT NOT NULL
) STRICT;
"""

COLUMNS: Final = ", ".join(Row._fields)
_INSERT: Final = f"INSERT INTO events ({COLUMNS}, hash) VALUES ({', '.join('?' * (len(Row._fields) + 1))})"  # noqa: S608
_PAGE: Final = f"SELECT {COLUMNS} FROM events WHERE position > ? ORDER BY position LIMIT ?"  # noqa: S608
ANSWERED: Final = "SELECT fingerprint, position, answer FROM commands WHERE owner = ? AND command_id = ?"


class DamagedEvent(ValueError):
    """The log holds an event, at a position that is named, which is not what was written."""


class _Head(NamedTuple):
    position: int
    hash: bytes
    recorded_at: int


class Ledger:
    """Records commands' outcomes. For one thread, inside transactions that the caller opens."""

    def __init__(self, path: Path, keys: Keys, now: Callable[[], int] | None = None) -> None:
        self.db = open_writer(path, synchronous="FULL", schema=SCHEMA)
        self.fingerprint_secret = keys.store_secret("command fingerprints")
        self.url_secret = keys.store_secret("urls")
        self._keys = keys
        self._now = now or (lambda: time.time_ns() // 1000)
        self.store_id = self._find_store_id()
        self.reload()

    @property
    def position(self) -> int:
        return self._head.position

    def reload(self) -> None:
        """Take the head and the next key from the file, as at start and after a rollback."""
        query = "SELECT position, hash, recorded_at FROM events ORDER BY position DESC LIMIT 1"
        self._head = _Head(*(self.db.execute(query).fetchone() or (0, GENESIS, 0)))
        last = self.db.execute("SELECT coalesce(max(key), 0) FROM sealed_streams").fetchone()
        self._next_key = int(last[0]) + 1

    def write_over(self) -> None:
        """Commit no change, in the place of a commit that failed.

        One that failed by its sync stands whole in the write-ahead log. While this process lives nobody
        reads it, but a restart would recover it: what was refused would have happened. The next
        commit is written where it stands. Setting `user_version`, to what it is, writes a page always.
        """
        with transaction(self.db):
            version = int(self.db.execute("PRAGMA user_version").fetchone()[0])
            self.db.execute(f"PRAGMA user_version = {version}")

    def record(self, append: Append) -> tuple[Appended, list[RecordedEvent]]:
        """Write one command's outcome.

        Raises VersionConflict, AlreadyClaimed and CommandReused, before anything is written.
        """
        context = append.context
        repeated = self._answered(context)
        if repeated is not None:
            return repeated, []
        versions = self._check(append)
        self._claim(append)
        events = self._write(append, versions)
        appended = Appended(self._head.position, append.answer)
        self._remember(context, appended)
        return appended, events

    def page(self, after: int, limit: int) -> list[RecordedEvent]:
        """The events that follow a position, decoded."""
        return [recorded(Row(*row), self._keys.secret) for row in self.db.execute(_PAGE, (after, limit))]

    def forget(self, streams: Sequence[str]) -> None:
        """Destroy the keys of streams; see Keys.destroy. Not inside a transaction."""
        query = "SELECT key FROM sealed_streams WHERE stream IN (SELECT value FROM json_each(?))"
        names = msgspec.json.encode(streams).decode()
        self._keys.destroy([int(number) for (number,) in self.db.execute(query, (names,))])

    def close(self) -> None:
        self.db.close()

    def _find_store_id(self) -> str:
        self.db.execute("INSERT OR IGNORE INTO store VALUES (1, ?)", (secrets.token_hex(4),))
        return str(self.db.execute("SELECT store_id FROM store").fetchone()[0])

    def _answered(self, context: Context) -> Appended | None:
        if context.fingerprint is None:
            return None
        before = self.db.execute(ANSWERED, (context.owner, context.command_id)).fetchone()
        return answered(before, context, self.fingerprint_secret)

    def _check(self, append: Append) -> list[int]:
        """The versions after which each of the writes goes on. Raises VersionConflict and AlreadyClaimed."""
        for claim in append.claims:
            holder = self._holder(append.context.owner, claim)
            if holder not in {None, claim.holder}:
                raise AlreadyClaimed(claim.scope, str(holder))
        current: dict[str, int] = {}
        versions: list[int] = []
        for write_ in append.writes:
            stream = write_.stream
            version = current[stream] if stream in current else self._version(stream)
            check(stream, version, write_.expect)
            versions.append(version)
            current[stream] = version + len(write_.events)
        return versions

    def _write(self, append: Append, versions: Sequence[int]) -> list[RecordedEvent]:
        events: list[RecordedEvent] = []
        for write_, before in zip(append.writes, versions, strict=True):
            for version, event in enumerate(write_.events, before + 1):
                events.append(self._insert(write_.stream, version, event, append.context, len(events)))
        return events

    def _claim(self, append: Append) -> None:
        for claim in append.claims:
            values = (append.context.owner, claim.scope, claim.value, claim.holder)
            self.db.execute("INSERT OR IGNORE INTO claims VALUES (?, ?, ?, ?)", values)
        for claim in append.releases:
            query = "DELETE FROM claims WHERE owner = ? AND scope = ? AND value = ? AND holder = ?"
            self.db.execute(query, (append.context.owner, claim.scope, claim.value, claim.holder))

    def _holder(self, owner: str, claim: Claim) -> str | None:
        query = "SELECT holder FROM claims WHERE owner = ? AND scope = ? AND value = ?"
        row = self.db.execute(query, (owner, claim.scope, claim.value)).fetchone()
        return None if row is None else str(row[0])

    def _version(self, stream: str) -> int:
        query = "SELECT coalesce(max(version), 0) FROM events WHERE stream = ?"
        return int(self.db.execute(query, (stream,)).fetchone()[0])

    def _insert(self, stream: str, version: int, event: Event, context: Context, index: int) -> RecordedEvent:
        event_id = derive_event_id(context, index)
        written = write(event, lambda personal: self._seal(stream, event_id, personal))
        row = Row(
            position=self._head.position + 1,
            stream=stream,
            version=version,
            event_id=event_id,
            type=written.type,
            schema_version=written.schema_version,
            recorded_at=max(self._now(), self._head.recorded_at),
            command_id=context.command_id,
            correlation_id=context.correlation_id or context.command_id,
            causation_id=context.causation_id,
            actor=context.actor,
            owner=context.owner,
            payload=written.payload,
        )
        digest = link(self._head.hash, row)
        self.db.execute(_INSERT, (*row, digest))
        self._head = _Head(row.position, digest, row.recorded_at)
        return _envelope(row, event)

    def _seal(self, stream: str, event_id: bytes, personal: bytes) -> SealedBox:
        row = self.db.execute("SELECT key FROM sealed_streams WHERE stream = ?", (stream,)).fetchone()
        if row is not None:
            return self._keys.seal(row[0], personal, event_id)
        box = self._keys.seal(self._next_key, personal, event_id)
        self.db.execute("INSERT INTO sealed_streams VALUES (?, ?)", (stream, self._next_key))
        self._next_key += 1
        return box

    def _remember(self, context: Context, appended: Appended) -> None:
        if context.fingerprint is None:
            return
        mark = fingerprint_mark(context.fingerprint, self.fingerprint_secret)
        values = (context.owner, context.command_id, mark, appended.position, appended.answer)
        self.db.execute("INSERT INTO commands VALUES (?, ?, ?, ?, ?)", values)


def check(stream: str, version: int, expect: Expectation) -> None:
    """Whether a stream is as a command expects it. Raises VersionConflict."""
    match expect:
        case Expect.ANY:
            met = True
        case Expect.NO_STREAM:
            met = version == 0
        case Expect.EXISTS:
            met = version > 0
        case _:
            met = version == expect
    if not met:
        expected = expect.value if isinstance(expect, Expect) else f"version {expect}"
        raise VersionConflict(stream, expected=expected, current=version)


def answered(before: tuple[bytes, int, str] | None, context: Context, secret: bytes) -> Appended | None:
    """What a command was answered before, from its row in `commands`. Raises CommandReused."""
    if before is None or context.fingerprint is None:
        return None
    fingerprint, position, answer = before
    if not hmac.compare_digest(fingerprint, fingerprint_mark(context.fingerprint, secret)):
        raise CommandReused
    return Appended(position, answer, repeated=True)


def fingerprint_mark(fingerprint: str, secret: bytes) -> bytes:
    """Keyed, because a request may hold a short personal text that a plain hash would give away."""
    return hmac.digest(secret, fingerprint.encode(), "sha256")


def derive_event_id(context: Context, index: int) -> bytes:
    """The same for the same event of the same command, wherever it is computed."""
    name = f"{context.owner}\0{context.command_id}\0{index}"
    return hashlib.sha256(name.encode()).digest()[:16]


def recorded(row: Row, secret: Callable[[int], bytes | None]) -> RecordedEvent:
    """A row as it is handed out, its personal values opened as far as their keys exist.

    Raises DamagedEvent.
    """
    written = Written(row.type, row.schema_version, row.payload)
    try:
        event = read(written, lambda box: unseal(secret(box.key), box, row.event_id))
    except DamagedPayload as damage:
        place = f"position {row.position}, {row.type} version {row.schema_version}"
        raise DamagedEvent(f"The event at {place}, is damaged: {damage}") from damage
    return _envelope(row, event)


def _envelope(row: Row, event: Event | None) -> RecordedEvent:
    """The columns in their order, which is that of the fields: names would cost a tenth of a fold."""
    recorded_at = datetime.fromtimestamp(row.recorded_at / 1_000_000, UTC)
    return RecordedEvent(*row[:6], recorded_at, *row[7:12], event)
