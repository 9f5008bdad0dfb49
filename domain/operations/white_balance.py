"""White balance."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

import cv2
import numpy as np

from domain.operations.catalogue import Mask, Pixels, operation
from domain.operations.levels import histogram, mapped, rounded, top
from domain.operations.parameters import Parameter
from domain.operations.transparency import visibility, with_colors


class Method(StrEnum):
    GRAY_WORLD = "GRAY_WORLD"
    WHITE_PATCH = "WHITE_PATCH"


@dataclass(frozen=True, slots=True, kw_only=True)
class WhiteBalance:
    method: Annotated[
        Method,
        Parameter("What shall have no colour: the mean of all (GRAY_WORLD), or the lightest (WHITE_PATCH)."),
    ] = Method.GRAY_WORLD


_LIGHTEST: Final = 0.01
"""The part of the pixels that is over the white of WHITE_PATCH: highlights that are cut off tell nothing."""


def _gains(pixels: Pixels, parameters: WhiteBalance, mask: Mask) -> Pixels:
    """For blue, green and red; 1 where there is nothing to go by."""
    if pixels.ndim == 2 or pixels.shape[2] == 2:
        return np.ones(3)
    weight = visibility(pixels, mask)
    match parameters.method:
        case Method.GRAY_WORLD:
            found = _means(pixels, weight)
            wanted = found.mean()
        case Method.WHITE_PATCH:
            found = np.array([_white(histogram(plane, 0, weight)) for plane in cv2.split(pixels)[:3]])
            wanted = top(pixels)
    gains: Pixels = np.divide(wanted, found, out=np.ones(3), where=found > 0)
    return gains


@operation("white_balance", WhiteBalance, measure=_gains, scales=True)
def white_balance(pixels: Pixels, _: WhiteBalance, gains: Pixels) -> Pixels:
    """Take away a tint of the light: each of red, green and blue is multiplied by a factor.

    GRAY_WORLD makes the means of the three the same (Buchsbaum 1980). WHITE_PATCH makes what is lightest
    in each white (Land and McCann 1971): the level that one pixel in a hundred is over. Each pixel counts
    as much as it is visible. A gray picture stays as it is.
    """
    if pixels.ndim == 2 or pixels.shape[2] == 2:
        return pixels
    table = rounded(np.outer(np.arange(top(pixels) + 1), gains), pixels)
    return with_colors(pixels, lambda colors: mapped(colors, table))


def _means(pixels: Pixels, weight: Mask) -> Pixels:
    """With weights as multiples of the means, which are as good."""
    if weight is None:
        return np.array(cv2.mean(pixels)[:3])
    levels = np.arange(top(pixels) + 1)
    return np.array([histogram(plane, 0, weight) @ levels for plane in cv2.split(pixels)[:3]])


def _white(counts: Pixels) -> int:
    return int(np.searchsorted(counts.cumsum(), (1 - _LIGHTEST) * counts.sum()))
