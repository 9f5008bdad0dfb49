"""Sharpen."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from domain.operations.catalogue import Pixels, operation
from domain.operations.kernels import filtered

_KERNEL: Final = np.array([[-2, -2, -2], [-2, 32, -2], [-2, -2, -2]], np.float32) / 16


@dataclass(frozen=True, slots=True)
class Sharpen:
    """There is nothing to choose."""


@operation("sharpen", Sharpen, margin=lambda _: 1)
def sharpen(pixels: Pixels, _: Sharpen) -> Pixels:
    """Sharpen: twice a pixel less the mean of its eight neighbours.

    The kernel is that of Pillow's ImageFilter.SHARPEN. The outermost pixels stay as they are,
    and so does alpha; what is transparent gives no colour to what is seen.
    """
    return filtered(pixels, _KERNEL)
