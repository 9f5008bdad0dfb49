"""Events as text: the payload column, which is what the chain hashes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from functools import cached_property
from typing import Any, Final, NamedTuple, cast

import msgspec

from domain.events import WIRE_NAMES, Event, WireName, personal_fields
from infrastructure.log.upcasting import UPCASTERS, Upcaster, readable, upcast

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


class DamagedPayload(ValueError):
    """A payload of a type and version that are known does not decode: it is not what was written."""


class _Shape(NamedTuple):
    """How one event class stands in the payload."""

    clear: tuple[str, ...]
    personal: tuple[str, ...]
    decoder: msgspec.json.Decoder[Event]


class Registry:
    """The events that can be written and read. A wrong table is a TypeError at the first use."""

    def __init__(self, wire_names: Mapping[type, WireName], upcasters: Mapping[WireName, Upcaster]) -> None:
        self.wire_names = wire_names
        self.upcasters = upcasters

    @cached_property
    def shapes(self) -> dict[type, _Shape]:
        return {cls: _shape(cls) for cls in self.wire_names}

    @cached_property
    def classes(self) -> dict[tuple[str, int], type]:
        """Today's class of every name and version that can be read."""
        found = {
            (wire.name, version): cls
            for cls, wire in self.wire_names.items()
            for version in readable(wire, self.upcasters)
        }
        for start in self.upcasters:
            if (start.name, start.version) not in found:
                raise TypeError(f"the upcaster of {start} leads to no event of today")
        return found


RELEASED: Final = Registry(WIRE_NAMES, UPCASTERS)


def write(event: Event, seal: Seal, registry: Registry = RELEASED) -> Written:
    """An event as it is recorded; its personal values go through `seal`."""
    wire, shape = registry.wire_names[type(event)], registry.shapes[type(event)]
    if not shape.personal:
        return Written(wire.name, wire.version, msgspec.json.encode(event).decode())
    personal = msgspec.json.encode({name: getattr(event, name) for name in shape.personal})
    payload = {name: getattr(event, name) for name in shape.clear} | {_SEALED: seal(personal)}
    return Written(wire.name, wire.version, msgspec.json.encode(payload).decode())


def read(written: Written, open_box: Open, registry: Registry = RELEASED) -> Event | None:
    """An event as it was recorded, or None for a type or version that this Darkroom does not know.

    Personal values whose key is gone have the defaults of their class. Raises DamagedPayload.
    """
    cls = registry.classes.get((written.type, written.schema_version))
    if cls is None:
        return None
    try:
        return _read(written, open_box, cls, registry)
    except _UNDECODABLE as error:
        raise DamagedPayload(f"{type(error).__name__}: {error}") from error


def _read(written: Written, open_box: Open, cls: type, registry: Registry) -> Event:
    shape, wire = registry.shapes[cls], registry.wire_names[cls]
    if not shape.personal and wire.version == written.schema_version:
        return shape.decoder.decode(written.payload)
    values: dict[str, Any] = msgspec.json.decode(written.payload, type=dict[str, Any])
    if _SEALED in values:
        personal = open_box(msgspec.convert(values.pop(_SEALED), SealedBox))
        if personal is not None:
            values |= msgspec.json.decode(personal, type=dict[str, Any])
    elif shape.personal and wire.version == written.schema_version:
        raise KeyError(_SEALED)
    values = upcast(values, WireName(written.type, written.schema_version), wire.version, registry.upcasters)
    return cast("Event", msgspec.convert(values, cls))


def sealing_key(payload: str) -> int | None:
    """The number of the key that a payload's personal values are sealed with; None where there are none.

    Of a payload that is not of this form, which a newer version may write, that is not known either.
    """
    try:
        sealed: Mapping[str, Any] | None = msgspec.json.decode(payload, type=dict[str, Any]).get(_SEALED)
    except msgspec.DecodeError:
        return None
    return None if sealed is None else cast("int", sealed["key"])


_SEALED: Final = "sealed"

_UNDECODABLE: Final = (
    msgspec.MsgspecError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What comes of a wrong text, in the decoder or in an upcaster; not what comes of a wrong disk."""


def _shape(cls: type[Event]) -> _Shape:
    sealed = personal_fields(cls)
    personal = tuple(item.name for item in fields(cls) if item.name in sealed)
    for item in fields(cls):
        if item.name in personal and item.default is MISSING and item.default_factory is MISSING:
            raise TypeError(f"{cls.__name__}.{item.name} is personal and has no value for after its erasure")
    clear = tuple(item.name for item in fields(cls) if item.name not in personal)
    return _Shape(clear, personal, msgspec.json.Decoder(cls))
