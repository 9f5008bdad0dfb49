"""Gradient shows derivatives, in levels a pixel."""

from __future__ import annotations

import numpy as np
import pytest

from domain.operations.catalogue import Pixels
from domain.operations.gradient import Derivative, Gradient, gradient


def slope(down: int, across: int, dtype: type = np.uint8) -> Pixels:
    """Brighter by so much a pixel."""
    return np.add.outer(np.arange(9) * down, np.arange(9) * across).astype(dtype)


def at_the_middle(pixels: Pixels, axis: Derivative, scale: float = 1) -> int:
    return int(gradient(pixels, Gradient(axis=axis, scale=scale))[4, 4])


def test_x_is_the_derivative_to_the_right() -> None:
    """And Y the one downwards, each around the middle."""
    pixels = slope(3, 7)
    assert at_the_middle(pixels, Derivative.X) == 128 + 7
    assert at_the_middle(pixels, Derivative.Y) == 128 + 3
    assert at_the_middle(pixels[:, ::-1], Derivative.X) == 128 - 7
    assert at_the_middle(slope(300, 700, np.uint16), Derivative.X) == 32_768 + 700


def test_x_shows_vertical_edges() -> None:
    """And nothing of horizontal ones."""
    pixels = np.zeros((9, 9, 3), np.uint8)
    pixels[:, 5:] = 255
    across, down = (gradient(pixels, Gradient(axis=axis)) for axis in (Derivative.X, Derivative.Y))
    assert (across[:, 4:6] == 255).all()
    assert (across[:, :4] == 128).all()
    assert (down == 128).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_magnitude_is_the_length_of_both(dtype: type) -> None:
    """Times the scale, and cut off at white."""
    pixels = slope(3, 4, dtype)
    assert at_the_middle(pixels, Derivative.MAGNITUDE) == 5
    assert at_the_middle(pixels, Derivative.MAGNITUDE, 10) == 50
    most = np.iinfo(dtype).max
    edge: Pixels = np.zeros((9, 9), dtype)
    edge[:, 5:] = most
    assert gradient(edge, Gradient(scale=100)).max() == most


def test_nothing_is_cut_off_at_a_scale_of_one() -> None:
    """The steepest that there is fills the range."""
    edge = np.zeros((3, 4), np.uint8)
    edge[:, 2:] = 255
    assert gradient(edge, Gradient(axis=Derivative.X))[1, 1] == 255
    assert gradient(edge[:, ::-1], Gradient(axis=Derivative.X))[1, 1] in {0, 1}
