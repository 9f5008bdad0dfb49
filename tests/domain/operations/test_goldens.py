"""Operations give the pixels that they gave when they were released."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from domain.operations.catalogue import Operation, operations
from tests.domain.operations.test_every_operation import every_operation
from tests.goldens.pictures import FOLDER, load, made, path, seen, sources

HOW = (
    "`make goldens` adds what is missing; an operation that needs other parameters than those that its "
    "descriptions suggest has them in tests/goldens/pictures.py."
)
EXCEPTIONS = 0.01
"""The part of the samples that may differ by more than a level, where processors round differently."""


def test_every_operation_has_its_goldens() -> None:
    """And every golden its operation: what was released is not taken away."""
    expected = {path(name, bits) for name in operations() for bits in sources()}
    assert set(FOLDER.glob("*.png")) == expected, HOW


@every_operation()
def test_an_example_shows_what_an_operation_does(operation: Operation[Any]) -> None:
    """A golden of neutral parameters would hold nothing but the picture that it was made of."""
    shown = (not np.array_equal(made(operation, source), seen(source)) for source in sources().values())
    assert any(shown), HOW


@every_operation()
@pytest.mark.parametrize("bits", sources())
def test_an_operation_gives_the_pixels_that_it_gave(operation: Operation[Any], bits: int) -> None:
    """Within a level of 256, on every machine."""
    expected, result = load(operation.name, bits), made(operation, sources()[bits])
    assert (result.shape, result.dtype) == (expected.shape, expected.dtype)
    difference = np.abs(result.astype(int) - expected.astype(int))
    assert (difference > 1 << (bits - 8)).mean() <= EXCEPTIONS
