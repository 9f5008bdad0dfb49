"""The parameters of operations: described by their declarations, and checked against them.

A parameter is a field of a frozen dataclass whose type is `Annotated` with a `Parameter`:

    sigma: Annotated[float, Parameter("How far it blurs.", unit="px", minimum=0, maximum=100)] = 2.0

Its type is int, float, bool, a StrEnum, Color or Text; with `| None` it may be absent, and None means
absent. A length in pixels has the unit "px": it is scaled with the picture where a preview is made.
What belongs to several fields at once is checked by `__post_init__`, which raises InvalidInput.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Final,
    Generic,
    Self,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from domain.errors import InvalidInput, UnknownName
from domain.recipe import JsonValue

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a declaration says of a parameter. Bounds are inclusive, in the unit."""

    description: str
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None


class Color(str):
    """Red, green and blue as CSS writes them, `#rrggbb`, or with alpha `#rrggbbaa`; kept in small letters."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        return super().__new__(cls, text.lower())

    @property
    def bgra(self) -> tuple[int, int, int, int]:
        """0 to 255 each, in OpenCV's order; alpha 255 where it is not said."""
        red, green, blue, *alpha = bytes.fromhex(self[1:])
        return blue, green, red, alpha[0] if alpha else 255


class Text(str):
    """Characters that can be printed, in one line."""

    __slots__ = ()


LONGEST_TEXT: Final = 200


class ParameterType(StrEnum):
    INTEGER = "INTEGER"
    NUMBER = "NUMBER"
    BOOLEAN = "BOOLEAN"
    CHOICE = "CHOICE"
    COLOR = "COLOR"
    TEXT = "TEXT"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterDescription:
    """All that a form, a schema or a page of documentation needs to know of a parameter."""

    name: str
    type: ParameterType
    description: str
    unit: str | None
    required: bool
    nullable: bool
    default: JsonValue
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]

    @property
    def expectation(self) -> str:
        """What a value must be, in words."""
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        if self.type in _WORDS:
            return _WORDS[self.type]
        noun = "a whole number" if self.type is ParameterType.INTEGER else "a number"
        unit = f" {self.unit}" if self.unit else ""
        return f"{noun} from {self.minimum:,} to {self.maximum:,}{unit}"


_TYPES: Final[dict[type, ParameterType]] = {
    int: ParameterType.INTEGER,
    float: ParameterType.NUMBER,
    bool: ParameterType.BOOLEAN,
    Color: ParameterType.COLOR,
    Text: ParameterType.TEXT,
}
_NUMBERS: Final = {int, float}
_WORDS: Final = {
    ParameterType.BOOLEAN: "true or false",
    ParameterType.COLOR: "a colour as #rrggbb or #rrggbbaa",
    ParameterType.TEXT: f"1 to {LONGEST_TEXT} printable characters",
}
_COLOR: Final = re.compile("#[0-9a-fA-F]{6}(?:[0-9a-fA-F]{2})?")


class Parameters(Generic[P]):
    """The parameters of one operation, read from plain values and written as such."""

    def __init__(self, operation: str, declaration: type[P]) -> None:
        """Raises TypeError where a field is not declared as this module says."""
        self.operation = operation
        self.declaration = declaration
        hints = get_type_hints(declaration, include_extras=True)
        defaults = {field.name: field.default for field in fields(cast("Any", declaration))}
        self.descriptions = tuple(_describe(name, hints[name], default) for name, default in defaults.items())
        self._types = {name: _concrete(get_args(hints[name])[0]) for name in defaults}

    def read(self, values: Mapping[str, JsonValue]) -> P:
        """Parameters from plain values. Raises UnknownName and InvalidInput, in words, with the bounds."""
        for name in values:
            if name not in self._types:
                kind = f"parameter of {self.operation}"
                raise UnknownName(kind, name, self._types, field=f"{self.operation}.{name}")
        given: dict[str, object] = {}
        for described in self.descriptions:
            value = values.get(described.name)
            if value is not None:
                self._check(described, value)
                given[described.name] = self._types[described.name](value)
            elif described.required or (described.name in values and not described.nullable):
                raise self._refusal(described, value)
        return self.declaration(**given)

    def write(self, parameters: P) -> dict[str, JsonValue]:
        """Plain values, defaults included; what is absent is left out."""
        values = {name: getattr(parameters, name) for name in self._types}
        return {name: _plain(value) for name, value in values.items() if value is not None}

    def _check(self, described: ParameterDescription, value: JsonValue) -> None:
        if isinstance(value, str) and described.choices and value not in described.choices:
            field = f"{self.operation}.{described.name}"
            raise UnknownName(described.name, value, described.choices, field=field)
        if not _fits(described, value):
            raise self._refusal(described, value)

    def _refusal(self, described: ParameterDescription, value: JsonValue) -> InvalidInput:
        shown = "null" if value is None else repr(value)[:100]
        return InvalidInput(
            f"{described.name} of {self.operation} must be {described.expectation}; this is {shown}.",
            field=f"{self.operation}.{described.name}",
        )


def _describe(name: str, hint: object, default: object) -> ParameterDescription:
    if get_origin(hint) is not Annotated or not isinstance(get_args(hint)[1], Parameter):
        raise TypeError(f"{name} must be Annotated with a Parameter")
    annotated, declared = get_args(hint)[:2]
    concrete = _concrete(annotated)
    choices = tuple(choice.value for choice in concrete) if issubclass(concrete, StrEnum) else ()
    if not choices and concrete not in _TYPES:
        raise TypeError(f"{name} must be int, float, bool, a StrEnum, Color or Text")
    if (None in {declared.minimum, declared.maximum}) is (concrete in _NUMBERS):
        raise TypeError(f"{name} must have a minimum and a maximum if, and only if, it is a number")
    return ParameterDescription(
        name=name,
        type=ParameterType.CHOICE if choices else _TYPES[concrete],
        description=declared.description,
        unit=declared.unit,
        required=default is MISSING,
        nullable=concrete is not annotated,
        default=None if default is MISSING else _plain(default),
        minimum=declared.minimum,
        maximum=declared.maximum,
        choices=choices,
    )


def _concrete(hint: object) -> type:
    """The type without `| None`."""
    if get_origin(hint) not in {Union, UnionType}:
        return cast("type", hint)
    (concrete,) = (alternative for alternative in get_args(hint) if alternative is not NoneType)
    return cast("type", concrete)


def _fits(described: ParameterDescription, value: JsonValue) -> bool:
    match value:
        case bool():
            return described.type is ParameterType.BOOLEAN
        case str():
            return _fits_text(described.type, value)
        case float() if described.type is ParameterType.INTEGER:
            return False
        case int() | float() if described.minimum is not None and described.maximum is not None:
            return described.minimum <= value <= described.maximum
        case _:
            return False


def _fits_text(kind: ParameterType, value: str) -> bool:
    match kind:
        case ParameterType.CHOICE:
            return True
        case ParameterType.COLOR:
            return _COLOR.fullmatch(value) is not None
        case ParameterType.TEXT:
            return 1 <= len(value) <= LONGEST_TEXT and value.isprintable()
        case _:
            return False


def _plain(value: object) -> JsonValue:
    match value:
        case StrEnum():
            return value.value
        case str():
            return str(value)
        case _:
            return cast("JsonValue", value)
