"""Colours, in the channels and the depth of a picture."""

import numpy as np

from domain.operations.catalogue import Pixels
from domain.operations.parameters import Color


def painted(color: Color, pixels: Pixels) -> tuple[int, ...]:
    """A value for each channel. A gray picture gets the luma (BT.601); without alpha, paint is opaque."""
    blue, green, red, alpha = color.bgra
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    colors = (blue, green, red) if channels >= 3 else (round(0.114 * blue + 0.587 * green + 0.299 * red),)
    values = colors if channels in {1, 3} else (*colors, alpha)
    step = int(np.iinfo(pixels.dtype).max) // 255
    return tuple(value * step for value in values)


def canvas(color: Color, pixels: Pixels, width: int, height: int) -> Pixels:
    """A picture of one colour, like another one."""
    row = np.empty((width, *pixels.shape[2:]), pixels.dtype)
    row[:] = painted(color, pixels) if pixels.ndim == 3 else painted(color, pixels)[0]
    result: Pixels = np.empty((height, *row.shape), pixels.dtype)
    result[:] = row  # whole rows are copied ten times as fast as single pixels
    return result
