"""What must be true of every operation in the catalogue, also of those that are still to be written."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

import cv2
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.operations.catalogue import Call, Operation, Pixels, Reduction, canonical, operations
from domain.operations.parameters import Parameters
from domain.recipe import Recipe, Step
from tests.domain.operations.strategies import calls, pictures

FEW = settings(deadline=None, max_examples=40)
"""For each of some thirty operations: enough, because what is shared by them is tried a thousand times."""


def every_operation(trait: Callable[[Operation[Any]], object] = lambda _: True) -> pytest.MarkDecorator:
    """Run a test with each operation that has a trait."""
    chosen = [operation for operation in operations().values() if trait(operation)]
    return pytest.mark.parametrize("operation", chosen, ids=lambda operation: operation.name)


def size_of(pixels: Pixels) -> tuple[int, int]:
    return pixels.shape[1], pixels.shape[0]


def has_alpha(pixels: Pixels) -> bool:
    return pixels.ndim == 3 and pixels.shape[2] in {2, 4}


@every_operation()
@FEW
@given(data=st.data())
def test_the_input_is_never_changed(operation: Operation[Any], data: st.DataObject) -> None:
    """A picture is shared by all renditions of it."""
    pixels = data.draw(pictures())
    call = data.draw(calls(operation, pixels))
    before = pixels.copy()
    call.apply(pixels)
    np.testing.assert_array_equal(pixels, before)


@every_operation()
@FEW
@given(data=st.data())
def test_size_and_depth_are_as_announced(operation: Operation[Any], data: st.DataObject) -> None:
    """The size is known before a pixel is, and the depth stays."""
    pixels = data.draw(pictures())
    call = data.draw(calls(operation, pixels))
    result = call.apply(pixels)
    announced = call.announced(size_of(pixels))
    if operation.announces_most:
        assert all(made <= most for made, most in zip(size_of(result), announced, strict=True))
    else:
        assert size_of(result) == announced
    assert result.dtype == pixels.dtype


@every_operation()
@FEW
@given(data=st.data())
def test_the_result_is_a_picture_with_alpha_if_the_input_had_it(
    operation: Operation[Any], data: st.DataObject
) -> None:
    """Channels are one of the four shapes that pixels have, and transparency is kept."""
    pixels = data.draw(pictures())
    call = data.draw(calls(operation, pixels))
    result = call.apply(pixels)
    assert result.ndim == 2 or result.shape[2:] in {(2,), (3,), (4,)}
    assert has_alpha(result) == has_alpha(pixels)


@every_operation()
@FEW
@given(data=st.data())
def test_the_same_input_gives_the_same_result(operation: Operation[Any], data: st.DataObject) -> None:
    """A rendition made again is the same rendition."""
    pixels = data.draw(pictures())
    call = data.draw(calls(operation, pixels))
    np.testing.assert_array_equal(call.apply(pixels), call.apply(pixels.copy()))


@every_operation()
@FEW
@given(data=st.data())
def test_a_picture_that_is_a_view_gives_what_its_copy_gives(
    operation: Operation[Any], data: st.DataObject
) -> None:
    """What an operation hands on may be a part of a larger array."""
    pixels = data.draw(pictures())
    part = pixels[pixels.shape[0] // 3 :, pixels.shape[1] // 3 :]
    call = data.draw(calls(operation, part))
    np.testing.assert_array_equal(call.apply(part), call.apply(part.copy()))


@settings(deadline=None)
@given(pixels=pictures())
def test_neutral_parameters_change_nothing(pixels: Pixels) -> None:
    """What an operation calls neutral is the identity."""
    for operation in operations().values():
        if operation.neutral is not None:
            np.testing.assert_array_equal(Call(operation, operation.neutral).apply(pixels), pixels)


@every_operation()
@FEW
@given(data=st.data())
def test_parameters_survive_json(operation: Operation[Any], data: st.DataObject) -> None:
    """What is stored in a recipe is read back as it was."""
    call = data.draw(calls(operation))
    stored = json.loads(json.dumps(operation.parameters.write(call.parameters), allow_nan=False))
    assert operation.parameters.read(stored) == call.parameters


@every_operation()
@FEW
@given(data=st.data())
def test_a_canonical_recipe_is_its_own_canonical_form(operation: Operation[Any], data: st.DataObject) -> None:
    """Defaults are filled in once; the form is the same whether they were written out or not."""
    call = data.draw(calls(operation))
    recipe = Recipe((Step(operation.name, operation.parameters.write(call.parameters)),))
    assert canonical(canonical(recipe)) == canonical(recipe) == recipe


@every_operation(lambda operation: not operation.moves_pixels)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_a_pixel_matters_within_the_margin_only(operation: Operation[Any], data: st.DataObject) -> None:
    """From the margin follows what must be computed around a region, once all is measured."""
    pixels = data.draw(pictures())
    call = data.draw(calls(operation, pixels))
    measured, margin = call.measured(pixels, None), operation.margin(call.parameters)
    row = data.draw(st.integers(0, pixels.shape[0] - 1))
    column = data.draw(st.integers(0, pixels.shape[1] - 1))
    changed = pixels.copy()
    changed[row, column] ^= 0x55
    different = call.run(pixels, measured) != call.run(changed, measured)
    rows, columns = np.nonzero(different.reshape(*different.shape[:2], -1).any(axis=2))
    distance = np.maximum(np.abs(rows - row), np.abs(columns - column))
    assert margin is None or distance.max(initial=0) <= margin


@every_operation(lambda operation: operation.commutes_with_averaging)
@settings(deadline=None)
@given(data=st.data())
def test_what_commutes_with_averaging_gives_the_same_before_and_after(
    operation: Operation[Any], data: st.DataObject
) -> None:
    """Where a decoder averages first, nobody sees the difference: rounding is all there is."""
    call = data.draw(calls(operation))
    random = np.random.default_rng(data.draw(st.integers(0, 1000)))
    pixels = random.integers(0, 256, (16, 24, 3), np.uint8)
    before = call.apply(cv2.resize(pixels, (12, 8), interpolation=cv2.INTER_AREA))
    after = cv2.resize(call.apply(pixels), (12, 8), interpolation=cv2.INTER_AREA)
    np.testing.assert_allclose(before.astype(int), after.astype(int), atol=2)


@every_operation(lambda operation: operation.reduction)
@settings(deadline=None)
@given(data=st.data())
def test_a_reduced_copy_gives_the_same_picture(operation: Operation[Any], data: st.DataObject) -> None:
    """Where an operation says that a smaller copy is enough, size and place of everything are the same.

    Slopes show it: their average is exact, so that only a shift or another scale could differ. In a
    picture of few blocks the padding of the last one would count as well.
    """
    reduction = cast("Reduction[Any]", operation.reduction)
    call = data.draw(calls(operation))
    width, height = data.draw(st.integers(64, 400)), data.draw(st.integers(64, 400))
    scale = data.draw(st.sampled_from([2, 4, 8]))
    assume(reduction.suffices(width, height, call.parameters, scale))
    pixels = slopes(width, height)
    result = reduction.apply(averaged_by_blocks(pixels, scale), call.parameters, (width, height), scale)
    expected = call.apply(pixels)
    assert result.shape == expected.shape
    inner = np.s_[:-1, :-1]  # the last block of a copy holds padding beside what is seen
    np.testing.assert_allclose(result[inner].astype(int), expected[inner].astype(int), atol=2 * 257)


def slopes(width: int, height: int) -> Pixels:
    """Two channels of colour that rise to the right and downwards, and one that is flat."""
    across = np.linspace(0, 65535, width)[None, :].repeat(height, axis=0)
    down = np.linspace(0, 65535, height)[:, None].repeat(width, axis=1)
    return np.dstack([across, down, np.full_like(down, 1000)]).astype(np.uint16)


def averaged_by_blocks(pixels: Pixels, scale: int) -> Pixels:
    """As a JPEG decoder does it: blocks from the top left, edges repeated."""
    height, width = pixels.shape[:2]
    padded = np.pad(pixels, ((0, -height % scale), (0, -width % scale), (0, 0)), mode="edge")
    blocks = padded.reshape(padded.shape[0] // scale, scale, padded.shape[1] // scale, scale, 3)
    means: Pixels = np.rint(blocks.mean(axis=(1, 3)))
    return means.astype(np.uint16)


@every_operation()
def test_everything_is_described(operation: Operation[Any]) -> None:
    """A form and a page of documentation can be made of every operation."""
    assert isinstance(operation.parameters, Parameters)
    assert operation.description[0].isupper()
    for described in operation.parameters.descriptions:
        assert described.description.endswith(".")
        assert described.expectation


@every_operation()
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_the_result_keeps_nothing_of_a_transparent_colour_but_its_transparency(
    operation: Operation[Any], data: st.DataObject
) -> None:
    """What cannot be seen must not be seen afterwards: hidden colours never bleed into visible ones."""
    random = np.random.default_rng(data.draw(st.integers(0, 1000)))
    pixels = random.integers(0, 256, (20, 30, 4), np.uint8)
    call = data.draw(calls(operation, pixels))
    pixels[:, :15, 3] = 0
    other = pixels.copy()
    other[:, :15, :3] = random.integers(0, 256, (20, 15, 3), np.uint8)
    one, two = call.apply(pixels), call.apply(other)
    np.testing.assert_array_equal(one[..., -1], two[..., -1])
    np.testing.assert_array_equal(one[one[..., -1] > 0], two[two[..., -1] > 0])
