"""Colours multiplied by a matrix."""

import cv2
import numpy as np

from domain.operations.catalogue import Pixels


def transformed(colors: Pixels, matrix: Pixels) -> Pixels:
    """Blue, green and red, or gray, each made of all of them by a row; a last column more is added.

    OpenCV rounds some halves otherwise at the end of a row than within it, and takes an array in one piece
    as one row: in one piece, the result does not depend on how the picture lies in memory.
    """
    return cv2.transform(np.ascontiguousarray(colors), matrix.astype(np.float32))
