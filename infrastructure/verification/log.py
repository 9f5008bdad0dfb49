"""The rows of the log: the chain, and whatever must agree with an event."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from domain.events import ImageUploaded, RenderingFinished
from domain.image import image_stream
from domain.ports.log import RecordedEvent
from infrastructure.content.digest import content_path
from infrastructure.log.chain import GENESIS, Row, link
from infrastructure.log.serialization import sealing_key
from infrastructure.sqlite.ledger import COLUMNS, recorded
from infrastructure.verification.database import reading
from infrastructure.verification.finding import Finding, Kind, Progress, at

PAGE: Final = 1000
_ROWS: Final = f"SELECT {COLUMNS}, hash FROM events WHERE position > ? ORDER BY position LIMIT {PAGE}"  # noqa: S608
_VERSIONS: Final = "SELECT stream, version, position FROM events ORDER BY stream, version"
_CLAIM: Final = "SELECT 1 FROM claims WHERE owner = ? AND value = ? AND holder = ?"


class LogFile:
    """`log.db`, with the keys of what is sealed in it where they are there."""

    def __init__(self, log: sqlite3.Connection, keys: sqlite3.Connection | None) -> None:
        self._log = log
        self._keys = keys

    @property
    def head(self) -> int:
        return int(self._one("SELECT coalesce(max(position), 0) FROM events"))

    @property
    def store_id(self) -> object:
        return self._one("SELECT store_id FROM store")

    def rows(self, after: int = 0) -> Iterator[tuple[Row, bytes]]:
        """All rows, a page at a time: no transaction is held open for the whole of them.

        Raises sqlite3.Error, also where their numbers do not ascend, as those of a damaged page may.
        """
        while page := self._log.execute(_ROWS, (after,)).fetchall():
            for values in page:
                if values[0] <= after:
                    raise sqlite3.DatabaseError(f"position {values[0]} comes after {after}")
                after = values[0]
                yield Row(*values[:-1]), values[-1]

    def versions(self) -> Iterator[tuple[str, int, int]]:
        """Stream, version and position of every event, stream by stream."""
        yield from self._log.execute(_VERSIONS)

    def event(self, row: Row) -> RecordedEvent:
        """Raises ValueError where a key is not the one that a value was sealed with."""
        return recorded(row, self._secret)

    def key_of(self, stream: str) -> object:
        return self._one("SELECT key FROM sealed_streams WHERE stream = ?", stream)

    def has_key(self, number: int) -> bool:
        """False for one that was destroyed, and then the stream may have another."""
        try:
            return self._secret(number) is not None
        except ValueError:
            return False

    def position_of(self, owner: str, command_id: str) -> object:
        query = "SELECT position FROM commands WHERE owner = ? AND command_id = ?"
        return self._one(query, owner, command_id)

    def is_claimed(self, owner: str, value: str, holder: str) -> bool:
        return self._one(_CLAIM, owner, value, holder) is not None

    def last_answer(self) -> int:
        """The highest position that somebody who named a command was told."""
        return int(self._one("SELECT coalesce(max(position), 0) FROM commands"))

    def purged(self) -> frozenset[str]:
        """The streams of what was purged, whose content and claims are gone."""
        query = "SELECT stream FROM events WHERE type = 'ImagePurged'"
        return frozenset(stream for (stream,) in self._log.execute(query))

    def _secret(self, number: int) -> bytes | None:
        if self._keys is None:
            return None
        try:
            row = self._keys.execute("SELECT secret FROM keys WHERE number = ?", (number,)).fetchone()
        except sqlite3.Error as error:
            raise ValueError(f"key {number} cannot be read") from error
        return None if row is None else row[0]

    def _one(self, query: str, *values: object) -> Any:  # noqa: ANN401  (a value of any column)
        row = self._log.execute(query, values).fetchone()
        return None if row is None else row[0]


@contextmanager
def open_log(folder: Path) -> Iterator[LogFile]:
    """Raises sqlite3.Error."""
    with ExitStack() as stack:
        log = stack.enter_context(reading(folder / "log.db"))
        path = folder / "keys.db"
        keys = stack.enter_context(reading(path)) if path.exists() else None
        yield LogFile(log, keys)


def check_log(log: LogFile, content: Path, progress: Progress) -> Iterator[Finding]:
    """Every event by itself and in its place; `content` is where the blobs are that events name."""
    checks = _Checks(log, content)
    head = log.head
    try:
        for row, digest in log.rows():
            yield from checks.take(row, digest)
            if checks.position % PAGE == 0:
                progress("log.db", checks.position, max(head, checks.position))
        yield from checks.end()
        yield from _check_versions(log)
    except sqlite3.Error as error:
        message = f"The log cannot be read from here on: {error}."
        yield Finding(Kind.EVENT, at(checks.position + 1), message)
    progress("log.db", checks.position, max(head, checks.position))


class _Checks:
    """What is known of the events so far, and what the next one has to be."""

    def __init__(self, log: LogFile, content: Path) -> None:
        self._log = log
        self._content = content
        self._answered = log.last_answer()
        self._purged = log.purged()
        self._previous = GENESIS
        self._recorded_at = 0
        self._command: tuple[str, str] | None = None
        self._found: deque[Finding] = deque()
        self.position = 0

    def take(self, row: Row, digest: object) -> Iterator[Finding]:
        missing = row.position - self.position - 1
        if missing:
            last = f" to {row.position - 1}" if missing > 1 else ""
            self._find(Kind.EVENT, self.position + 1, f"Missing{last}: the chain cannot be followed there.")
            self._command = None
        elif link(self._previous, row) != digest:
            self._find(Kind.EVENT, row.position, "Not as it was written: its hash is another one.")
            self._command = None
        else:
            self._check(row)
        self.position = row.position
        self._previous = digest if isinstance(digest, bytes) else b""
        while self._found:
            yield self._found.popleft()

    def end(self) -> Iterator[Finding]:
        """After the last event. That the end was cut off is nothing that a chain can say."""
        self._check_command()
        if self.position < self._answered:
            last = self._answered
            self._find(Kind.EVENT, self.position + 1, f"Missing, up to {last}: somebody was told of that.")
        yield from self._found

    def _check(self, row: Row) -> None:
        """One row that is as it was written."""
        if row.recorded_at < self._recorded_at:
            self._find(Kind.ORDER, row.position, "Recorded earlier than the event before it.")
        self._recorded_at = row.recorded_at
        if (row.owner, row.command_id) != self._command:
            self._check_command()
            self._command = (row.owner, row.command_id)
        self._check_key(row)
        try:
            event = self._log.event(row)
        except (TypeError, ValueError) as error:
            self._find(Kind.KEY, row.position, f"Cannot be opened: {error}.")
        else:
            self._check_named(event)

    def _check_command(self) -> None:
        """The command that has ended: where it is remembered, then with the position of its last event."""
        if self._command is None:
            return
        position = self._log.position_of(*self._command)
        if position not in {None, self.position}:
            self._find(Kind.COMMAND, self.position, f"Its command is remembered at {position}.")

    def _check_key(self, row: Row) -> None:
        key = sealing_key(row.payload)
        if key is not None and self._log.has_key(key) and self._log.key_of(row.stream) != key:
            message = f"Sealed with key {key}, but that is not the key of {row.stream}."
            self._find(Kind.KEY, row.position, message)

    def _check_named(self, recorded_event: RecordedEvent) -> None:
        event, position = recorded_event.event, recorded_event.position
        if not isinstance(event, ImageUploaded | RenderingFinished):
            return
        if image_stream(event.image_id) in self._purged:
            return
        if isinstance(event, ImageUploaded) and not self._log.is_claimed(
            recorded_event.owner, event.sha256, recorded_event.stream
        ):
            self._find(Kind.CLAIM, position, f"Its original {event.sha256} is not held by its image.")
        try:
            byte_size = content_path(self._content, event.sha256).stat().st_size
        except OSError as error:
            message = f"Named at position {position}, and cannot be found: {error.strerror}."
        else:
            if byte_size == event.byte_size:
                return
            message = f"Has {byte_size} bytes; position {position} says {event.byte_size}."
        self._found.append(Finding(Kind.BLOB, event.sha256, message))

    def _find(self, kind: Kind, position: int, message: str) -> None:
        self._found.append(Finding(kind, at(position), message))


def _check_versions(log: LogFile) -> Iterator[Finding]:
    """Each stream counts from 1, in the order of positions."""
    before: tuple[str, int, int] = ("", 0, 0)
    for stream, version, position in log.versions():
        expected, later_than = (before[1] + 1, before[2]) if stream == before[0] else (1, 0)
        if version != expected or position <= later_than:
            yield Finding(Kind.ORDER, at(position), f"Version {version} of {stream}, not {expected}.")
        before = (stream, version, position)
