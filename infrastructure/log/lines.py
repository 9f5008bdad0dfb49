"""The lines of an exported log and of its exported keys: JSON, one value a line.

A log is a `log` line, its events in order, the numbers of the keys that streams are sealed with, the
claims and commands that refuse what was done before, and an `end` line with the SHA-256 of all lines
before it. A key file is a `keys` line and its secrets.
"""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

import msgspec

from infrastructure.log.columns import Columns, Hash, Natural

FORMAT: Final = 1

_Secret: TypeAlias = Hash
StoreId: TypeAlias = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{8}\\Z")]


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="line", kw_only=True):
    pass


class LogLine(_Line, frozen=True, tag="log"):
    format: Natural
    store_id: StoreId
    events: Natural


class EventLine(Columns, frozen=True, tag_field="line", tag="event"):
    pass


class SealedStreamLine(_Line, frozen=True, tag="sealed stream"):
    stream: str
    key: Natural


class ClaimLine(_Line, frozen=True, tag="claim"):
    owner: str
    scope: str
    value: str
    holder: str


class CommandLine(_Line, frozen=True, tag="command"):
    owner: str
    command_id: str
    fingerprint: Hash
    position: Natural
    answer: str


class EndLine(_Line, frozen=True, tag="end"):
    sha256: Hash


class KeysLine(_Line, frozen=True, tag="keys"):
    format: Natural
    store_id: StoreId


class KeyLine(_Line, frozen=True, tag="key"):
    number: Natural
    secret: _Secret


class StoreSecretLine(_Line, frozen=True, tag="store secret"):
    purpose: str
    secret: _Secret


Line: TypeAlias = LogLine | EventLine | SealedStreamLine | ClaimLine | CommandLine | EndLine
SecretLine: TypeAlias = KeysLine | KeyLine | StoreSecretLine
