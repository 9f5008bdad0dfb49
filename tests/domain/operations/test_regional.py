"""A step on a region changes what is within it, as it would in the whole picture, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.operations.catalogue import Call, Operation, Pixels, announced_size, operations, resolve
from domain.operations.parameters import Parameters
from domain.operations.regional import Box, coverage
from domain.recipe import Recipe, Step
from domain.region import Point, Rectangle, Region
from tests.domain.operations.strategies import calls, pictures
from tests.domain.operations.test_every_operation import every_operation


@dataclass(frozen=True, slots=True)
class Nothing:
    pass


def made(function: Any, **traits: Any) -> Operation[Any]:  # noqa: ANN401
    """An operation that is in no catalogue."""
    known: dict[str, Any] = {
        "margin": lambda _: 0,
        "measure": None,
        "announce": None,
        "announces_most": False,
    }
    return Operation(
        name="made",
        description="Made.",
        function=function,
        parameters=Parameters("made", Nothing),
        neutral=None,
        scales=True,
        commutes_with_averaging=False,
        reduction=None,
        **known | traits,
    )


def noise(width: int, height: int, channels: tuple[int, ...] = (3,)) -> Pixels:
    return np.random.default_rng(1).integers(0, 256, (height, width, *channels), np.uint8)


@st.composite
def regions(draw: st.DrawFn, width: int, height: int) -> Region:
    """Within a picture of this size, to whole pixels."""
    left, top = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
    right, bottom = draw(st.integers(left + 1, width)), draw(st.integers(top + 1, height))
    feather = draw(st.sampled_from([0, 0, 1.5, 4]))
    if draw(st.booleans()):
        return Region(Rectangle(left, top, right - left, bottom - top), feather=feather)
    corners = (Point(left, top), Point(right, top), Point(right, bottom), Point(left, bottom))
    return Region(polygon=corners, feather=feather)


def in_colours(pixels: Pixels) -> Pixels:
    return pixels if pixels.ndim == 3 else cv2.merge((pixels,) * 3)


def shown_through(before: Pixels, changed: Pixels, mask: Pixels) -> Pixels:
    mixed: Pixels = before + (changed.astype(float) - before) * (mask / 255)[..., None]
    return mixed


@every_operation(lambda operation: not operation.moves_pixels and operation.measure is None)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_a_region_shows_the_operation_on_the_whole_picture(
    operation: Operation[Any], data: st.DataObject
) -> None:
    """No rim at the edge of the selection: its surroundings are the true ones.

    What lies between two levels may be rounded otherwise in a part, and the blending rounds once more.
    """
    pixels = data.draw(pictures())
    call = data.draw(calls(operation, pixels))
    pixels = pixels if pixels.ndim == 2 or pixels.shape[2] == 3 else pixels[..., 0]
    height, width = pixels.shape[:2]
    region = data.draw(regions(width, height))
    result = Call(operation, call.parameters, region).apply(pixels)
    before, whole = in_colours(pixels), in_colours(call.apply(pixels))
    mask = coverage(region, Box(0, 0, width, height))
    expected = shown_through(before, whole, mask)
    np.testing.assert_allclose(in_colours(result).astype(float), expected, atol=1.5)


@every_operation(lambda operation: not operation.moves_pixels)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_nothing_outside_of_a_region_is_changed(operation: Operation[Any], data: st.DataObject) -> None:
    """Where the mask is nothing, the picture is what it was; the depth stays, and the input too."""
    pixels = data.draw(pictures())
    call = data.draw(calls(operation, pixels))
    height, width = pixels.shape[:2]
    region = data.draw(regions(width, height))
    untouched = pixels.copy()
    result = Call(operation, call.parameters, region).apply(pixels)
    np.testing.assert_array_equal(pixels, untouched)
    assert (result.shape[:2], result.dtype) == (pixels.shape[:2], pixels.dtype)
    outside = coverage(region, Box(0, 0, width, height)) == 0
    if result.shape == pixels.shape:
        np.testing.assert_array_equal(result[outside], pixels[outside])


def test_what_is_measured_is_measured_in_the_region() -> None:
    """A mean is that of the selection, each pixel as far as it is within."""
    seen: list[tuple[Pixels, Pixels]] = []

    def measure(pixels: Pixels, _: Nothing, mask: Pixels) -> int:
        seen.append((pixels, mask))
        return 7

    filled = made(lambda pixels, _, measured: np.full_like(pixels, measured), measure=measure)
    pixels = noise(10, 8)
    result = Call(filled, Nothing(), Region(Rectangle(2, 1.5, 4, 3))).apply(pixels)
    ((part, mask),) = seen
    np.testing.assert_array_equal(part, pixels[1:5, 2:6])
    np.testing.assert_array_equal(mask[:, 0], [128, 255, 255, 128])
    assert (result[2:4, 2:6] == 7).all()


def test_what_is_measured_and_changed_is_converted_once() -> None:
    """Of a whole picture; where a region is changed, of what is measured and of what is changed alike."""
    sizes: list[tuple[int, ...]] = []

    def halved(pixels: Pixels, _: Nothing) -> list[Pixels]:
        sizes.append(pixels.shape[:2])
        return [pixels // 2]

    lightest = made(
        lambda halves, _, most: np.full_like(halves[0], most),
        convert=halved,
        measure=lambda halves, _, mask: halves[0].max(),
        margin=lambda _: 1,
    )
    pixels = np.array([[10, 40, 200]], np.uint8)
    np.testing.assert_array_equal(Call(lightest, Nothing()).apply(pixels), [[100, 100, 100]])
    assert sizes == [(1, 3)]
    part = Call(lightest, Nothing(), Region(Rectangle(0, 0, 1, 1)))
    np.testing.assert_array_equal(part.apply(pixels), [[5, 40, 200]])
    assert sizes == [(1, 3), (1, 1), (1, 2)]


@pytest.mark.parametrize("channels", [(), (3,)])
def test_a_tall_region_is_blended_in_one_piece(channels: tuple[int, ...]) -> None:
    """Whole in some rows and in part in others, as if all of it were done at once."""
    pixels = noise(20, 300, channels)
    inverted = operations()["invert"]
    region = Region(Rectangle(0.5, 10.25, 19.5, 250), feather=3)
    mask = coverage(region, Box(0, 0, 20, 300))
    result = Call(inverted, inverted.parameters.read({}), region).apply(pixels)
    expected = shown_through(in_colours(pixels), in_colours(255 - pixels), mask)
    np.testing.assert_allclose(in_colours(result).astype(float), expected, atol=0.51)
    whole = Call(inverted, inverted.parameters.read({}), Region(Rectangle(0, 0, 20, 290))).apply(pixels)
    np.testing.assert_array_equal(whole[:290], 255 - pixels[:290])
    np.testing.assert_array_equal(whole[290:], pixels[290:])


def test_colours_in_a_gray_picture_make_it_a_picture_in_colours() -> None:
    """And gray in a picture in colours leaves it one."""
    red = made(lambda pixels, _: np.dstack([pixels * 0, pixels * 0, pixels | 255]))
    result = Call(red, Nothing(), Region(Rectangle(0, 0, 1, 2))).apply(np.full((2, 2), 9, np.uint8))
    np.testing.assert_array_equal(result[0], [[0, 0, 255], [9, 9, 9]])
    gray = operations()["grayscale"]
    pixels = noise(4, 4, (4,))
    result = Call(gray, gray.parameters.read({}), Region(Rectangle(0, 0, 2, 4))).apply(pixels)
    assert (result[:, :2, 0] == result[:, :2, 2]).all()
    np.testing.assert_array_equal(result[:, 2:], pixels[:, 2:])


def test_what_becomes_transparent_gives_no_colour_to_the_edge() -> None:
    """Half way between red and clear black is red, half transparent."""
    cleared = made(lambda pixels, _: pixels * 0)
    red = np.full((1, 4, 4), (0, 0, 255, 255), np.uint8)
    result = Call(cleared, Nothing(), Region(Rectangle(0, 0, 1.5, 1))).apply(red)
    np.testing.assert_array_equal(result[0, 1], [0, 0, 255, 127])


def test_only_the_surroundings_are_computed() -> None:
    """A small selection in a large picture is small work."""
    sizes: list[tuple[int, ...]] = []

    def blur(pixels: Pixels, _: Nothing) -> Pixels:
        sizes.append(pixels.shape[:2])
        return cv2.blur(pixels, (5, 5))

    near = made(blur, margin=lambda _: 2)
    Call(near, Nothing(), Region(Rectangle(50, 0, 10, 20))).apply(noise(100, 100))
    everywhere = made(blur, margin=lambda _: None)
    Call(everywhere, Nothing(), Region(Rectangle(50, 0, 10, 20))).apply(noise(100, 100))
    assert sizes == [(22, 14), (100, 100)]


@pytest.mark.parametrize("feather", [0.0, 6.0])
def test_a_polygon_covers_what_is_within_it(feather: float) -> None:
    """As much of each pixel as geometry says; a feathered edge is half way where the edge was."""
    diamond = (Point(20, 4), Point(36, 20), Point(20, 36), Point(4, 20))
    mask = coverage(Region(polygon=diamond, feather=feather), Box(0, 0, 40, 40))
    assert mask.sum() / 255 == pytest.approx(16 * 16 * 2, rel=0.01)
    assert mask[20, 20] == 255
    np.testing.assert_allclose(mask.astype(int), mask[:, ::-1].astype(int), atol=1)
    edge = int(mask[11, 11]) + int(mask[12, 12])
    assert edge == pytest.approx(255, abs=25)
    if feather == 0:
        assert mask[19, 4] == pytest.approx(255 / 2, abs=1)


def test_a_lasso_that_crosses_itself_covers_both_of_its_loops() -> None:
    """What is wound around is within, in whichever direction, and twice is no more than once."""
    bow = (Point(0, 0), Point(10, 10), Point(10, 0), Point(0, 10))
    mask = coverage(Region(polygon=bow), Box(0, 0, 10, 10))
    assert mask[5, 0] > 250
    assert mask[5, 9] > 250
    square = (Point(2, 2), Point(8, 2), Point(8, 8), Point(2, 8))
    twice = coverage(Region(polygon=square + square), Box(0, 0, 10, 10))
    np.testing.assert_array_equal(twice, coverage(Region(Rectangle(2, 2, 6, 6)), Box(0, 0, 10, 10)))


def test_a_region_of_what_moves_pixels_is_refused() -> None:
    """With the reason, before anything is decoded."""
    with pytest.raises(InvalidInput, match="resize takes no region") as refusal:
        resolve(Recipe((Step("resize", {"width": 5}, Region(Rectangle(0, 0, 5, 5))),)))
    assert refusal.value.field == "resize.region"


def test_a_region_is_looked_at_with_the_size_that_its_step_is_given() -> None:
    """What was within the original may lie outside after a resize."""
    gray = Step("grayscale", region=Region(Rectangle(0, 0, 50, 50)))
    assert announced_size(Recipe((gray, Step("resize", {"width": 20}))), (100, 100)) == (20, 20)
    with pytest.raises(InvalidInput, match="20 x 20"):
        announced_size(Recipe((Step("resize", {"width": 20}), gray)), (100, 100))
