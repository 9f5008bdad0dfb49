"""Linear operations on pictures with transparent parts: colours count as far as they are seen."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from domain.operations.catalogue import Pixels


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
        color = linear(cv2.multiply(cv2.extractChannel(pixels, channel), alpha, dtype=cv2.CV_32F), channel)
        np.divide(color, weight, out=color, where=visible)
        color *= visible
        _store(color, result[..., channel])
    _store(weight, result[..., -1])
    return result


def _store(samples: Pixels, channel: Pixels) -> None:
    """Round floats in place, and put them into a channel of integers, as far as it reaches."""
    np.rint(samples, out=samples)
    np.clip(samples, 0, np.iinfo(channel.dtype).max, out=samples)
    channel[:] = samples
