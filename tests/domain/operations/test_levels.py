"""Levels are counted whole, with weights or without."""

from __future__ import annotations

import numpy as np
import pytest

from domain.operations import levels
from domain.operations.catalogue import Pixels


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_weights_are_summed_by_level(monkeypatch: pytest.MonkeyPatch, dtype: type) -> None:
    """Over all bands; a weight of 1 everywhere is to count."""
    monkeypatch.setattr(levels, "_BAND", 100)
    random = np.random.default_rng(1)
    pixels: Pixels = random.integers(0, 300 if dtype == np.uint16 else 256, (25, 40, 3), dtype)
    weight = random.integers(0, 256, (25, 40), np.uint8)
    expected = np.bincount(pixels[..., 1].ravel(), weight.ravel(), np.iinfo(dtype).max + 1)
    np.testing.assert_array_equal(levels.histogram(pixels, 1, weight), expected)
    counted = levels.histogram(pixels, 2, None)
    np.testing.assert_array_equal(levels.histogram(pixels, 2, np.ones_like(weight)), counted)
    assert counted.sum() == 1000
