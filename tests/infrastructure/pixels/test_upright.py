"""From the bytes of a file to an upright picture: the gate says how it is turned, and it is turned once."""

from __future__ import annotations

import numpy as np
import pytest

from domain.header import MediaType
from infrastructure.gate import inspect
from infrastructure.pixels.codec import decode
from tests.infrastructure.pixels.files import (
    exif,
    from_pil,
    header_of,
    opened,
    picture,
    tiff,
    to_pil,
    turned,
    written,
)
from tests.nasty import exif as blocks
from tests.nasty.avif import Item, Tile, box, file, single, spatial_extents
from tests.nasty.packing import be16, be32

ORIENTATIONS = range(1, 9)
ROTATED, MIRRORED = b"irot", b"imir"
TURNS: dict[int, list[tuple[bytes, int]]] = {
    1: [],
    2: [(MIRRORED, 1)],
    3: [(ROTATED, 2)],
    4: [(MIRRORED, 0)],
    5: [(ROTATED, 1), (MIRRORED, 0)],
    6: [(ROTATED, 3)],
    7: [(ROTATED, 1), (MIRRORED, 1)],
    8: [(ROTATED, 1)],
}
"""ISO/IEC 23008-12, 6.5.10 and 6.5.12: quarter turns to the left; exchange of top and bottom (0) or of left
and right (1)."""


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("media_type", [MediaType.JPEG, MediaType.PNG, MediaType.WEBP, MediaType.AVIF])
def test_a_file_is_turned_as_it_says(media_type: MediaType, orientation: int) -> None:
    """By EXIF, which Pillow writes into AVIF as boxes."""
    options = {"lossless": True, "quality": 95}
    stored = from_pil(opened(written(to_pil(picture()), media_type, **options)))
    content = written(to_pil(picture()), media_type, exif=exif(orientation), **options)
    header = inspect(content)
    assert header == header_of(media_type, picture(), orientation)
    np.testing.assert_array_equal(decode(content, header), turned(stored, orientation))


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("order", ["<", ">"])
def test_a_tiff_is_turned_as_it_says(order: str, orientation: int) -> None:
    """By its own tag."""
    content = tiff(picture()[..., ::-1], "<" if order == "<" else ">", orientation=orientation)
    np.testing.assert_array_equal(decode(content, inspect(content)), turned(picture(), orientation))


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_an_avif_is_turned_by_its_boxes(orientation: int) -> None:
    """Which OpenCV ignores."""
    tile = Tile.of(written(to_pil(picture()), MediaType.AVIF, quality=100))
    plain = single(tile, (60, 40))
    content = single(tile, (60, 40), *(box(kind, bytes([value])) for kind, value in TURNS[orientation]))
    header = inspect(content)
    assert header.orientation == orientation
    np.testing.assert_array_equal(decode(content, header), turned(decode(plain, inspect(plain)), orientation))


def test_exif_in_an_avif_turns_nothing() -> None:
    """The boxes count alone (MIAF, 7.3.6.5): here they say 8, and EXIF 6."""
    tile = Tile.of(written(to_pil(picture()), MediaType.AVIF, quality=100))
    stored = decode(single(tile, (60, 40)), header_of(MediaType.AVIF, picture()))
    properties = [spatial_extents(60, 40), tile.configuration, tile.channels, box(b"irot", b"\1")]
    items = [
        Item(1, b"av01", tile.payload, bytes([1, 0x82, 3, 0x84])),
        Item(2, b"Exif", be32(0) + blocks.located(orientation=6), b""),
    ]
    content = file(items, b"".join(properties), references=box(b"cdsc", be16(2) + be16(1) + be16(1)))
    header = inspect(content)
    assert 0x0110 in opened(content).getexif()
    assert header.orientation == 8
    np.testing.assert_array_equal(decode(content, header), turned(stored, 8))
