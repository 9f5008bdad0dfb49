"""Hypothesis strategies that follow from the declarations of operations."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.operations.catalogue import Call, Operation, Pixels
from domain.operations.parameters import LONGEST_TEXT, ParameterDescription, ParameterType
from domain.recipe import JsonValue

SMALL = 64
"""Numbers stay this near to their least value where they may become sizes."""


def values(described: ParameterDescription, *, small: bool = False) -> st.SearchStrategy[JsonValue]:
    """What a parameter may be, as a plain value."""
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
    most = min(described.maximum, described.minimum + SMALL) if small else described.maximum
    if described.type is ParameterType.INTEGER:
        return st.integers(int(described.minimum), int(most))
    return st.floats(described.minimum, most)


@st.composite
def calls(draw: st.DrawFn, operation: Operation[Any]) -> Call[Any]:
    """An operation with any parameters that it takes."""
    each = {d.name: values(d, small=operation.moves_pixels) for d in operation.parameters.descriptions}
    required = {d.name for d in operation.parameters.descriptions if d.required}
    plain = draw(
        st.fixed_dictionaries(
            {name: each[name] for name in required},
            optional={name: strategy for name, strategy in each.items() if name not in required},
        )
    )
    try:
        return Call(operation, operation.parameters.read(plain))
    except InvalidInput:
        assume(condition=False)
        raise


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
