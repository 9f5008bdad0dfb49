"""AVIF of more than 8 bits is decoded over the whole range."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from domain.header import MediaType
from infrastructure.gate import inspect
from infrastructure.pixels.avif import undescribed
from infrastructure.pixels.codec import decode
from tests.infrastructure.pixels.files import exif, header_of, opened, picture, to_pil, with_alpha, written
from tests.nasty.avif import Item, Tile, box, file, single, spatial_extents
from tests.nasty.packing import be16, be32


@pytest.mark.parametrize("depth", [10, 12])
@pytest.mark.parametrize("alpha", [False, True])
def test_deep_samples_are_spread_over_sixteen_bits(depth: int, *, alpha: bool) -> None:
    """OpenCV hands out 10 and 12 bits as they are: white would be almost black."""
    pixels = picture().astype(np.uint16) * 257
    if alpha:
        pixels = with_alpha(pixels)
    parameters = (cv2.IMWRITE_AVIF_DEPTH, depth, cv2.IMWRITE_AVIF_QUALITY, 100, cv2.IMWRITE_AVIF_SPEED, 9)
    done, content = cv2.imencode(".avif", pixels >> (16 - depth), parameters)
    assert done
    result = decode(content.tobytes(), header_of(MediaType.AVIF, pixels))
    assert result.dtype == np.uint16
    assert result.max() > 65_000
    assert np.abs(result.astype(int) - pixels.astype(int)).mean() < 1000


def test_metadata_may_stand_anywhere() -> None:
    """Behind the picture too, as libheif writes it: OpenCV alone would not know the file for an AVIF."""
    tile = Tile.of(written(to_pil(picture()), MediaType.AVIF, quality=100))
    items = [
        Item(1, b"av01", tile.payload, bytes([1, 0x82, 3])),
        Item(2, b"Exif", be32(0) + exif(6).removeprefix(b"Exif\0\0"), b""),
    ]
    properties = spatial_extents(60, 40) + tile.configuration + tile.channels
    content = file(items, properties, references=box(b"cdsc", be16(2) + be16(1) + be16(1)))
    assert content.find(b"MM\0*") > 500
    assert opened(content).size == (60, 40)
    plain = single(tile, (60, 40))
    np.testing.assert_array_equal(decode(content, inspect(content)), decode(plain, inspect(plain)))


def test_a_file_without_metadata_is_not_copied() -> None:
    """Only what has to be changed is."""
    content = written(to_pil(picture()), MediaType.AVIF)
    assert undescribed(content) is content
