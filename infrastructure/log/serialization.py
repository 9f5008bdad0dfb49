"""Events as text: the payload column, which is what the chain hashes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from functools import lru_cache
from typing import Annotated, Any, Final, NamedTuple, cast, get_args, get_origin, get_type_hints

import msgspec

from domain.events import PERSONAL, WIRE_NAMES, Event

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
    hints = get_type_hints(cls, include_extras=True)
    personal = tuple(name for name, hint in hints.items() if _is_personal(hint))
    for item in fields(cls):
        if item.name in personal and item.default is MISSING and item.default_factory is MISSING:
            raise TypeError(f"{cls.__name__}.{item.name} is personal and has no value for after its erasure")
    clear = tuple(item.name for item in fields(cls) if item.name not in personal)
    return _Shape(cls, clear, personal, msgspec.json.Decoder(cls))


def _is_personal(hint: Any) -> bool:  # noqa: ANN401  (an annotation may be anything)
    return get_origin(hint) is Annotated and PERSONAL in get_args(hint)
