"""Smooth."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

import numpy as np

from domain.operations.catalogue import Pixels, operation
from domain.operations.kernels import SMOOTH, filtered
from domain.operations.parameters import Parameter


class Strength(StrEnum):
    NORMAL = "NORMAL"
    MORE = "MORE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Smooth:
    strength: Annotated[Strength, Parameter("The mean of 3 x 3 pixels (NORMAL) or of 5 x 5 (MORE).")] = (
        Strength.NORMAL
    )


_MORE: Final = (
    np.array(
        [
            [1, 1, 1, 1, 1],
            [1, 5, 5, 5, 1],
            [1, 5, 44, 5, 1],
            [1, 5, 5, 5, 1],
            [1, 1, 1, 1, 1],
        ],
        np.float32,
    )
    / 100
)
_KERNELS: Final = {Strength.NORMAL: SMOOTH, Strength.MORE: _MORE}


def _margin(parameters: Smooth) -> int:
    return len(_KERNELS[parameters.strength]) // 2


@operation("smooth", Smooth, margin=_margin)
def smooth(pixels: Pixels, parameters: Smooth) -> Pixels:
    """Smooth out noise: the mean of a pixel and those around it, by weights that prefer the nearest.

    The kernels are those of Pillow's ImageFilter.SMOOTH and SMOOTH_MORE. The outermost pixels, or the two
    outermost ones on each side, stay as they are, and so does alpha; what is transparent gives no colour
    to what is seen.
    """
    return filtered(pixels, _KERNELS[parameters.strength])
