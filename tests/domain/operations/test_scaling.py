"""A recipe for a copy makes of it what the recipe makes of the picture: to the eye, and of the same size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import cv2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.operations import catalogue
from domain.operations.catalogue import Operation, Pixels, announced_size, apply, operations
from domain.operations.parameters import Parameter, Parameters
from domain.operations.resize import Fit
from domain.operations.scaling import recipe_for_copy
from domain.recipe import JsonValue, Recipe, Step
from domain.region import Point, Rectangle, Region
from tests.infrastructure.pixels.files import picture

SIZE, COPY = (3000, 2000), (1000, 667)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    radius: Annotated[int, Parameter("Whole.", unit="px", minimum=1, maximum=50)] = 3
    sigma: Annotated[float, Parameter("Of any size.", unit="px", minimum=0, maximum=50)] = 1.0
    strength: Annotated[float, Parameter("No length.", minimum=0, maximum=50)] = 1.0


def blurred(pixels: Pixels, parameters: Lengths) -> Pixels:
    return cv2.GaussianBlur(pixels, (0, 0), max(parameters.sigma, 0.01))


def cut(pixels: Pixels, parameters: Lengths) -> Pixels:
    return pixels[parameters.radius :]


def made(name: str, function: Any, **traits: Any) -> Operation[Any]:  # noqa: ANN401
    known: dict[str, Any] = {"scales": True, "announce": None, "announces_most": False}
    return Operation(
        name=name,
        description="Made.",
        function=function,
        parameters=Parameters(name, Lengths),
        margin=lambda _: None,
        measure=None,
        neutral=None,
        commutes_with_averaging=False,
        reduction=None,
        **known | traits,
    )


@pytest.fixture(autouse=True)
def more_operations(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {
        **operations(),
        "blur": made("blur", blurred),
        "grain": made("grain", blurred, scales=False),
        "trim": made("trim", cut, announce=lambda width, height, _: (width, height), announces_most=True),
        "cut": made("cut", cut, announce=lambda width, height, p: (width, height - p.radius)),
    }
    monkeypatch.setattr(catalogue, "operations", lambda: known)


def resized(**parameters: JsonValue) -> Step:
    return Step("resize", parameters)


def scaled(*steps: Step) -> tuple[Step, ...] | None:
    recipe = recipe_for_copy(Recipe(steps), SIZE, COPY)
    return None if recipe is None else recipe.steps


def test_lengths_are_scaled_and_nothing_else() -> None:
    """Whole ones are rounded half up; what comes after the resize is about the result itself."""
    blur = Step("blur", {"radius": 5, "sigma": 6.0, "strength": 9.0})
    assert scaled(blur, resized(width=300), blur) == (
        Step("blur", {"radius": 2, "sigma": 2.0, "strength": 9.0}),
        resized(width=300, height=200, fit="FILL", enlarge=True),
        blur,
    )


def test_regions_are_scaled() -> None:
    """By the ratio of each side, with their feather."""
    box = Region(Rectangle(300, 300, 600, 900), feather=30)
    line = Region(polygon=(Point(0, 0), Point(3000, 0), Point(3000, 2000)))
    steps = scaled(*(Step("blur", {"sigma": 3.0}, region) for region in (box, line)), resized(width=300))
    assert steps is not None
    assert steps[0].region == Region(Rectangle(100, 100.05, 200, 300.15), feather=10)
    assert steps[1].region == Region(polygon=(Point(0, 0), Point(1000, 0), Point(1000, 667)))


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (Step("blur"),),
        (Step("grain"), resized(width=10)),
        (Step("trim"), resized(width=10)),
        (Step("blur", {"radius": 1}), resized(width=10)),
        (Step("blur", {}, Region(Rectangle(0, 0, 2, 2))), resized(width=10)),
        (resized(width=600),),
        (resized(width=10, height=400),),
        (Step("cut", {"radius": 50}),) * 39 + (resized(width=100, height=40),),
    ],
    ids=[
        "nothing",
        "no resize",
        "not alike",
        "size unknown",
        "too short",
        "too small",
        "too wide",
        "too high",
        "all cut off",
    ],
)
def test_where_a_copy_will_not_do_there_is_no_recipe_for_it(steps: tuple[Step, ...]) -> None:
    """Then the picture itself is worked on."""
    assert scaled(*steps) is None


@given(
    size=st.tuples(st.integers(1500, 7000), st.integers(1500, 7000)),
    width=st.none() | st.integers(1, 700),
    height=st.none() | st.integers(1, 700),
    fit=st.sampled_from(Fit),
    enlarge=st.booleans(),
    cuts=st.integers(0, 3),
)
def test_the_size_is_exactly_that_of_the_picture_itself(
    size: tuple[int, int], width: int | None, height: int | None, fit: Fit, enlarge: bool, cuts: int
) -> None:
    """Whatever was rounded on the way."""
    if width is None and height is None:
        return
    resize = resized(width=width, height=height, fit=fit.value, enlarge=enlarge)
    recipe = Recipe((*[Step("cut", {"radius": 50})] * cuts, resize))
    copy = announced_size(Recipe((resized(width=1000, height=1000, fit="INSIDE"),)), size)
    found = recipe_for_copy(recipe, size, copy)
    if found is not None:
        assert announced_size(found, copy) == announced_size(recipe, size)


def test_the_result_is_the_same_to_the_eye() -> None:
    """With a length, a part, and gray."""
    pixels = picture(1500, 1000)
    copy = cv2.resize(pixels, (750, 500), interpolation=cv2.INTER_AREA)
    part = Region(Rectangle(200, 100, 701, 501), feather=20)
    for fit in Fit:
        recipe = Recipe(
            (
                Step("blur", {"sigma": 12.0}, part),
                Step("grayscale"),
                resized(width=300, height=250, fit=fit.value),
            )
        )
        smaller = recipe_for_copy(recipe, (1500, 1000), (750, 500))
        assert smaller is not None
        assert cv2.PSNR(apply(smaller, copy), apply(recipe, pixels)) > 42
