"""A row of the log as JSON: every column with its hash, for exports, proofs and whoever looks."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec

from infrastructure.log.chain import Row

Natural: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
EventId: TypeAlias = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}\\Z")]
Hash: TypeAlias = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}\\Z")]


class Columns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bytes as hex, `recorded_at` in microseconds since 1970, `payload` the text that is hashed."""

    position: Natural
    stream: str
    version: Natural
    event_id: EventId
    type: str
    schema_version: Natural
    recorded_at: Natural
    command_id: str
    correlation_id: str
    causation_id: str
    actor: str
    owner: str
    payload: str
    hash: Hash

    @property
    def row(self) -> Row:
        values = {name: getattr(self, name) for name in Row._fields}
        return Row(**values | {"event_id": bytes.fromhex(self.event_id)})

    @property
    def digest(self) -> bytes:
        return bytes.fromhex(self.hash)


def as_columns(row: Row, digest: bytes) -> Columns:
    return Columns(**row._asdict() | {"event_id": row.event_id.hex(), "hash": digest.hex()})
