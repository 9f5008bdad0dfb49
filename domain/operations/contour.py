"""Contour."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from domain.operations.catalogue import Pixels, operation
from domain.operations.kernels import filtered

_KERNEL: Final = np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]], np.float32)


@dataclass(frozen=True, slots=True)
class Contour:
    """There is nothing to choose."""


@operation("contour", Contour, margin=lambda _: 1)
def contour(pixels: Pixels, _: Contour) -> Pixels:
    """Draw the edges dark on white: eight times a pixel less its eight neighbours, plus white.

    The kernel is that of Pillow's ImageFilter.CONTOUR. The outermost pixels stay as they are,
    and so does alpha; what is transparent gives no colour to what is seen.
    """
    return filtered(pixels, _KERNEL, offset=1)
