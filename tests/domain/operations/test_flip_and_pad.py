"""Flip mirrors, pad adds."""

from __future__ import annotations

from typing import Any

import numpy as np

from domain.operations.catalogue import Pixels
from domain.operations.flip import Flip, FlipAxis, flip
from domain.operations.pad import Mode, Pad, pad
from domain.operations.parameters import Color

NOISE: Pixels = np.random.default_rng(4).integers(0, 256, (3, 4, 3), np.uint8)


def test_flip_exchanges_sides() -> None:
    """Left and right, top and bottom, or both."""
    np.testing.assert_array_equal(flip(NOISE, Flip()), NOISE[:, ::-1])
    np.testing.assert_array_equal(flip(NOISE, Flip(axis=FlipAxis.VERTICAL)), NOISE[::-1])
    np.testing.assert_array_equal(flip(NOISE, Flip(axis=FlipAxis.BOTH)), NOISE[::-1, ::-1])


def test_pad_adds_to_each_side() -> None:
    """A colour, the edge again, or the picture mirrored, also further than it reaches."""
    sides: dict[str, Any] = {"left": 1, "top": 2, "right": 9, "bottom": 4}
    around = ((2, 4), (1, 9), (0, 0))
    colored = pad(NOISE, Pad(**sides, color=Color("#102030")))
    np.testing.assert_array_equal(colored[2:5, 1:5], NOISE)
    assert (colored[:2] == (0x30, 0x20, 0x10)).all()
    replicated = pad(NOISE, Pad(**sides, mode=Mode.REPLICATE))
    np.testing.assert_array_equal(replicated, np.pad(NOISE, around, mode="edge"))
    reflected = pad(NOISE, Pad(**sides, mode=Mode.REFLECT))
    np.testing.assert_array_equal(reflected, np.pad(NOISE, around, mode="symmetric"))


def test_the_default_is_transparent_where_it_can_be() -> None:
    """Else it is black."""
    assert (pad(np.full((1, 1, 4), 255, np.uint8), Pad(left=1))[0, 0] == 0).all()
    assert (pad(np.full((1, 1, 3), 255, np.uint8), Pad(left=1))[0, 0] == 0).all()
