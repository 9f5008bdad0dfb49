"""Pixelate."""

from dataclasses import dataclass
from typing import Annotated

import cv2
import numpy as np

from domain.operations.catalogue import Pixels, operation
from domain.operations.parameters import Parameter
from domain.operations.premultiplication import seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Pixelate:
    size: Annotated[int, Parameter("The side of a block.", unit="px", minimum=2, maximum=1000)] = 16


@operation("pixelate", Pixelate, margin=lambda _: None)
def pixelate(pixels: Pixels, parameters: Pixelate) -> Pixels:
    """Make blocks of one colour each, the mean of their pixels.

    Blocks begin at the top left of the picture, also within a region; those at the right and lower edge are
    cut off. Colours are weighted by their alpha. Small blocks can be guessed back: to hide something,
    redact is safe.
    """
    return seen(pixels, lambda plane: _blocks(plane, parameters.size))


def _blocks(plane: Pixels, size: int) -> Pixels:
    """Whole blocks and those that are cut off have means of their own."""
    height, width = plane.shape[:2]
    result = np.empty_like(plane)
    for rows in _spans(height, size):
        for columns in _spans(width, size):
            _fill_blocks(plane[rows, columns], size, result[rows, columns])
    return result


def _fill_blocks(part: Pixels, size: int, result: Pixels) -> None:
    """Of a part without rest. A row of each row of blocks is made, and repeated: copies are quick."""
    high, wide = part.shape[:2]
    down, across = -(-high // size), -(-wide // size)
    means = cv2.resize(part, (across, down), interpolation=cv2.INTER_AREA)
    lines = cv2.resize(means, (wide, down), interpolation=cv2.INTER_NEAREST_EXACT)
    result.reshape(down, -1, *lines.shape[1:])[:] = lines[:, None]


def _spans(length: int, size: int) -> list[slice]:
    whole = length - length % size
    return [span for span in (slice(0, whole), slice(whole, length)) if span.start < span.stop]
