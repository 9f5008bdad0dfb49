"""Hypothesis strategies that follow from the declarations of operations."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.operations.catalogue import Call, Operation, Pixels
from domain.operations.parameters import LONGEST_TEXT, ParameterDescription, ParameterType
from domain.recipe import JsonValue

SMALL = 64
"""Lengths stay this near to their least value where they may become sizes."""


def values(described: ParameterDescription, *, most: int | None = None) -> st.SearchStrategy[JsonValue]:
    """What a parameter may be, as a plain value: a number at most so much above the least."""
    if described.type is ParameterType.CHOICE:
        return st.sampled_from(described.choices)
    if described.type is ParameterType.BOOLEAN:
        return st.booleans()
    if described.type is ParameterType.COLOR:
        return st.from_regex(r"#([0-9a-f]{2}){3,4}", fullmatch=True)
    if described.type is ParameterType.TEXT:
        return st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=LONGEST_TEXT)
    assert described.minimum is not None
    assert described.maximum is not None
    greatest = described.maximum if most is None else min(described.maximum, described.minimum + most)
    if described.type is ParameterType.INTEGER:
        return st.integers(int(described.minimum), int(greatest))
    return st.floats(described.minimum, greatest)


@st.composite
def calls(draw: st.DrawFn, operation: Operation[Any], pixels: Pixels | None = None) -> Call[Any]:
    """An operation with any parameters that it takes; given a picture, with such as fit its size."""
    if pixels is None:
        return draw(_calls(operation, SMALL))
    height, width = pixels.shape[:2]
    for most in (SMALL, max(width, height) // 2, 2, 0):
        call = draw(_calls(operation, most))
        with suppress(InvalidInput):
            call.announced((width, height))
            return call
    assume(condition=False)
    raise AssertionError


@st.composite
def _calls(draw: st.DrawFn, operation: Operation[Any], most: int) -> Call[Any]:
    """Lengths are at most so much above their least value, where they may become sizes."""
    each = {
        d.name: values(d, most=most if operation.moves_pixels and d.unit == "px" else None)
        for d in operation.parameters.descriptions
    }
    required = {d.name for d in operation.parameters.descriptions if d.required}
    plain = draw(
        st.fixed_dictionaries(
            {name: each[name] for name in required},
            optional={name: strategy for name, strategy in each.items() if name not in required},
        )
    )
    if operation.name in TOGETHER:
        plain |= draw(TOGETHER[operation.name](most))
    try:
        return Call(operation, operation.parameters.read(plain))
    except InvalidInput:
        assume(condition=False)
        raise


@st.composite
def quadrilaterals(draw: st.DrawFn, most: int) -> dict[str, JsonValue]:
    """The corners of perspective: of a square, each moved by less than a quarter of its side."""
    side = draw(st.integers(2, max(most, 2)))
    moves = st.floats(0, side / 4, exclude_max=True)
    corners = {"top_left": (0, 0), "top_right": (1, 0), "bottom_right": (1, 1), "bottom_left": (0, 1)}
    return {
        f"{name}_{axis}": draw(moves) if edge == 0 else side - draw(moves)
        for name, place in corners.items()
        for axis, edge in zip("xy", place, strict=True)
    }


TOGETHER: Final = {"perspective": quadrilaterals}
"""Parameters that fit each other only when they are drawn together."""


@st.composite
def pictures(draw: st.DrawFn, most: int = 24) -> Pixels:
    """Small pictures of every shape and depth, of noise, of one colour, transparent in part or whole."""
    height, width = draw(st.integers(1, most)), draw(st.integers(1, most))
    channels = draw(st.sampled_from([(), (2,), (3,), (4,)]))
    dtype, top = draw(st.sampled_from([(np.uint8, 255), (np.uint16, 65_535)]))
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    shape = (height, width, *channels)
    pixels: Pixels = random.integers(0, top, shape, dtype, endpoint=True)
    if draw(st.booleans()):
        pixels[:] = draw(st.integers(0, top))
    if channels in {(2,), (4,)}:
        pixels[..., -1] *= random.integers(0, 1, shape[:2], dtype, endpoint=True)
    return pixels
