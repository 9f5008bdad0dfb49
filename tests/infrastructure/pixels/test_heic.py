"""HEIC is decoded where its extra is installed, as other formats are."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from domain.errors import DamagedFile
from domain.header import ImageHeader, MediaType
from domain.operations.catalogue import Pixels
from domain.output import default_output
from infrastructure.gate import inspect
from infrastructure.pixels.codec import decode, encode
from infrastructure.pixels.colors import to_srgb
from infrastructure.pixels.icc import ColorSpace
from tests.infrastructure.pixels import profiles
from tests.infrastructure.pixels.files import exif, from_pil, picture, to_pil, turned, with_alpha

SECRET = b"somewhere in 52.5200 N 13.4050 E"


def heic(image: Image.Image, **options: Any) -> bytes:  # noqa: ANN401
    file = io.BytesIO()
    settings = {"quality": -1, "chroma": 444, "matrix_coefficients": 0} | options
    pillow_heif.from_pillow(image).save(file, **settings)
    return file.getvalue()


def shown(content: bytes) -> Pixels:
    return decode(content, inspect(content))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(60, 40), (61, 43)])
def test_it_is_upright_and_of_its_size(size: tuple[int, int], orientation: int) -> None:
    """Turned once, by its boxes; what the coder added to fill its blocks is cut off."""
    content = heic(to_pil(picture(*size)), exif=exif(orientation))
    header = inspect(content)
    assert header == ImageHeader(MediaType.HEIC, *size, orientation=orientation)
    np.testing.assert_allclose(
        decode(content, header).astype(int), turned(picture(*size), orientation), atol=1
    )


def test_alpha_is_kept() -> None:
    """As a picture of its own beside the main one."""
    pixels = with_alpha(picture())
    np.testing.assert_allclose(shown(heic(to_pil(pixels))).astype(int), pixels, atol=1)


def test_gray_comes_as_it_is() -> None:
    """In one channel or in three equal ones."""
    gray = picture()[..., 1]
    result = shown(heic(to_pil(gray), matrix_coefficients=6)).reshape(40, 60, -1)
    np.testing.assert_allclose(result.astype(int), np.broadcast_to(gray[..., None], result.shape), atol=1)


@pytest.mark.parametrize("depth", [10, 12])
def test_deep_samples_are_spread_over_sixteen_bits(depth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """White is white, and what lies between is where it was."""
    monkeypatch.setattr(pillow_heif.options, "SAVE_HDR_TO_12_BIT", depth == 12)
    shades = np.repeat(np.linspace(0, 65_535, 64).astype(np.uint16), 64 * 3).reshape(64, 64, 3)
    file = io.BytesIO()
    pillow_heif.from_bytes("RGB;16", (64, 64), shades.tobytes()).save(file, quality=-1, chroma=444)
    result = shown(file.getvalue())
    assert result.dtype == np.uint16
    assert result.max() > 65_400
    assert np.abs(result.astype(int) - shades).max() < 300


@pytest.mark.parametrize(
    ("icc", "space"), [(profiles.P3, ColorSpace.DISPLAY_P3), (profiles.ADOBE, ColorSpace.ADOBE_RGB)]
)
def test_colors_are_those_of_srgb(icc: bytes, space: ColorSpace) -> None:
    """Telephones photograph in Display P3."""
    plain = shown(heic(to_pil(picture())))
    result = shown(heic(to_pil(picture()), icc_profile=icc))
    np.testing.assert_array_equal(result, to_srgb(plain.copy(), space))
    assert (result != plain).any()


def test_tiles_are_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in every photograph of a telephone."""
    monkeypatch.setattr(pillow_heif.options, "GRID_TILE_SIZE", 64)
    content = heic(to_pil(picture(200, 150)), exif=exif(6))
    assert b"grid" in content
    assert inspect(content) == ImageHeader(MediaType.HEIC, 200, 150, orientation=6)
    np.testing.assert_allclose(shown(content).astype(int), turned(picture(200, 150), 6), atol=1)


@pytest.mark.parametrize("part", [0.5, 0.9, 0.99])
def test_a_damaged_one_is_refused(part: float) -> None:
    """With the header of the whole."""
    content = heic(to_pil(picture(300, 200)))
    with pytest.raises(DamagedFile):
        decode(content[: int(len(content) * part)], inspect(content))


def test_it_is_written_as_jpeg_with_nothing_but_pixels() -> None:
    """No EXIF, no XMP, no profile."""
    tags = Image.Exif()
    tags[0x010E] = SECRET.decode()
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + SECRET + b"</x:xmpmeta>"
    content = heic(to_pil(picture()), exif=tags.tobytes(), xmp=xmp, icc_profile=profiles.P3 + SECRET)
    assert content.count(SECRET) == 3
    output = default_output(MediaType.HEIC)
    assert output.media_type is MediaType.JPEG
    rendition = bytes(encode(shown(content), output))
    image = Image.open(io.BytesIO(rendition))
    assert image.format == "JPEG"
    assert SECRET not in rendition
    assert not {"exif", "icc_profile", "xmp", "comment"} & set(image.info)
    assert from_pil(image).shape == (40, 60, 3)
