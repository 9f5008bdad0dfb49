"""As little is decoded as the renditions need, and no less."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from domain.errors import InvalidInput
from domain.header import ImageHeader, MediaType
from domain.operations.catalogue import apply, resolve
from domain.recipe import JsonValue, Recipe, Step
from infrastructure.pixels.codec import decode
from infrastructure.pixels.plan import plan
from tests.infrastructure.pixels.files import exif, header_of, picture, to_pil, written

GRAY = Step("grayscale")


def scaled(**parameters: JsonValue) -> Step:
    return Step("resize", parameters)


def planned(
    size: tuple[int, int],
    *recipes: Sequence[Step],
    media_type: MediaType = MediaType.JPEG,
    orientation: int = 1,
) -> tuple[int, bool]:
    calls = [resolve(Recipe(tuple(steps))) for steps in recipes]
    made = plan(ImageHeader(media_type, *size, orientation=orientation), calls)
    return made.scale, made.gray


@pytest.mark.parametrize(
    ("side", "scale"), [(100, 8), (294, 8), (295, 4), (588, 4), (589, 2), (1176, 2), (1177, 1), (4000, 1)]
)
def test_enough_for_the_size_wanted_is_decoded(side: int, scale: int) -> None:
    """Of a picture of 4000 x 4000, in eighths, quarters, halves, or whole."""
    assert planned((4000, 4000), [scaled(width=side, height=side)]) == (scale, False)


def test_the_most_demanding_rendition_and_direction_decide() -> None:
    """All of them are made from one decode."""
    assert planned((4000, 4000), [scaled(width=100)], [scaled(width=400)]) == (4, False)
    assert planned((4000, 1000), [scaled(width=100, height=100)]) == (4, False)
    assert planned((4000, 4000), [scaled(width=100)], []) == (1, False)


def test_only_jpeg_is_decoded_smaller_or_in_gray() -> None:
    """Other decoders decode everything first, and may have alpha."""
    for media_type in set(MediaType) - {MediaType.JPEG}:
        assert planned((4000, 4000), [GRAY, scaled(width=10)], media_type=media_type) == (1, False)


def test_gray_is_enough_where_everybody_begins_with_it() -> None:
    """A JPEG holds the luma of BT.601 as its first channel, no other."""
    assert planned((80, 80), [GRAY], [GRAY, scaled(width=10)]) == (1, True)
    assert planned((80, 80), [GRAY], [scaled(width=10)]) == (1, False)
    assert planned((80, 80), [scaled(width=10), GRAY]) == (4, False)
    assert planned((80, 80), [Step("grayscale", {"method": "MEAN"}), scaled(width=10)]) == (4, False)
    assert planned((80, 80), []) == (1, False)


def test_a_turned_picture_is_measured_as_it_is_seen() -> None:
    """Width and height change places where it lies on its side."""
    assert planned((4000, 1000), [scaled(width=100, height=500)], orientation=6) == (4, False)
    assert planned((4000, 1000), [scaled(width=100, height=500)], orientation=1) == (1, False)


def test_a_copy_that_does_not_go_up_must_keep_its_edges() -> None:
    """The last pixel of such a copy is seen in part; turned round it would come first."""
    step = scaled(width=10)
    assert planned((801, 800), [step], orientation=1) == (8, False)
    assert planned((801, 800), [step], orientation=5) == (8, False)
    for orientation in (2, 3, 4, 6, 7, 8):
        assert planned((801, 800), [step], orientation=orientation) == (1, False)
        assert planned((804, 800), [step], orientation=orientation) == (4, False)


@pytest.mark.parametrize(("width", "scale"), [(4032, 4), (4031, 4), (4029, 4), (5312, 4), (6028, 4)])
def test_what_is_cut_off_leaves_a_copy_its_pixels(width: int, scale: int) -> None:
    """The part used begins where a pixel of the copy does, whatever the sides are."""
    assert planned((width, 3024), [scaled(width=300, height=300, fit="COVER")]) == (scale, False)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(640, 480), (637, 471)])
@pytest.mark.parametrize(
    "parameters",
    [
        {"width": 60, "height": 60},
        {"width": 64, "height": 64, "fit": "INSIDE"},
        {"width": 50, "height": 50, "fit": "COVER"},
        {"width": 80, "height": 60, "fit": "CONTAIN"},
        {"height": 20},
        {"width": 135, "height": 40},
        {"width": 130, "height": 135},
    ],
)
@pytest.mark.parametrize("first", [[], [GRAY]])
def test_what_is_planned_gives_the_same_picture(
    first: list[Step], parameters: dict[str, JsonValue], size: tuple[int, int], orientation: int
) -> None:
    """From the smaller copy comes what comes from the whole, at every orientation, in the same size."""
    recipe = Recipe((*first, scaled(**parameters)))
    pixels = picture(*size)
    content = written(to_pil(pixels), MediaType.JPEG, quality=95, exif=exif(orientation))
    header = header_of(MediaType.JPEG, pixels, orientation)
    made = plan(header, [resolve(recipe)])
    result = made.apply(resolve(recipe), decode(content, header, scale=made.scale, gray=made.gray))
    expected = apply(recipe, decode(content, header))
    assert made.scale > 1 or size == (637, 471)
    assert result.shape == expected.shape
    error = np.mean((result.astype(float) - expected) ** 2)
    assert error < 255**2 / 10**4.4


@pytest.mark.parametrize("media_type", [MediaType.JPEG, MediaType.PNG])
def test_what_becomes_too_large_after_a_trim_is_refused(media_type: MediaType) -> None:
    """What is left is known only then: of one column a width makes a height of its own."""
    calls = resolve(Recipe((Step("trim"), scaled(width=1000))))
    pixels = np.full((400, 40, 3), 255, np.uint8)
    pixels[:, 20] = 0
    with pytest.raises(InvalidInput, match="resize would make 1,000 x 400,000 pixels"):
        plan(ImageHeader(media_type, 40, 400), [calls]).apply(calls, pixels)


@pytest.mark.parametrize("parameters", [{"width": 91, "height": 91, "fit": "COVER"}, {"width": 97}])
def test_of_a_copy_nearly_the_same_is_made(parameters: dict[str, JsonValue]) -> None:
    """What is scaled of it is sampled, also where a step before has cut off an odd part; the size stays."""
    calls = resolve(Recipe((Step("crop", {"x": 3, "width": 211, "height": 201}), scaled(**parameters))))
    pixels = picture(256, 204)
    made = plan(ImageHeader(MediaType.JPEG, 256, 204), [calls])
    result, exact = made.apply(calls, pixels, copy=True), made.apply(calls, pixels)
    assert result.shape == exact.shape
    assert not np.array_equal(result, exact)
    assert np.mean((result.astype(float) - exact) ** 2) < 255**2 / 10**4
