"""Blur."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from domain.operations.catalogue import Pixels, operation
from domain.operations.kernels import filtered

_KERNEL: Final = (
    np.array(
        [
            [1, 1, 1, 1, 1],
            [1, 0, 0, 0, 1],
            [1, 0, 0, 0, 1],
            [1, 0, 0, 0, 1],
            [1, 1, 1, 1, 1],
        ],
        np.float32,
    )
    / 16
)


@dataclass(frozen=True, slots=True)
class Blur:
    """There is nothing to choose."""


@operation("blur", Blur, margin=lambda _: 2)
def blur(pixels: Pixels, _: Blur) -> Pixels:
    """Blur a little: the mean of the 16 pixels two away, without those between.

    The kernel is that of Pillow's ImageFilter.BLUR. The two outermost pixels on each side stay as they are,
    and so does alpha; what is transparent gives no colour to what is seen.
    """
    return filtered(pixels, _KERNEL)
