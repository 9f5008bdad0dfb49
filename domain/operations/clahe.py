"""Contrast limited adaptive histogram equalization."""

from dataclasses import dataclass
from typing import Annotated

import cv2
import numpy as np

from domain.operations.catalogue import Pixels, operation
from domain.operations.luma import Luma
from domain.operations.parameters import Parameter
from domain.operations.transparency import hidden


@dataclass(frozen=True, slots=True, kw_only=True)
class Clahe:
    clip_limit: Annotated[
        float,
        Parameter(
            "How much contrast may grow: the share of one tone in a tile, in shares of an even spread.",
            minimum=1,
            maximum=100,
        ),
    ] = 2.0
    tiles: Annotated[int, Parameter("Tiles in each direction.", minimum=1, maximum=16)] = 8


@operation("clahe", Clahe, margin=lambda _: None, scales=True)
def clahe(pixels: Pixels, parameters: Clahe) -> Pixels:
    """Spread the tones of each part of a picture by themselves, so that detail shows in light and shade.

    Contrast limited adaptive histogram equalization (Zuiderveld 1994) as OpenCV's `createCLAHE` computes
    it, of luma (Y of Y'CrCb, BT.601): hues stay. The tiles are those of the whole picture, also where a
    region is changed alone. What is transparent counts as the mean of what can be seen.
    """
    tiles = (parameters.tiles, parameters.tiles)
    equalizer = cv2.createCLAHE(parameters.clip_limit, tiles)
    luma = Luma.of(_filled(pixels))
    return luma.replaced(equalizer.apply(luma.plane))


def _filled(pixels: Pixels) -> Pixels:
    """With the mean colour of what can be seen where nothing can."""
    unseen = hidden(pixels)
    if unseen is None:
        return pixels
    mean = np.rint(cv2.mean(pixels, 1 - unseen)[: pixels.shape[2]])
    mean[-1] = 0
    filled = pixels.copy()
    filled[unseen > 0] = mean
    return filled
