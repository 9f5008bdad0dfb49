"""Kernels: matrices of weights by which each pixel becomes the sum of those around it."""

from typing import Final

import cv2
import numpy as np

from domain.operations.catalogue import Pixels

SMOOTH: Final = np.array([[1, 1, 1], [1, 5, 1], [1, 1, 1]], np.float32) / 13

_ROWS: Final = 64
"""Rows that are done at a time where it takes floats: they stay in the processor's cache."""


def filtered(pixels: Pixels, kernel: Pixels, offset: float = 0) -> Pixels:
    """The correlation with a kernel of float32, plus an offset as a part of white, as Pillow does it.

    The outermost pixels, whose surroundings are not all in the picture, stay as they are. Alpha is kept. A
    pixel around that is not opaque counts the less, and in its place the one in the middle counts the more:
    what is flat stays flat, and what is transparent gives no colour to what is seen.
    """
    rim = len(kernel) // 2
    delta = offset * np.iinfo(pixels.dtype).max
    result = cv2.filter2D(pixels, -1, kernel, delta=delta)
    if pixels.ndim == 3 and pixels.shape[2] != 3:
        _regard_alpha(pixels, kernel, delta, result)
    for edge in (np.s_[:rim], np.s_[-rim:], np.s_[:, :rim], np.s_[:, -rim:]):
        result[edge] = pixels[edge]
    return result


def _regard_alpha(pixels: Pixels, kernel: Pixels, delta: float, result: Pixels) -> None:
    """Put into a result what it is near pixels that are not opaque, and the alpha."""
    rim = len(kernel) // 2
    alpha = cv2.extractChannel(pixels, pixels.shape[2] - 1)
    lowest = cv2.erode(alpha, np.ones(kernel.shape, np.uint8))
    near = cv2.inRange(lowest, 0, int(np.iinfo(pixels.dtype).max) - 1)
    for top in range(0, pixels.shape[0], _ROWS):
        rows = np.s_[top : top + _ROWS]
        if near[rows].any():
            above = min(top, rim)
            seen = pixels[top - above : top + _ROWS + rim]
            weighted = _weighted(seen, kernel, delta)[above:][:_ROWS]
            cv2.copyTo(weighted, near[rows], result[rows])
    cv2.insertChannel(alpha, result, pixels.shape[2] - 1)


def _weighted(pixels: Pixels, kernel: Pixels, delta: float) -> Pixels:
    """The correlation with each pixel weighted by its alpha. (The channel of alpha itself means nothing.)"""
    most = np.iinfo(pixels.dtype).max
    samples = pixels.astype(np.float32)
    alpha = samples[..., -1:] / most
    missing = kernel.sum() - cv2.filter2D(alpha, -1, kernel)[..., None]
    result: Pixels = cv2.filter2D(samples * alpha, -1, kernel, delta=delta)
    result += samples * missing
    return np.rint(result, out=result).clip(0, most, out=result).astype(pixels.dtype)
