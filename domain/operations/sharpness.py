"""Sharpness."""

from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np

from domain.operations.catalogue import Pixels, operation
from domain.operations.kernels import SMOOTH, filtered
from domain.operations.parameters import Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharpness:
    factor: Annotated[float, Parameter("0 is smoothed, 1 as it is, 2 sharpened.", minimum=0, maximum=2)]


_IDENTITY: Final = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]], np.float32)


@operation("sharpness", Sharpness, margin=lambda _: 1, neutral=Sharpness(factor=1))
def sharpness(pixels: Pixels, parameters: Sharpness) -> Pixels:
    """Make a picture softer or sharper: a mixture of it and of what `smooth` makes of it.

    As Pillow's ImageEnhance.Sharpness, in one step. The outermost pixels stay as they are, and so does
    alpha; what is transparent gives no colour to what is seen.
    """
    factor = parameters.factor
    return filtered(pixels, SMOOTH + (_IDENTITY - SMOOTH) * factor)
