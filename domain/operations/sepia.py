"""Sepia."""

from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np

from domain.operations.catalogue import Pixels, operation
from domain.operations.matrix import transformed
from domain.operations.parameters import Parameter
from domain.operations.transparency import with_colors


@dataclass(frozen=True, slots=True, kw_only=True)
class Sepia:
    amount: Annotated[float, Parameter("0 leaves the colours, 1 is all sepia.", minimum=0, maximum=1)] = 1.0


_SEPIA: Final = np.array([[0.131, 0.534, 0.272], [0.168, 0.686, 0.349], [0.189, 0.769, 0.393]])
"""Rows and columns are blue, green and red."""


@operation("sepia", Sepia, neutral=Sepia(amount=0), scales=True)
def sepia(pixels: Pixels, parameters: Sepia) -> Pixels:
    """Turn colours into the browns of an old photograph.

    The matrix is that of `sepia()` in the W3C's Filter Effects Module (CSS filters), applied to the
    values as stored (gamma-encoded). A gray picture becomes one in colours.
    """
    if parameters.amount == 0:
        return pixels
    matrix = parameters.amount * _SEPIA + (1 - parameters.amount) * np.eye(3)
    from_gray = matrix.sum(axis=1, keepdims=True)
    return with_colors(pixels, lambda colors: transformed(colors, matrix if colors.ndim == 3 else from_gray))
