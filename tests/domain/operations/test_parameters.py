"""Parameters say what they are, and refuse what they are not, in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import pytest

from domain.errors import InvalidInput, UnknownName
from domain.operations.parameters import Parameter, Parameters, ParameterType
from domain.recipe import JsonValue


class Shape(StrEnum):
    ROUND = "ROUND"
    SQUARE = "SQUARE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brush:
    size: Annotated[int, Parameter("How broad.", unit="px", minimum=1, maximum=100)]
    softness: Annotated[float, Parameter("How soft.", minimum=0, maximum=1)] = 0.5
    shape: Annotated[Shape, Parameter("Which shape.")] = Shape.ROUND
    wet: Annotated[bool, Parameter("Whether it runs.")] = False
    angle: Annotated[float | None, Parameter("Turned by.", unit="°", minimum=-90, maximum=90)] = None


BRUSH = Parameters("paint", Brush)


def test_a_declaration_describes_its_parameters() -> None:
    """All that a form needs follows from the dataclass."""
    size, softness, shape, wet, angle = BRUSH.descriptions
    assert (size.name, size.type, size.unit, size.required) == ("size", ParameterType.INTEGER, "px", True)
    assert (size.minimum, size.maximum, size.default, size.nullable) == (1, 100, None, False)
    assert (softness.type, softness.default, softness.required) == (ParameterType.NUMBER, 0.5, False)
    assert (shape.type, shape.default, shape.choices) == (ParameterType.CHOICE, "ROUND", ("ROUND", "SQUARE"))
    assert (wet.type, wet.default) == (ParameterType.BOOLEAN, False)
    assert (angle.type, angle.nullable, angle.default) == (ParameterType.NUMBER, True, None)


def test_plain_values_become_parameters() -> None:
    """Names of choices become choices, whole numbers may stand for numbers, and null for what is absent."""
    values: dict[str, JsonValue] = {"size": 3, "softness": 1, "shape": "SQUARE", "angle": None}
    assert BRUSH.read(values) == Brush(size=3, softness=1.0, shape=Shape.SQUARE)
    assert isinstance(BRUSH.read(values).softness, float)


def test_parameters_become_plain_values_with_their_defaults() -> None:
    """What is absent is left out, so that there is one way to write it."""
    expected = {"size": 3, "softness": 0.5, "shape": "ROUND", "wet": False}
    assert BRUSH.write(Brush(size=3)) == expected
    assert BRUSH.write(Brush(size=3, angle=0.0)) == expected | {"angle": 0.0}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "size of paint must be a whole number from 1 to 100 px; this is null."),
        ({"size": None}, "size of paint must be a whole number from 1 to 100 px; this is null."),
        ({"size": 0}, "size of paint must be a whole number from 1 to 100 px; this is 0."),
        ({"size": 101}, "size of paint must be a whole number from 1 to 100 px; this is 101."),
        ({"size": 1.0}, "size of paint must be a whole number from 1 to 100 px; this is 1.0."),
        ({"size": "1"}, "size of paint must be a whole number from 1 to 100 px; this is '1'."),
        ({"size": True}, "size of paint must be a whole number from 1 to 100 px; this is True."),
        ({"size": 1, "softness": 1.1}, "softness of paint must be a number from 0 to 1; this is 1.1."),
        (
            {"size": 1, "softness": float("nan")},
            "softness of paint must be a number from 0 to 1; this is nan.",
        ),
        ({"size": 1, "softness": None}, "softness of paint must be a number from 0 to 1; this is null."),
        (
            {"size": 1, "angle": float("inf")},
            "angle of paint must be a number from -90 to 90 °; this is inf.",
        ),
        ({"size": 1, "shape": 1}, "shape of paint must be one of ROUND, SQUARE; this is 1."),
        ({"size": 1, "wet": 0}, "wet of paint must be true or false; this is 0."),
    ],
)
def test_what_does_not_fit_is_refused_with_the_bounds(values: dict[str, JsonValue], message: str) -> None:
    """The message says what would be right, what is wrong, and the field where."""
    with pytest.raises(InvalidInput) as refused:
        BRUSH.read(values)
    assert refused.value.message == message
    assert refused.value.field == f"paint.{message.partition(' ')[0]}"


def test_unknown_names_are_refused_with_the_nearest_known_one() -> None:
    """A misspelt parameter is never ignored, nor a misspelt choice."""
    with pytest.raises(UnknownName, match=r"no parameter of paint named 'sise'. Did you mean 'size'?"):
        BRUSH.read({"size": 1, "sise": 1})
    with pytest.raises(UnknownName, match=r"no shape named 'SQARE'. Did you mean 'SQUARE'?"):
        BRUSH.read({"size": 1, "shape": "SQARE"})


@dataclass(frozen=True)
class Bare:
    size: int = 1


@dataclass(frozen=True)
class Boundless:
    size: Annotated[int, Parameter("How large.")] = 1


@dataclass(frozen=True)
class Bounded:
    on: Annotated[bool, Parameter("Whether.", minimum=0, maximum=1)] = True


@dataclass(frozen=True)
class Text:
    text: Annotated[str, Parameter("What.")] = ""


@pytest.mark.parametrize("declaration", [Bare, Boundless, Bounded, Text])
def test_an_incomplete_declaration_is_an_error_of_the_programmer(declaration: type) -> None:
    """It is found when the operation is registered, not when somebody uses it."""
    with pytest.raises(TypeError, match="must"):
        Parameters("broken", declaration)
