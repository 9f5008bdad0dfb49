"""The same recipe for a smaller copy of a picture.

Lengths in px are scaled by the ratio of the longer sides, until a resize: from there on sizes are those of
the picture itself, so that the result has exactly the size that it has without a copy. Whole numbers are
rounded half up, which moves an edge by half a pixel of the copy at most: by less than a third of a pixel of
the result.
"""

from __future__ import annotations

from dataclasses import replace
from math import floor
from typing import Any

from domain.errors import InvalidInput
from domain.operations.catalogue import Call, Size, resolve
from domain.operations.parameters import ParameterDescription, ParameterType
from domain.operations.resize import ENOUGH, Fit, Resize
from domain.recipe import JsonValue, Recipe, Step


def recipe_for_copy(recipe: Recipe, size: Size, copy: Size) -> Recipe | None:
    """What gives the same to the eye when it is done to a copy of this size instead of the picture itself.

    None where a step before the first resize is another on a copy, or makes a size that is not known before,
    where too little would be left for that resize, and where there is none. Raises UnknownName and
    InvalidInput.
    """
    calls = resolve(recipe)
    factor = max(copy) / max(size)
    scaled: list[Call[Any]] = []
    for index, call in enumerate(calls):
        if isinstance(call.parameters, Resize):
            resize = _resize_of_copy(call, size, copy)
            return None if resize is None else _recipe((*scaled, resize, *calls[index + 1 :]))
        smaller = _scaled(call, size, copy, factor)
        if smaller is None:
            return None
        scaled.append(smaller)
        try:
            copy = smaller.announced(copy)
        except InvalidInput:  # such as a part that reaches out by what was rounded
            return None
        size = call.announced(size)
    return None


def _resize_of_copy(call: Call[Resize], size: Size, copy: Size) -> Call[Resize] | None:
    """A resize that makes of the copy what the one given makes of the picture."""
    width, height = call.announced(size)
    if copy[0] < ENOUGH * width or copy[1] < ENOUGH * height:
        return None
    cut_or_framed = None not in {call.parameters.width, call.parameters.height} and call.parameters.fit in {
        Fit.CONTAIN,
        Fit.COVER,
    }
    fit = call.parameters.fit if cut_or_framed else Fit.FILL
    return replace(call, parameters=Resize(width=width, height=height, fit=fit))


def _scaled(call: Call[Any], size: Size, copy: Size, factor: float) -> Call[Any] | None:
    operation = call.operation
    if operation.announces_most or not (operation.scales or operation.commutes_with_averaging):
        return None
    values = operation.parameters.write(call.parameters)
    for described in operation.parameters.descriptions:
        if described.unit == "px" and described.name in values:
            values[described.name] = _length(described, values[described.name], factor)
    try:
        region = call.region and call.region.scaled(copy[0] / size[0], copy[1] / size[1]).checked(
            operation.name
        )
        return Call(operation, operation.parameters.read(values), region)
    except InvalidInput:  # too small a copy: a length is below what it can be
        return None


def _length(described: ParameterDescription, length: JsonValue, factor: float) -> float:
    assert isinstance(length, int | float)  # noqa: S101  (what is measured in px is a number)
    scaled = length * factor
    return floor(scaled + 0.5) if described.type is ParameterType.INTEGER else scaled


def _recipe(calls: tuple[Call[Any], ...]) -> Recipe:
    return Recipe(
        tuple(
            Step(call.operation.name, call.operation.parameters.write(call.parameters), call.region)
            for call in calls
        )
    )
