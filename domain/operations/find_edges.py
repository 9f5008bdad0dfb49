"""Find edges."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from domain.operations.catalogue import Pixels, operation
from domain.operations.kernels import filtered

_KERNEL: Final = np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]], np.float32)


@dataclass(frozen=True, slots=True)
class FindEdges:
    """There is nothing to choose."""


@operation("find_edges", FindEdges, margin=lambda _: 1)
def find_edges(pixels: Pixels, _: FindEdges) -> Pixels:
    """Show the edges bright on black: eight times a pixel less its eight neighbours.

    The kernel is that of Pillow's ImageFilter.FIND_EDGES. The outermost pixels stay as they are,
    and so does alpha; what is transparent gives no colour to what is seen.
    """
    return filtered(pixels, _KERNEL)
