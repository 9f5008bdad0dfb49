"""Linear functions of the colours of one pixel; alpha is kept."""

import cv2
import numpy as np

from domain.operations.catalogue import Pixels
from domain.operations.transparency import with_colors


def scaled(pixels: Pixels, factor: float, offset: float = 0) -> Pixels:
    """Each colour times a factor, plus an offset in levels, rounded and within black and white."""
    if offset >= 0 and pixels.dtype == np.uint8:
        # Nothing comes out below black: that absolute values are taken means nothing.
        return with_colors(pixels, lambda colors: cv2.convertScaleAbs(colors, alpha=factor, beta=offset))
    channels = 1 if pixels.ndim == 2 or pixels.shape[2] == 2 else 3
    return mixed(pixels, np.column_stack([np.eye(channels) * factor, np.full(channels, offset)]))


def mixed(pixels: Pixels, matrix: Pixels) -> Pixels:
    """Each colour a sum of all by the weights in its row, in OpenCV's order; a further column is added."""
    return with_colors(pixels, lambda colors: cv2.transform(colors, matrix.astype(np.float32)))
