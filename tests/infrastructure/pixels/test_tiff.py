"""TIFF is decoded as it is meant, also where OpenCV leaves something undone."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pytest

from domain.header import MediaType
from domain.operations.catalogue import Pixels
from infrastructure.pixels.codec import decode
from infrastructure.pixels.tiff import upright
from tests.infrastructure.pixels.files import header_of, picture, tiff, with_alpha

UNSPECIFIED, ASSOCIATED, UNASSOCIATED = 0, 1, 2


def decoded(content: bytes) -> Pixels:
    return decode(content, header_of(MediaType.TIFF, picture()))


def rgb(pixels: Pixels) -> Pixels:
    """Samples in the order of the file."""
    return pixels[..., [2, 1, 0, 3][: pixels.shape[2]]]


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("extra", [UNSPECIFIED, UNASSOCIATED])
@pytest.mark.parametrize("order", ["<", ">"])
def test_colors_beside_alpha_are_as_stored(order: Literal["<", ">"], extra: int, *, deep: bool) -> None:
    """OpenCV multiplies them by alpha in 8 bits; what is visible is as it was."""
    pixels = with_alpha(picture())
    if deep:
        pixels = pixels.astype(np.uint16) * 257
    result = decoded(tiff(rgb(pixels), order, extra=extra))
    visible = pixels[..., 3] > (200 if not deep else 200 * 257)
    np.testing.assert_array_equal(result[..., 3], pixels[..., 3])
    np.testing.assert_allclose(result[visible].astype(int), pixels[visible].astype(int), atol=1)
    light = pixels[..., 3] > 0
    exact = 255 / np.maximum(pixels[..., 3:], 1) if not deep else 1
    assert (
        np.abs(result.astype(float) - pixels)[light] <= np.broadcast_to(exact, pixels.shape)[light] + 1
    ).all()


@pytest.mark.parametrize("deep", [False, True])
def test_colors_multiplied_by_alpha_are_divided_by_it(*, deep: bool) -> None:
    """Associated alpha is another way to write the same picture."""
    pixels = with_alpha(picture())
    if deep:
        pixels = pixels.astype(np.uint16) * 257
    most = np.iinfo(pixels.dtype).max
    multiplied = pixels.astype(float)
    multiplied[..., :3] *= multiplied[..., 3:] / most
    result = decoded(tiff(rgb(np.rint(multiplied).astype(pixels.dtype)), extra=ASSOCIATED))
    visible = pixels[..., 3] > most * 0.8
    np.testing.assert_allclose(result[visible].astype(int), pixels[visible].astype(int), atol=1)


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
def test_white_may_be_zero(dtype: str) -> None:
    """Scans are often stored so; OpenCV turns them round in 8 bits only."""
    gray = picture()[..., 1]
    stored = {"u1": gray, "u2": gray.astype(np.uint16) * 257, "f4": (gray / 255).astype(np.float32)}
    result = decoded(tiff(stored[dtype], photometric=0))
    expected = 255 - gray if dtype == "u1" else (255 - gray.astype(np.uint16)) * 257
    np.testing.assert_allclose(result.astype(int), expected.astype(int), atol=1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int8, np.int16, np.int32, np.uint32])
@pytest.mark.parametrize("colors", [False, True])
def test_deep_and_signed_samples_become_unsigned(dtype: type, *, colors: bool) -> None:
    """All of their range is shown, floats from 0 to 1, in 16 bits (8 where there are no more)."""
    unit = picture() / 255 if colors else picture()[..., 1] / 255
    if np.issubdtype(dtype, np.floating):
        stored: Pixels = unit.astype(dtype)
    else:
        least, most = np.iinfo(dtype).min, np.iinfo(dtype).max
        stored = (least + unit * (float(most) - least)).astype(dtype)
    result = decoded(tiff(stored[..., ::-1] if colors else stored))
    top = 255 if dtype is np.int8 else 65_535
    assert result.dtype == (np.uint8 if dtype is np.int8 else np.uint16)
    np.testing.assert_allclose(result / top, unit, atol=1.1 / top)


def test_a_file_is_made_upright_in_a_copy() -> None:
    """Only the number is changed, and a file that does not say how it stands stays as it is."""
    content = tiff(picture(), ">", orientation=6)
    assert upright(content) == tiff(picture(), ">", orientation=1)
    assert upright(tiff(picture())) == tiff(picture())
