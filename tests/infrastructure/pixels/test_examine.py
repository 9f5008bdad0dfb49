"""The examination of an original: what is the same, what is nearly the same, and what is neither."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest

from domain.findings import NEAR, Findings, distance
from domain.header import ImageHeader, MediaType
from domain.operations.catalogue import Pixels
from infrastructure.pixels.examine import Examine
from infrastructure.pixels.pixel_hash import pixel_hash
from infrastructure.pixels.thumb_hash import thumb_hash
from tests.infrastructure.pixels.files import (
    exif,
    header_of,
    opened,
    picture,
    scene,
    to_pil,
    turned,
    with_alpha,
    written,
)


def examined(content: bytes, header: ImageHeader) -> Findings:
    examination = Examine(header).carry_out(content)
    assert examination.findings is not None, examination.failure
    return examination.findings


def of(pixels: Pixels, media_type: MediaType = MediaType.PNG, **options: object) -> Findings:
    return examined(written(to_pil(pixels), media_type, **options), header_of(media_type, pixels))


def test_a_jpeg_and_what_it_decodes_to_have_the_same_pixels() -> None:
    """Saved losslessly, in whatever format, with other metadata."""
    jpeg = written(to_pil(picture()), MediaType.JPEG)
    decoded = np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR))
    hashes = {
        examined(jpeg, header_of(MediaType.JPEG, picture())).pixel_hash,
        of(decoded, MediaType.PNG).pixel_hash,
        of(decoded, MediaType.PNG, exif=exif(1), compress_level=0).pixel_hash,
        of(decoded, MediaType.WEBP, lossless=True).pixel_hash,
        of(decoded, MediaType.TIFF).pixel_hash,
        of(decoded, MediaType.BMP).pixel_hash,
    }
    assert len(hashes) == 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_is_of_the_upright_picture(orientation: int) -> None:
    """Lying on its side and turned by its Exif, it is the picture that is shown."""
    stored = picture()
    content = written(to_pil(stored), MediaType.PNG, exif=exif(orientation))
    lying = examined(content, header_of(MediaType.PNG, stored, orientation))
    upright = of(np.ascontiguousarray(turned(stored, orientation)))
    assert (lying.pixel_hash, lying.placeholder) == (upright.pixel_hash, upright.placeholder)
    assert lying.perceptual_hash == upright.perceptual_hash
    assert lying.metadata.orientation == orientation


def test_one_pixel_more_or_less_is_another_picture() -> None:
    """By its value, by its place, and by the shape."""
    base = picture()
    changed = base.copy()
    changed[-1, -1, 0] ^= 1
    pictures = (base, changed, base[:, ::-1], base.reshape(60, 40, 3), base[:, :, ::-1], base[:-1])
    assert len({pixel_hash(np.ascontiguousarray(each)) for each in pictures}) == len(pictures)


def test_the_same_picture_in_other_arrays_has_one_hash() -> None:
    """As gray or colour, with needless alpha, in 16 bits that say no more than 8."""
    gray = picture()[..., 1].copy()
    opaque = np.full_like(gray, 255)
    arrays = [gray, cv2.merge((gray, gray, gray)), cv2.merge((gray, gray, gray, opaque))]
    arrays += [cv2.merge((gray, opaque)), *(each.astype(np.uint16) * 257 for each in arrays)]
    assert {pixel_hash(each) for each in arrays} == {pixel_hash(gray)}
    deep = gray.astype(np.uint16) * 257
    deep[3, 3] += 1
    assert pixel_hash(deep) != pixel_hash(gray)


def test_colour_beneath_what_is_transparent_is_not_seen() -> None:
    """Nor is what is half transparent taken for opaque."""
    one, other = with_alpha(picture()), with_alpha(picture())
    one[:5, :, 3] = other[:5, :, 3] = 0
    other[:5, :, :3] = 77
    assert pixel_hash(one) == pixel_hash(other)
    assert of(one).placeholder == of(other).placeholder
    other[5, :, 3] ^= 1
    assert pixel_hash(one) != pixel_hash(other)


def test_of_an_animation_only_the_same_file_is_the_same() -> None:
    """The first frame is all that is decoded, and others may follow it."""
    first = to_pil(picture())
    still = written(first, MediaType.WEBP, lossless=True)
    header = header_of(MediaType.WEBP, picture(), frames=2)
    hashes = set()
    for follower in (picture()[::-1], picture()[:, ::-1]):
        frame = to_pil(np.ascontiguousarray(follower))
        content = written(first, MediaType.WEBP, save_all=True, append_images=[frame], lossless=True)
        assert opened(content).n_frames == 2  # type: ignore[attr-defined]
        hashes.add(examined(content, header).pixel_hash)
    hashes.add(examined(still, header_of(MediaType.WEBP, picture())).pixel_hash)
    assert len(hashes) == 3


@pytest.mark.parametrize("seed", range(5))
def test_a_picture_is_near_its_variants(seed: int) -> None:
    """Smaller, compressed, brightened a little, gray, or blurred."""
    base = scene(seed)
    mine = of(base).perceptual_hash
    variants = {
        "smaller": of(cv2.resize(base, None, fx=0.3, fy=0.3, interpolation=cv2.INTER_AREA)),
        "larger": of(cv2.resize(base, None, fx=1.7, fy=1.7, interpolation=cv2.INTER_CUBIC)),
        "compressed": of(base, MediaType.JPEG, quality=30),
        "webp": of(base, MediaType.WEBP, quality=50),
        "brighter": of(cv2.convertScaleAbs(base, alpha=1.05, beta=8)),
        "gray": of(cv2.cvtColor(base, cv2.COLOR_BGR2GRAY)),
        "blurred": of(cv2.GaussianBlur(base, (0, 0), 2)),
    }
    far = {name: distance(mine, found.perceptual_hash) for name, found in variants.items()}
    assert max(far.values()) <= NEAR, far


def test_other_pictures_are_not_near() -> None:
    """Not one pair of sixty."""
    hashes = [of(scene(seed), MediaType.BMP).perceptual_hash for seed in range(100, 160)]
    nearest = min(distance(one, other) for one, other in itertools.combinations(hashes, 2))
    assert nearest > NEAR


def test_transparency_is_seen_on_white() -> None:
    """As a page shows it."""
    shown = with_alpha(scene(1, 60, 40))
    shown[..., 3] = np.where(np.arange(60) < 30, 255, 0)
    on_white = shown[..., :3].copy()
    on_white[:, 30:] = 255
    assert distance(of(shown).perceptual_hash, of(on_white).perceptual_hash) <= 2


def _drawn(width: int, height: int, *, see_through: bool) -> Pixels:
    y, x = np.mgrid[0:height, 0:width]
    alpha = (x * x + y * 11) % 256 if see_through else np.full_like(x, 255)
    channels = ((y * y * 7 + x) % 251, x * y * 5 % 256, (x * x + 3 * y) % 256, alpha)
    return np.dstack(channels).astype(np.uint8)


@pytest.mark.parametrize(
    ("width", "height", "see_through", "expected"),
    [
        (60, 40, False, "XQgGBYJCREVUZnZ1h2d4YE1QOIPx"),
        (30, 90, False, "HggGCgJTQARFeGNYF3/UPgE="),
        (100, 100, False, "HwgCDwBldWZlZndgZoZoWIdmp6b6uWsA"),
        (50, 50, True, "XQiCBQAHUmRVZpT5Zz9zXhWQdmZmZmZWBg=="),
        (9, 31, True, "FriFCQQmUIWnKlkggpJfqIeHZ3hweJo="),
    ],
)
def test_a_thumb_hash_is_that_of_the_reference(
    width: int, height: int, see_through: bool, expected: str
) -> None:
    """Made by rgbaToThumbHash of thumbhash.js of the same pictures."""
    assert thumb_hash(_drawn(width, height, see_through=see_through)) == expected


@pytest.mark.parametrize("size", [(1, 1), (1, 100), (100, 1), (3, 2)])
@pytest.mark.parametrize("alpha", [0, 128, 255])
def test_every_picture_has_a_placeholder(size: tuple[int, int], alpha: int) -> None:
    """One pixel, a line, or nothing to be seen."""
    width, height = size
    pixels = np.full((height, width, 4), (10, 200, 30, alpha), np.uint8)
    found = of(pixels)
    assert 8 <= len(found.placeholder) <= 48
    assert len(found.perceptual_hash) == 16


def test_what_is_damaged_is_a_failure() -> None:
    """With the code that renderings have for it, and final."""
    content = written(to_pil(picture()), MediaType.PNG)
    examination = Examine(header_of(MediaType.PNG, picture())).carry_out(content[:60])
    assert examination.findings is None
    assert examination.failure is not None
    assert (examination.failure.code, examination.failure.final) == ("DAMAGED_FILE", True)
