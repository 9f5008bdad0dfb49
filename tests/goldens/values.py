"""An example of any event, made from its class: the same one on every machine, every field filled."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any, Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

_WORDS: Final[Mapping[str, str]] = {
    "sha256": "0123456789abcdef" * 4,
    "original": "fedcba9876543210" * 4,
    "name": 'Omas "Häuschen" 🏔.jpg',
    "description": "In Rom,\nmit Giulia",
}
"""Texts that look like what they stand for, and hold what JSON must escape."""

_PLAIN: Final[Mapping[object, Any]] = {
    bool: True,
    float: 0.1,
    bytes: b"\x00\xff",
    datetime: datetime(2026, 11, 20, 12, 30, 15, 123456, UTC),
    type(None): None,
    Any: "anything",
}


def example(cls: type[T], *arguments: Any) -> T:  # noqa: ANN401
    """An instance of a dataclass, of these type arguments where it is generic.

    Raises TypeError for a field of a kind that has no example yet.
    """
    hints = get_type_hints(cls)
    names = [item.name for item in dataclasses.fields(cls) if item.init]  # type: ignore[arg-type]
    values = {name: _filled(hints[name], arguments) for name in names}
    return cls(**{name: _value(values[name], name, n) for n, name in enumerate(names, 1)})


def _filled(hint: Any, arguments: tuple[Any, ...]) -> Any:  # noqa: ANN401
    """A type whose variables are replaced by the arguments of the class that it stands in."""
    return hint[arguments] if arguments and getattr(hint, "__parameters__", ()) else hint


def _value(hint: Any, name: str, number: int) -> Any:  # noqa: ANN401
    """Of a type, for a field of this name, the `number`-th of its class."""
    if hint in _PLAIN:
        return _PLAIN[hint]
    if hint is str:
        return _text(name)
    if hint is int:
        return number * 100 + 1
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return example(hint)
    return _composed(get_origin(hint), get_args(hint), name, number)


def _composed(origin: Any, arguments: tuple[Any, ...], name: str, number: int) -> Any:  # noqa: ANN401
    if origin is Annotated:
        return _value(arguments[0], name, number)
    if origin is Literal:
        return arguments[0]
    if origin in {Union, types.UnionType}:
        return _value(arguments[0], name, number)
    if origin is tuple and arguments[1:] != (...,):
        return tuple(_value(argument, name, number) for argument in arguments)
    if isinstance(origin, type) and dataclasses.is_dataclass(origin):
        return example(origin, *arguments)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {_value(arguments[0], "key", number): _value(arguments[1], "value", number)}
    if origin in {tuple, list, frozenset}:
        return origin((_value(arguments[0], name, number),))
    if origin is Sequence:
        return (_value(arguments[0], name, number),)
    raise TypeError(f"a field of type {origin} has no example; give it one in {__name__}")


def _text(name: str) -> str:
    if name.endswith("_id"):
        return name.encode().hex()[:32].ljust(32, "0")
    return _WORDS.get(name, f"a {name}")
