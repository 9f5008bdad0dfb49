"""Detail."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from domain.operations.catalogue import Pixels, operation
from domain.operations.kernels import filtered

_KERNEL: Final = np.array([[0, -1, 0], [-1, 10, -1], [0, -1, 0]], np.float32) / 6


@dataclass(frozen=True, slots=True)
class Detail:
    """There is nothing to choose."""


@operation("detail", Detail, margin=lambda _: 1)
def detail(pixels: Pixels, _: Detail) -> Pixels:
    """Bring out details: sharpen a little, by the four nearest neighbours.

    The kernel is that of Pillow's ImageFilter.DETAIL. The outermost pixels stay as they are,
    and so does alpha; what is transparent gives no colour to what is seen.
    """
    return filtered(pixels, _KERNEL)
