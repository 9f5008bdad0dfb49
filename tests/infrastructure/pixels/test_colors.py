"""Colours of other spaces look the same in sRGB, as far as it has them."""

from __future__ import annotations

import io
from itertools import product

import numpy as np
import pytest
from PIL import ImageCms

from domain.header import MediaType
from domain.operations.catalogue import Pixels, apply
from domain.output import Output
from domain.recipe import Recipe, Step
from infrastructure.pixels.codec import decode
from infrastructure.pixels.colors import CONVERTED, matrix, to_srgb
from infrastructure.pixels.icc import ColorSpace
from infrastructure.pixels.tasks import Render
from tests.infrastructure.pixels import profiles
from tests.infrastructure.pixels.files import (
    exif,
    from_pil,
    header_of,
    opened,
    picture,
    to_pil,
    turned,
    with_alpha,
    written,
)

PROFILES = {ColorSpace.DISPLAY_P3: profiles.P3, ColorSpace.ADOBE_RGB: profiles.ADOBE}
SPACES = [pytest.param(space, id=space.name) for space in PROFILES]


def patches() -> Pixels:
    """A cube of colours of 17 steps a side, and grays: BGR, uint8."""
    steps = [*range(0, 256, 16), 255]
    cube = np.array(list(product(steps, repeat=3)), np.uint8)
    return np.concatenate([cube, np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, 1)])[:, None]


def by_littlecms(pixels: Pixels, icc: bytes) -> Pixels:
    source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    converted = ImageCms.profileToProfile(
        to_pil(pixels),
        source,
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
    )
    assert converted is not None
    return from_pil(converted)


def difference(one: Pixels, two: Pixels) -> int:
    return int(np.abs(one.astype(int) - two.astype(int)).max())


def test_the_matrices_are_the_published_ones() -> None:
    """Display P3 to sRGB as CSS Color 4 derives it; the columns of white add up to white."""
    expected = [
        [1.2249401762805598, -0.22494017628055996, 0],
        [-0.042056954709688163, 1.0420569547096881, 0],
        [-0.019637554590334432, -0.078636045550631889, 1.0982736001409663],
    ]
    np.testing.assert_allclose(matrix(ColorSpace.DISPLAY_P3)[::-1, ::-1], expected, atol=1e-9)
    for space in CONVERTED:
        np.testing.assert_allclose(matrix(space).sum(axis=1), 1)


@pytest.mark.parametrize("space", SPACES)
def test_patches_are_as_littlecms_has_them(space: ColorSpace) -> None:
    """Within a level of 8 bits where littlecms is exact; what sRGB lacks is clipped by both."""
    expected = by_littlecms(patches(), PROFILES[space])
    assert difference(patches(), expected) > 20
    assert difference(to_srgb(patches(), space), expected) <= 1


@pytest.mark.parametrize("space", SPACES)
def test_a_picture_is_as_littlecms_has_it(space: ColorSpace) -> None:
    """Higher than the bands in which it is converted."""
    pixels = np.tile(picture(700, 500), (2, 1, 1))
    assert difference(to_srgb(pixels.copy(), space), by_littlecms(pixels, PROFILES[space])) <= 1


@pytest.mark.parametrize("space", SPACES)
def test_sixteen_bits_stay_as_fine(space: ColorSpace) -> None:
    """Within three levels of 65,535 of the formulas, in the dark too."""
    chance = np.random.default_rng(1)
    deep = chance.integers(0, 65536, (300, 5, 3), np.uint16)
    deep[:100] //= 50
    samples = deep[..., ::-1] / 65535
    light = samples ** (563 / 256) if space is ColorSpace.ADOBE_RGB else light_of(samples)
    linear = np.clip(light @ matrix(space)[::-1, ::-1].T, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    expected = np.rint(encoded * 65535)[..., ::-1]
    assert np.abs(to_srgb(deep, space).astype(int) - expected).max() <= 3


def light_of(samples: Pixels) -> Pixels:
    return np.where(samples <= 0.04045, samples / 12.92, ((samples + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("space", SPACES)
def test_alpha_is_not_touched(space: ColorSpace, *, deep: bool) -> None:
    """And colours come out as they do without it."""
    pixels = picture().astype(np.uint16) * 257 if deep else picture()
    result = to_srgb(with_alpha(pixels), space)
    np.testing.assert_array_equal(result[..., 3], with_alpha(pixels)[..., 3])
    np.testing.assert_array_equal(result[..., :3], to_srgb(pixels, space))


def test_gray_is_left_alone() -> None:
    """It is gray in every space."""
    gray = picture()[..., 1]
    np.testing.assert_array_equal(to_srgb(gray.copy(), ColorSpace.ADOBE_RGB), gray)
    pair = with_alpha(gray)
    np.testing.assert_array_equal(to_srgb(pair.copy(), ColorSpace.ADOBE_RGB), pair)


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize(
    "media_type", [MediaType.JPEG, MediaType.PNG, MediaType.WEBP, MediaType.AVIF, MediaType.TIFF]
)
def test_a_file_is_decoded_to_srgb(media_type: MediaType, space: ColorSpace) -> None:
    """As the profile in it says, before it is turned upright."""
    image = to_pil(picture())
    options = {"lossless": True, "quality": 95}
    stored = decode(written(image, media_type, **options), header_of(media_type, picture()))
    expected = by_littlecms(stored, PROFILES[space])
    content = written(image, media_type, icc_profile=PROFILES[space], **options)
    result = decode(content, header_of(media_type, picture(), 6))
    assert difference(expected, stored) > 10
    assert difference(result, turned(expected, 6)) <= 1


@pytest.mark.parametrize("icc", [profiles.PLAIN, profiles.FOREIGN, b"nonsense" * 20])
def test_other_profiles_change_nothing(icc: bytes) -> None:
    """sRGB needs nothing, and what is not known is not guessed at."""
    image = to_pil(picture())
    content = written(image, MediaType.PNG, icc_profile=icc)
    np.testing.assert_array_equal(decode(content, header_of(MediaType.PNG, picture())), picture())


@pytest.mark.parametrize("scale", [1, 2])
def test_gray_is_the_luma_of_what_is_shown(scale: int) -> None:
    """A decoder would hand out the luma of the other space."""
    content = written(to_pil(picture()), MediaType.JPEG, quality=95, icc_profile=profiles.ADOBE, exif=exif(8))
    header = header_of(MediaType.JPEG, picture(), 8)
    gray = decode(content, header, scale=scale, gray=True)
    colors = decode(content, header, scale=scale)
    assert gray.ndim == 2
    assert np.abs(gray - colors @ np.array([0.114, 0.587, 0.299])).max() <= 1


def test_renditions_are_made_of_what_is_shown() -> None:
    """In colour and in gray, reduced while decoding too."""
    size = (640, 480)
    content = written(to_pil(picture(*size)), MediaType.JPEG, quality=95, icc_profile=profiles.P3)
    header = header_of(MediaType.JPEG, picture(*size))
    scaled = Step("resize", {"width": 80})
    recipes = {"colors": Recipe((scaled,)), "gray": Recipe((Step("grayscale"), scaled))}
    shown = by_littlecms(from_pil(opened(content)), profiles.P3)
    for name, recipe in recipes.items():
        rendered = Render(header, {name: (recipe, Output(MediaType.PNG))}).carry_out(content)
        result = from_pil(opened(rendered.made[name].content))
        assert difference(result, apply(recipe, shown)) <= 4
