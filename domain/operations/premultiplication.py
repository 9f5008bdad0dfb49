"""Linear operations on pictures with transparent parts: colours count as far as they are seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import cv2
import numpy as np

from domain.operations.catalogue import Pixels

_BAND: Final = 64
"""Rows that are worked on at once."""


def alpha_of(pixels: Pixels) -> Pixels | None:
    """The alpha channel, where there is one and something is not opaque."""
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return None
    alpha = cv2.extractChannel(pixels, pixels.shape[2] - 1)
    return None if alpha.min() == np.iinfo(pixels.dtype).max else alpha


def seen(pixels: Pixels, linear: Callable[[Pixels], Pixels]) -> Pixels:
    """A linear operation that is the same for all channels: on colours premultiplied where it matters."""
    alpha = alpha_of(pixels)
    if alpha is None:
        return linear(pixels)
    return premultiplied(pixels, alpha, lambda plane, _: linear(plane))


def premultiplied(pixels: Pixels, alpha: Pixels, linear: Callable[[Pixels, int], Pixels]) -> Pixels:
    """A channel at a time, for the sake of memory: `linear` gets (height, width) of float32, and its number.

    The last one is alpha; colours come as products with it. What is transparent in the result is black.
    """
    last = pixels.shape[2] - 1
    weight = linear(alpha.astype(np.float32), last)
    visible = weight >= 0.5
    result = np.zeros((*weight.shape, last + 1), pixels.dtype)
    for channel in range(last):
        color = linear(_weighted(pixels, channel, alpha), channel)
        np.divide(color, weight, out=color, where=visible)
        color *= visible
        _store(color, result[..., channel])
    _store(weight, result[..., -1])
    return result


def _weighted(pixels: Pixels, channel: int, alpha: Pixels) -> Pixels:
    """A colour by its alpha, as float32; in bands, so that no copy of the colour is needed."""
    product = np.empty(alpha.shape, np.float32)
    for top in range(0, len(alpha), _BAND):
        rows = slice(top, top + _BAND)
        color = cv2.extractChannel(pixels[rows], channel)
        cv2.multiply(color, alpha[rows], dst=product[rows], dtype=cv2.CV_32F)
    return product


def _store(samples: Pixels, channel: Pixels) -> None:
    """Round floats in place, and put them into a channel of integers, as far as it reaches."""
    np.rint(samples, out=samples)
    np.clip(samples, 0, np.iinfo(channel.dtype).max, out=samples)
    channel[:] = samples
