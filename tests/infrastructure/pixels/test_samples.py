"""Samples of every depth and kind become the colours that they stand for."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image

from domain.header import MediaType
from domain.operations.catalogue import Pixels
from infrastructure.gate import inspect
from infrastructure.pixels.codec import decode
from tests.infrastructure.pixels.files import from_pil, opened, picture, tiff, to_pil, with_alpha, written
from tests.nasty import png

CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}
ADOBE_MARKER = 16
"""Bytes of APP14 as it is written, its mark among them."""


def shown(content: bytes) -> Pixels:
    return decode(content, inspect(content))


def compressed(rows: list[bytes]) -> bytes:
    return zlib.compress(b"".join(b"\0" + row for row in rows))


def packed(samples: Pixels, depth: int) -> list[bytes]:
    """Rows of samples below 8 bits, several in a byte."""
    bits = np.unpackbits(samples[..., None].astype(np.uint8), axis=-1)[..., 8 - depth :]
    return [np.packbits(row).tobytes() for row in bits.reshape(samples.shape[0], -1)]


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_gray_of_few_bits_goes_from_black_to_white(depth: int) -> None:
    """PNG, written by hand."""
    samples = (picture()[..., 1] >> (8 - depth)).astype(int)
    content = png.picture(60, 40, depth=depth, color=0, data=compressed(packed(samples, depth)))
    np.testing.assert_array_equal(shown(content), samples * (255 // (2**depth - 1)))


@pytest.mark.parametrize("color", CHANNELS)
def test_png_of_sixteen_bits_keeps_every_level(color: int) -> None:
    """Gray and colours, with alpha and without."""
    samples = np.random.default_rng(1).integers(0, 65536, (40, 60, CHANNELS[color]), np.uint16)
    rows = [row.astype(">u2").tobytes() for row in samples]
    result = shown(png.picture(60, 40, depth=16, color=color, data=compressed(rows)))
    expected = {0: [0], 2: [2, 1, 0], 4: [0, 0, 0, 1], 6: [2, 1, 0, 3]}[color]
    np.testing.assert_array_equal(result.reshape(40, 60, -1), samples[..., expected])


@pytest.mark.parametrize(("channels", "order"), [(1, [0]), (3, [2, 1, 0]), (4, [2, 1, 0, 3])])
def test_tiff_of_sixteen_bits_keeps_every_level(channels: int, order: list[int]) -> None:
    """Written by hand, alpha as it is."""
    samples = np.random.default_rng(1).integers(0, 65536, (40, 60, channels), np.uint16)
    content = tiff(samples, extra=2) if channels == 4 else tiff(samples if channels > 1 else samples[..., 0])
    result = shown(content)
    np.testing.assert_array_equal(result.reshape(40, 60, -1), samples[..., order])


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("media_type", [MediaType.PNG, MediaType.BMP, MediaType.GIF, MediaType.TIFF])
def test_palettes_of_every_size_are_colors(media_type: MediaType, bits: int) -> None:
    """As Pillow reads them; a palette of grays may come as gray."""
    content = written(to_pil(picture()).quantize(2**bits), media_type)
    np.testing.assert_array_equal(shown(content), from_pil(opened(content).convert("RGB")))


@pytest.mark.parametrize("compression", ["raw", "packbits", "tiff_lzw", "tiff_adobe_deflate"])
@pytest.mark.parametrize("mode", ["1", "L", "I;16", "P", "RGB", "CMYK"])
def test_a_tiff_of_every_mode_and_compression_is_as_pillow_has_it(mode: str, compression: str) -> None:
    """Bilevel, gray of 8 and 16 bits, palette, colours and inks."""
    deep = Image.fromarray(picture()[..., 1].astype(np.uint16) * 257)
    image = deep if mode == "I;16" else to_pil(picture()).convert(mode)
    content = written(image, MediaType.TIFF, compression=compression)
    result = shown(content)
    seen = opened(content)
    expected = from_pil(seen if mode == "I;16" else seen.convert("L" if mode in {"1", "L"} else "RGB"))
    np.testing.assert_array_equal(result if result.ndim == 2 else result[..., :3], expected)
    assert result.ndim == 2 or result.shape[2] == 3 or result[..., 3].min() == 255


def inks(**options: Any) -> bytes:  # noqa: ANN401
    return written(to_pil(picture()).convert("CMYK"), MediaType.JPEG, quality=95, **options)


def with_transform(content: bytes, transform: int) -> bytes:
    """The same samples said to be of another kind: 0 for CMYK, 2 for YCCK."""
    changed = bytearray(content)
    changed[content.index(b"Adobe") + 11] = transform
    return bytes(changed)


def without_adobe(content: bytes) -> bytes:
    """Inks that are not inverted, as they are where Adobe's marker is absent."""
    at = content.index(b"Adobe") - 4
    return content[:at] + content[at + ADOBE_MARKER :]


@pytest.mark.parametrize("progressive", [False, True])
def test_inks_in_a_jpeg_are_colors(*, progressive: bool) -> None:
    """CMYK and YCCK by Adobe's marker, and CMYK without it, converted as Pillow does: plainly, without the
    profile of a press."""
    content = inks(progressive=progressive)
    for made in (content, with_transform(content, 2), without_adobe(content)):
        result = shown(made)
        assert result.shape == (40, 60, 3)
        np.testing.assert_allclose(result.astype(int), from_pil(opened(made).convert("RGB")), atol=1)
    assert np.abs(shown(content).astype(int) - picture()).mean() < 5


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
@pytest.mark.parametrize("media_type", [MediaType.PNG, MediaType.WEBP, MediaType.AVIF])
def test_alpha_is_kept(media_type: MediaType, mode: str) -> None:
    """Of gray and of colours."""
    image = to_pil(with_alpha(picture())).convert(mode)
    same_as_pillow(written(image, media_type, lossless=True, quality=100))


@pytest.mark.parametrize("media_type", [MediaType.PNG, MediaType.GIF])
def test_entries_of_a_palette_may_be_transparent(media_type: MediaType) -> None:
    """Each as far as it likes in PNG, one of them in GIF."""
    transparency = bytes(range(0, 256, 16)) if media_type is MediaType.PNG else 0
    same_as_pillow(written(to_pil(picture()).quantize(16), media_type, transparency=transparency))


def same_as_pillow(content: bytes) -> None:
    """Alpha everywhere, and colours where they can be seen."""
    expected, result = from_pil(opened(content).convert("RGBA")), shown(content)
    assert expected[..., 3].min() < 20
    np.testing.assert_array_equal(result[..., 3], expected[..., 3])
    visible = expected[..., 3] > 0
    np.testing.assert_allclose(result[visible].astype(int), expected[visible], atol=1)
