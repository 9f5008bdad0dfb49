"""Redact hides for good; pixelate leaves means."""

from __future__ import annotations

import numpy as np
import pytest

from domain.errors import InvalidInput
from domain.operations.catalogue import Pixels, apply
from domain.operations.parameters import Color
from domain.operations.pixelate import Pixelate, pixelate
from domain.operations.redact import Redact, redact
from domain.recipe import Recipe, Step
from domain.region import Rectangle, Region


def test_nothing_is_left_of_what_is_redacted() -> None:
    """Of a face in a picture: neither its colours nor its transparency."""
    pixels: Pixels = np.random.default_rng(1).integers(0, 256, (20, 20, 4), np.uint8)
    recipe = Recipe((Step("redact", {"color": "#ff8000"}, Region(Rectangle(5, 5, 10, 8))),))
    result = apply(recipe, pixels)
    assert (result[5:13, 5:15] == (0, 128, 255, 255)).all()
    np.testing.assert_array_equal(result[:5], pixels[:5])


def test_a_gray_picture_stays_gray() -> None:
    """In the luma of the colour, in its depth."""
    result = redact(np.zeros((2, 2), np.uint16), Redact(color=Color("#ff0000")))
    np.testing.assert_array_equal(result, np.full((2, 2), 76 * 257))


def test_a_colour_that_hides_nothing_is_refused() -> None:
    """Through half of an alpha a face is seen."""
    with pytest.raises(InvalidInput, match="must be opaque"):
        Redact(color=Color("#00000080"))


def test_blocks_are_means_and_those_at_the_edge_are_cut_off() -> None:
    """Each of its own pixels alone."""
    pixels: Pixels = np.random.default_rng(1).integers(0, 256, (7, 10, 3), np.uint8)
    result = pixelate(pixels, Pixelate(size=4))
    for rows in (np.s_[0:4], np.s_[4:7]):
        for columns in (np.s_[0:4], np.s_[4:8], np.s_[8:10]):
            block = result[rows, columns]
            assert (block == block[0, 0]).all()
            np.testing.assert_allclose(block[0, 0], pixels[rows, columns].mean(axis=(0, 1)), atol=1)


@pytest.mark.parametrize("size", [3, 49, 1000])
def test_blocks_have_their_size(size: int) -> None:
    """Whatever a division by it rounds to."""
    pixels = np.arange(2 * size + 1, dtype=np.uint16)[None, :].repeat(2, axis=0)
    changes = np.flatnonzero(np.diff(pixelate(pixels, Pixelate(size=size))[0].astype(int))) + 1
    np.testing.assert_array_equal(changes, [size, 2 * size])
