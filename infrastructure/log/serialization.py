"""Events as text: the payload column, which is what the chain hashes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from functools import lru_cache
from typing import Any, Final, NamedTuple, cast

import msgspec

from domain.events import WIRE_NAMES, Event, personal_fields

Seal = Callable[[bytes], "SealedBox"]
Open = Callable[["SealedBox"], bytes | None]


class SealedBox(msgspec.Struct, frozen=True):
    """Personal values, encrypted: the number of the key, and nonce with ciphertext."""

    key: int
    box: bytes


class Written(NamedTuple):
    """What an event is on the wire."""

    type: str
    schema_version: int
    payload: str


class _Shape(NamedTuple):
    """How one event class stands in the payload."""

    cls: type[Event]
    clear: tuple[str, ...]
    personal: tuple[str, ...]
    decoder: msgspec.json.Decoder[Event]


def write(event: Event, seal: Seal) -> Written:
    """An event as it is recorded; its personal values go through `seal`."""
    wire, shape = WIRE_NAMES[type(event)], _shapes()[type(event)]
    if not shape.personal:
        return Written(wire.name, wire.version, msgspec.json.encode(event).decode())
    personal = msgspec.json.encode({name: getattr(event, name) for name in shape.personal})
    payload = {name: getattr(event, name) for name in shape.clear} | {_SEALED: seal(personal)}
    return Written(wire.name, wire.version, msgspec.json.encode(payload).decode())


def read(written: Written, open_box: Open) -> Event | None:
    """An event as it was recorded, or None for a type that this version does not know.

    Personal values whose key is gone have the defaults of their class.
    """
    cls = _classes().get((written.type, written.schema_version))
    if cls is None:
        return None
    shape = _shapes()[cls]
    if not shape.personal:
        return shape.decoder.decode(written.payload)
    values: dict[str, Any] = msgspec.json.decode(written.payload)
    box = msgspec.convert(values.pop(_SEALED), SealedBox)
    personal = open_box(box)
    if personal is not None:
        values |= msgspec.json.decode(personal)
    return cast("Event", msgspec.convert(values, cls))


def sealing_key(payload: str) -> int | None:
    """The number of the key that a payload's personal values are sealed with."""
    sealed: Mapping[str, Any] | None = msgspec.json.decode(payload).get(_SEALED)
    return None if sealed is None else cast("int", sealed["key"])


_SEALED: Final = "sealed"


@lru_cache(maxsize=1)
def _shapes() -> dict[type, _Shape]:
    return {cls: _shape(cls) for cls in WIRE_NAMES}


@lru_cache(maxsize=1)
def _classes() -> dict[tuple[str, int], type]:
    return {(wire.name, wire.version): cls for cls, wire in WIRE_NAMES.items()}


def _shape(cls: type[Event]) -> _Shape:
    sealed = personal_fields(cls)
    personal = tuple(item.name for item in fields(cls) if item.name in sealed)
    for item in fields(cls):
        if item.name in personal and item.default is MISSING and item.default_factory is MISSING:
            raise TypeError(f"{cls.__name__}.{item.name} is personal and has no value for after its erasure")
    clear = tuple(item.name for item in fields(cls) if item.name not in personal)
    return _Shape(cls, clear, personal, msgspec.json.Decoder(cls))
