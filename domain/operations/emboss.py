"""Emboss."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from domain.operations.catalogue import Pixels, operation
from domain.operations.kernels import filtered

_KERNEL: Final = np.array([[0, 0, 0], [0, 1, 0], [-1, 0, 0]], np.float32)


@dataclass(frozen=True, slots=True)
class Emboss:
    """There is nothing to choose."""


@operation("emboss", Emboss, margin=lambda _: 1)
def emboss(pixels: Pixels, _: Emboss) -> Pixels:
    """Show the picture as a relief: the difference to the neighbour at the lower left, on gray.

    The kernel is that of Pillow's ImageFilter.EMBOSS. The outermost pixels stay as they are,
    and so does alpha; what is transparent gives no colour to what is seen.
    """
    return filtered(pixels, _KERNEL, offset=128 / 255)
