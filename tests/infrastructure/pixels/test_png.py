"""PNG is decoded as it is meant, also where OpenCV leaves something undone."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from domain.header import MediaType
from infrastructure.pixels.codec import decode
from tests.infrastructure.pixels.files import header_of, opened, picture, written


@pytest.mark.parametrize("shade", [0, 77, 255])
def test_one_shade_of_gray_may_be_transparent(shade: int) -> None:
    """A tRNS chunk says which; OpenCV heeds it in colours only."""
    gray = picture()[..., 1].copy()
    gray[:10] = shade
    content = written(Image.fromarray(gray), MediaType.PNG, transparency=shade)
    result = decode(content, header_of(MediaType.PNG, gray))
    np.testing.assert_array_equal(result[..., 0], gray)
    np.testing.assert_array_equal(result[..., 1], np.where(gray == shade, 0, 255))


@pytest.mark.parametrize(("shade", "deep"), [(40_000, True), (1, False)])
def test_the_shade_is_in_the_depth_of_the_picture(shade: int, *, deep: bool) -> None:
    """Of one bit and of sixteen."""
    bits = np.arange(2400).reshape(40, 60) % 3 == 0
    image = Image.fromarray(bits.astype(np.uint16) * 40_000) if deep else Image.fromarray(bits)
    content = written(image, MediaType.PNG, transparency=shade)
    result = decode(content, header_of(MediaType.PNG, bits))
    most = 65_535 if deep else 255
    np.testing.assert_array_equal(result[..., 1], np.where(bits, 0, most))
    np.testing.assert_array_equal(result[..., 0], np.where(bits, 40_000 if deep else 255, 0))


@pytest.mark.parametrize("mode", ["RGB", "P"])
def test_transparent_colors_are_as_pillow_has_them(mode: str) -> None:
    """One colour, or an entry of the palette."""
    image = Image.fromarray(picture()).convert(mode)
    content = written(image, MediaType.PNG, transparency=image.getpixel((5, 5)))
    result = decode(content, header_of(MediaType.PNG, picture()))
    expected = np.asarray(opened(content).convert("RGBA"))[..., 3]
    assert expected.min() == 0
    np.testing.assert_array_equal(result[..., 3], expected)
