"""Filters and enhancements are those that people know from Pillow: equal within one level."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from domain.operations.catalogue import Pixels, apply
from domain.recipe import JsonValue, Recipe, Step
from tests.infrastructure.pixels.files import from_pil, picture, to_pil

PHOTOGRAPH: Final = Path(__file__).parents[3] / "static" / "client" / "sample.jpg"

FILTERS: Final = [
    (Step("blur"), ImageFilter.BLUR),
    (Step("contour"), ImageFilter.CONTOUR),
    (Step("detail"), ImageFilter.DETAIL),
    (Step("edge_enhance"), ImageFilter.EDGE_ENHANCE),
    (Step("edge_enhance", {"strength": "MORE"}), ImageFilter.EDGE_ENHANCE_MORE),
    (Step("emboss"), ImageFilter.EMBOSS),
    (Step("find_edges"), ImageFilter.FIND_EDGES),
    (Step("sharpen"), ImageFilter.SHARPEN),
    (Step("smooth"), ImageFilter.SMOOTH),
    (Step("smooth", {"strength": "MORE"}), ImageFilter.SMOOTH_MORE),
]
ENHANCEMENTS: Final = {
    "brightness": ImageEnhance.Brightness,
    "color": ImageEnhance.Color,
    "contrast": ImageEnhance.Contrast,
    "sharpness": ImageEnhance.Sharpness,
}
FACTORS: Final = [0.0, 0.3, 1.0, 1.5, 2.0]

filters = pytest.mark.parametrize(("step", "theirs"), FILTERS, ids=lambda value: getattr(value, "name", ""))
enhancements = pytest.mark.parametrize("name", ENHANCEMENTS)
factors = pytest.mark.parametrize("factor", FACTORS)


def photograph() -> Pixels:
    with Image.open(PHOTOGRAPH) as image:
        return from_pil(image.convert("RGB"))


def noise(width: int, height: int, channels: tuple[int, ...] = (3,)) -> Pixels:
    return np.random.default_rng(5).integers(0, 256, (height, width, *channels), np.uint8)


def opaque(pixels: Pixels) -> Pixels:
    return cv2.cvtColor(pixels, cv2.COLOR_BGR2BGRA)


PICTURES: Final = {
    "photograph": photograph(),
    "gray photograph": from_pil(to_pil(photograph()).convert("L")),
    "opaque photograph": opaque(photograph()),
    "slopes": picture(),
    "noise": noise(70, 50),
    "gray noise": noise(70, 50, ()),
    "1 x 1": noise(1, 1),
    "2 x 5": noise(2, 5),
    "5 x 2": noise(5, 2, ()),
    "4 x 4": noise(4, 4),
    "5 x 5": noise(5, 5),
}

every_picture = pytest.mark.parametrize("pixels", PICTURES.values(), ids=list(PICTURES))


def applied(pixels: Pixels, operation: str, **parameters: JsonValue) -> Pixels:
    return apply(Recipe((Step(operation, parameters),)), pixels)


def enhanced(pixels: Pixels, name: str, factor: float) -> Pixels:
    return from_pil(ENHANCEMENTS[name](to_pil(pixels)).enhance(factor))


def assert_equal_within_a_level(ours: Pixels, theirs: Pixels) -> None:
    assert ours.shape == theirs.shape
    assert cv2.absdiff(ours, np.ascontiguousarray(theirs)).max() <= 1


@every_picture
@filters
def test_a_filter_is_the_one_of_pillow(pixels: Pixels, step: Step, theirs: Any) -> None:  # noqa: ANN401
    """Borders included, where Pillow keeps the pixels. Alpha is kept, which Pillow filters too."""
    expected = from_pil(to_pil(pixels).filter(theirs)).copy()
    if pixels.shape[2:] == (4,):
        expected[..., 3] = 255
    assert_equal_within_a_level(apply(Recipe((step,)), pixels), expected)


@every_picture
@enhancements
@factors
def test_an_enhancement_is_the_one_of_pillow(pixels: Pixels, name: str, factor: float) -> None:
    """From nothing over the picture itself to twice as much."""
    assert_equal_within_a_level(applied(pixels, name, factor=factor), enhanced(pixels, name, factor))


@pytest.mark.parametrize("name", ["brightness", "color"])
@factors
def test_alpha_is_no_concern_of_what_looks_at_one_pixel(name: str, factor: float) -> None:
    """As with Pillow, it stays as it is, and the colours are those without it."""
    pixels = noise(40, 30, (4,))
    assert_equal_within_a_level(applied(pixels, name, factor=factor), enhanced(pixels, name, factor))


@filters
def test_sixteen_bits_are_filtered_as_eight_are(step: Step, theirs: Any) -> None:  # noqa: ANN401
    """The same picture with finer levels is the same result with finer levels."""
    pixels = noise(40, 30)
    fine = apply(Recipe((step,)), pixels.astype(np.uint16) * 257)
    expected = from_pil(to_pil(pixels).filter(theirs))
    np.testing.assert_allclose(fine / 257, expected, atol=1)


@enhancements
@factors
def test_sixteen_bits_are_enhanced_as_eight_are(name: str, factor: float) -> None:
    """The same picture with finer levels is the same result with finer levels."""
    pixels = noise(40, 30)
    fine = applied(pixels.astype(np.uint16) * 257, name, factor=factor)
    np.testing.assert_allclose(fine / 257, enhanced(pixels, name, factor), atol=1.5)


@enhancements
@pytest.mark.parametrize("channels", [(), (2,), (3,), (4,)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_factor_one_changes_nothing(name: str, channels: tuple[int, ...], dtype: type) -> None:
    """Not a level, whatever the depth and the alpha."""
    most = np.iinfo(dtype).max
    pixels = np.random.default_rng(6).integers(0, most, (30, 40, *channels), dtype, endpoint=True)
    np.testing.assert_array_equal(applied(pixels, name, factor=1), pixels)
