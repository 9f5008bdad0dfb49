"""Invert."""

from dataclasses import dataclass

import cv2

from domain.operations.catalogue import Pixels, operation
from domain.operations.transparency import with_colors


@dataclass(frozen=True, slots=True, kw_only=True)
class Invert:
    pass


@operation("invert", Invert, scales=True, commutes_with_averaging=True)
def invert(pixels: Pixels, _: Invert) -> Pixels:
    """Turn light into dark and each colour into its opposite, as on a photographic negative.

    Each level becomes the highest level less itself, as Pillow's ImageOps.invert does.
    """
    return with_colors(pixels, cv2.bitwise_not)
