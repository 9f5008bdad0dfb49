"""Edge enhance."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

import numpy as np

from domain.operations.catalogue import Pixels, operation
from domain.operations.kernels import filtered
from domain.operations.parameters import Parameter


class Strength(StrEnum):
    NORMAL = "NORMAL"
    MORE = "MORE"


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeEnhance:
    strength: Annotated[Strength, Parameter("How much: MORE is twice as much.")] = Strength.NORMAL


_KERNELS: Final[dict[Strength, Pixels]] = {
    Strength.NORMAL: np.array([[-1, -1, -1], [-1, 10, -1], [-1, -1, -1]], np.float32) / 2,
    Strength.MORE: np.array([[-1, -1, -1], [-1, 9, -1], [-1, -1, -1]], np.float32),
}


@operation("edge_enhance", EdgeEnhance, margin=lambda _: 1)
def edge_enhance(pixels: Pixels, parameters: EdgeEnhance) -> Pixels:
    """Make edges stand out: add to a pixel its differences to its eight neighbours, or half of them.

    The kernels are those of Pillow's ImageFilter.EDGE_ENHANCE and EDGE_ENHANCE_MORE. The outermost pixels
    stay as they are, and so does alpha; what is transparent gives no colour to what is seen.
    """
    return filtered(pixels, _KERNELS[parameters.strength])
