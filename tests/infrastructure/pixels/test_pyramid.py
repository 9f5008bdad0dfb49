"""A large picture is cut into tiles that together are the picture, at each of its sizes."""

from __future__ import annotations

import cv2
import msgspec
import numpy as np
import pytest

from domain.header import ImageHeader, MediaType
from domain.operations.catalogue import Pixels
from domain.ports.rendering import RenderFailure
from domain.recipe import Recipe, Step
from infrastructure.pixels.pyramid import BuildPyramid, Pyramid
from tests.infrastructure.pixels.files import opened, picture, to_pil, with_alpha, written

WIDTH, HEIGHT, SIDE = 300, 170, 64
WHOLE = Recipe()


def built(media_type: MediaType = MediaType.PNG, recipe: Recipe = WHOLE, *, alpha: bool = False) -> Pyramid:
    pixels = picture(WIDTH, HEIGHT)
    content = written(to_pil(with_alpha(pixels) if alpha else pixels), media_type)
    pyramid = BuildPyramid(ImageHeader(media_type, WIDTH, HEIGHT), recipe, SIDE).carry_out(content)
    assert isinstance(pyramid, Pyramid)
    return pyramid


def stitched(pyramid: Pyramid, factor: int) -> Pixels:
    """The picture at one of its sizes, put together again."""
    size = (-(-pyramid.height // factor), -(-pyramid.width // factor), 3)
    whole = np.zeros(size, np.uint8)
    for tile in pyramid.tiles:
        if tile.factor == factor:
            part = np.asarray(opened(bytes(tile.content)).convert("RGB"))[..., ::-1]
            top, left = tile.row * SIDE, tile.column * SIDE
            assert whole[top : top + SIDE, left : left + SIDE].shape == part.shape
            whole[top : top + SIDE, left : left + SIDE] = part
    return whole


@pytest.mark.parametrize("factor", [1, 2, 4])
def test_the_tiles_of_a_size_are_the_picture_in_that_size(factor: int) -> None:
    """None is missing, none is a pixel too large, and each is in its place."""
    expected = cv2.resize(
        picture(WIDTH, HEIGHT), (-(-WIDTH // factor), -(-HEIGHT // factor)), interpolation=cv2.INTER_AREA
    )
    difference = stitched(built(), factor).astype(int) - expected
    assert np.abs(difference).mean() < 4


def test_sizes_are_halved_until_one_tile_is_enough() -> None:
    """300 pixels in tiles of 64: 300, 150, 75, 38."""
    pyramid = built()
    assert (pyramid.width, pyramid.height) == (WIDTH, HEIGHT)
    counts = {factor: sum(tile.factor == factor for tile in pyramid.tiles) for factor in (1, 2, 4, 8, 16)}
    assert counts == {1: 5 * 3, 2: 3 * 2, 4: 2 * 1, 8: 1, 16: 0}


def test_a_pyramid_is_of_what_the_recipe_makes() -> None:
    """Its size is that of the result."""
    pyramid = built(recipe=Recipe((Step("grayscale"), Step("resize", {"width": 100, "height": 50}))))
    assert (pyramid.width, pyramid.height) == (100, 50)
    shown = stitched(pyramid, 1).astype(int)
    assert np.abs(shown[..., 0] - shown[..., 2]).max() <= 2


def test_transparency_is_shown_on_white() -> None:
    """Tiles are JPEGs."""
    assert opened(bytes(built(alpha=True).tiles[0].content)).mode == "RGB"


def test_what_cannot_be_decoded_has_no_tiles() -> None:
    """And it is said why."""
    header = ImageHeader(MediaType.PNG, 10, 10)
    failed = BuildPyramid(header, Recipe(), SIDE).carry_out(b"\x89PNG\r\n\x1a\n" + bytes(100))
    assert isinstance(failed, RenderFailure)
    assert failed.code == "DAMAGED_FILE"


def test_a_pyramid_can_be_sent() -> None:
    """From the process where it is made to the one where it is kept."""
    pyramid = built()
    received = msgspec.msgpack.decode(msgspec.msgpack.encode(pyramid), type=Pyramid)
    assert [tile.content for tile in received.tiles] == [bytes(tile.content) for tile in pyramid.tiles]
