"""Linear functions of the colours of one pixel; alpha is kept."""

import cv2
import numpy as np

from domain.operations.alpha import join_alpha, split_alpha
from domain.operations.catalogue import Pixels


def scaled(pixels: Pixels, factor: float, offset: float = 0) -> Pixels:
    """Each colour times a factor, plus an offset in levels, rounded and within black and white."""
    channels = 1 if pixels.ndim == 2 or pixels.shape[2] == 2 else 3
    return mixed(pixels, np.column_stack([np.eye(channels) * factor, np.full(channels, offset)]))


def mixed(pixels: Pixels, matrix: Pixels) -> Pixels:
    """Each colour a sum of all by the weights in its row, in OpenCV's order; a further column is added."""
    colors, alpha = split_alpha(pixels)
    return join_alpha(cv2.transform(colors, matrix.astype(np.float32)), alpha)
