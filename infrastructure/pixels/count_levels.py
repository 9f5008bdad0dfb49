"""The histogram of a picture, or of a part of it."""

from __future__ import annotations

from math import ceil, floor
from typing import Final

import cv2
import msgspec
import numpy as np
import numpy.typing as npt

from domain.header import ImageHeader
from domain.levels import LEVELS, Levels
from domain.operations.catalogue import Pixels, resolve
from domain.operations.regional import Box, coverage
from domain.ports.rendering import RenderFailure
from domain.recipe import Recipe
from domain.region import Region
from infrastructure.pixels.codec import decode
from infrastructure.pixels.plan import plan
from infrastructure.pixels.tasks import failure

_AT_ONCE: Final = 1 << 22
"""Pixels counted in one go: few enough for the floats in which OpenCV counts, and for a cache."""

Counts = npt.NDArray[np.int64]


class CountLevels(msgspec.Struct, frozen=True, tag=True):
    """Of what a recipe makes of a file. A pixel is within a region where half of it or more is; a feather
    means nothing. Alpha is not looked at. Of 16 bits the high byte counts."""

    header: ImageHeader
    recipe: Recipe
    region: Region | None = None

    def carry_out(self, content: bytes) -> Levels | RenderFailure:
        calls = resolve(self.recipe)
        planned = plan(self.header, [calls])
        try:
            decoded = decode(content, self.header, scale=planned.scale, gray=planned.gray)
            return levels(planned.apply(calls, decoded), self.region)
        except Exception as error:
            return failure(error)


def levels(pixels: Pixels, region: Region | None) -> Levels:
    """Raises InvalidInput where the region is not within the picture."""
    mask = None
    if region is not None:
        pixels, mask = _within(pixels, region)
    counts: dict[str, Counts] = {
        name: np.zeros(LEVELS, np.int64) for name in ("blue", "green", "red", "luminance")
    }
    rows = max(1, _AT_ONCE // pixels.shape[1])
    for top in range(0, pixels.shape[0], rows):
        seen = None if mask is None else mask[top : top + rows]
        for name, channel in _channels(pixels[top : top + rows]).items():
            counts[name] += cv2.calcHist([channel], [0], seen, [LEVELS], [0, 256]).ravel().astype(np.int64)
    return Levels(**{name: tuple(each.tolist()) for name, each in counts.items()})


def _within(pixels: Pixels, region: Region) -> tuple[Pixels, Pixels]:
    """The box around a region, and which pixels of it count."""
    region.check_within(pixels.shape[1], pixels.shape[0], "histogram")
    left, top, right, bottom = region.bounds
    box = Box(floor(left), floor(top), ceil(right), ceil(bottom))
    covered = coverage(Region(region.rectangle, region.polygon), box)
    return box.of(pixels), cv2.threshold(covered, 127, 255, cv2.THRESH_BINARY)[1]


def _channels(pixels: Pixels) -> dict[str, Pixels]:
    """Of 8 bits each."""
    if pixels.ndim == 2 or pixels.shape[2] == 2:
        gray = _high(pixels if pixels.ndim == 2 else cv2.extractChannel(pixels, 0))
        return dict.fromkeys(("blue", "green", "red", "luminance"), gray)
    code = cv2.COLOR_BGR2GRAY if pixels.shape[2] == 3 else cv2.COLOR_BGRA2GRAY
    planes = {name: cv2.extractChannel(pixels, index) for index, name in enumerate(("blue", "green", "red"))}
    planes["luminance"] = cv2.cvtColor(pixels, code)
    return {name: _high(plane) for name, plane in planes.items()}


def _high(samples: Pixels) -> Pixels:
    return samples if samples.dtype == np.uint8 else (samples >> 8).astype(np.uint8)
