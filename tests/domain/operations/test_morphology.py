"""Morphology is OpenCV's; what is hidden loses every comparison."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from domain.operations.catalogue import Pixels
from domain.operations.morphology import Method, Morphology, Shape, morphology

KINDS = {
    Method.ERODE: cv2.MORPH_ERODE,
    Method.DILATE: cv2.MORPH_DILATE,
    Method.OPEN: cv2.MORPH_OPEN,
    Method.CLOSE: cv2.MORPH_CLOSE,
    Method.GRADIENT: cv2.MORPH_GRADIENT,
    Method.TOP_HAT: cv2.MORPH_TOPHAT,
    Method.BLACK_HAT: cv2.MORPH_BLACKHAT,
}


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_each_method_is_that_of_opencv(method: Method, dtype: type) -> None:
    """Also where a corner far away is hidden, and everything is computed step by step."""
    pixels: Pixels = np.random.default_rng(1).integers(0, np.iinfo(dtype).max, (40, 30, 4), dtype)
    pixels[..., 3] = 7
    element = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
    expected = cv2.morphologyEx(cv2.cvtColor(pixels, cv2.COLOR_BGRA2BGR), KINDS[method], element)
    parameters = Morphology(method=method, radius=3)
    np.testing.assert_array_equal(morphology(pixels, parameters)[..., :3], expected)
    pixels[0, 0, 3] = 0
    np.testing.assert_array_equal(morphology(pixels, parameters)[8:, 8:, :3], expected[8:, 8:])


@pytest.mark.parametrize(("shape", "count"), [(Shape.RECT, 25), (Shape.CROSS, 9), (Shape.ELLIPSE, 17)])
def test_a_point_grows_into_the_shape(shape: Shape, count: int) -> None:
    """Of the radius that was asked for."""
    point: Pixels = np.zeros((9, 9), np.uint8)
    point[4, 4] = 255
    grown = morphology(point, Morphology(method=Method.DILATE, shape=shape, radius=2))
    assert (grown == 255).sum() == count
    assert (grown[4] == 255).sum() == 5


def test_what_is_hidden_neither_grows_nor_eats() -> None:
    """White beside hidden black stays white, black beside hidden white black."""
    pixels: Pixels = np.zeros((5, 6, 2), np.uint8)
    pixels[:, :3] = 255
    for method in (Method.ERODE, Method.OPEN, Method.CLOSE):
        assert (morphology(pixels, Morphology(method=method))[:, :3, 0] == 255).all()
    negative = cv2.merge((255 - pixels[..., 0], pixels[..., 1]))
    for method in (Method.DILATE, Method.OPEN, Method.CLOSE):
        assert (morphology(negative, Morphology(method=method))[:, :3, 0] == 0).all()
