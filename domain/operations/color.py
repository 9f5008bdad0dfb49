"""Color."""

from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np

from domain.operations.catalogue import Pixels, operation
from domain.operations.linear import mixed
from domain.operations.parameters import Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Color:
    factor: Annotated[float, Parameter("0 is gray, 1 as it is, 2 twice as colourful.", minimum=0, maximum=2)]


_LUMA: Final = np.tile(np.array([0.114, 0.587, 0.299]), (3, 1))
_IDENTITY: Final = np.eye(3)


@operation("color", Color, neutral=Color(factor=1), scales=True)
def color(pixels: Pixels, parameters: Color) -> Pixels:
    """Make colours paler or stronger: move them towards their luma (ITU-R BT.601), or away from it.

    As Pillow's ImageEnhance.Color. Alpha is kept. A gray picture stays as it is.
    """
    if pixels.ndim == 2 or pixels.shape[2] == 2:
        return pixels
    return mixed(pixels, _LUMA + (_IDENTITY - _LUMA) * parameters.factor)
