"""ThumbHash, by Evan Wallace (evanw.github.io/thumbhash): a picture in some 25 bytes, to be shown
blurred while the picture itself is on its way. Keeps aspect ratio, mean colour and alpha."""

from __future__ import annotations

import base64
import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from domain.operations.catalogue import Pixels

LONGEST: Final = 100
"""Pixels of a side at most: the algorithm reads every pixel for every frequency."""

_FLAT: Final = 1e-9
"""Less than that is no variation but rounding, which would differ from machine to machine."""


class _Channel(NamedTuple):
    """Mean, other frequencies from 0 to 1, and their largest amplitude."""

    mean: float
    rest: list[float]
    scale: float


def thumb_hash(pixels: Pixels) -> str:
    """The hash, in base64, of BGRA in uint8 with sides of at most LONGEST pixels."""
    height, width = pixels.shape[:2]
    blue, green, red, alpha = np.moveaxis(pixels.astype(np.float64) / 255, 2, 0)
    weight = float(alpha.sum())
    red, green, blue = (_on_mean(color, alpha, weight) for color in (red, green, blue))
    has_alpha = weight < width * height
    longer, most = max(width, height), 5 if has_alpha else 7
    across, down = (max(1, _rounded(most * side / longer)) for side in (width, height))
    light = _encoded((red + green + blue) / 3, max(3, across), max(3, down))
    yellow = _encoded((red + green) / 2 - blue, 3, 3)
    reddish = _encoded(red - green, 3, 3)
    channels = [light, yellow, reddish]
    landscape = width > height
    head = (
        _rounded(63 * light.mean)
        | _rounded(31.5 + 31.5 * yellow.mean) << 6
        | _rounded(31.5 + 31.5 * reddish.mean) << 12
        | _rounded(31 * light.scale) << 18
        | has_alpha << 23
        | (down if landscape else across) << 24
        | _rounded(63 * yellow.scale) << 27
        | _rounded(63 * reddish.scale) << 33
        | landscape << 39
    ).to_bytes(5, "little")
    if has_alpha:
        opacity = _encoded(alpha, 5, 5)
        channels.append(opacity)
        head += bytes([_rounded(15 * opacity.mean) | _rounded(15 * opacity.scale) << 4])
    nibbles = [_rounded(15 * value) for channel in channels for value in channel.rest]
    nibbles += [0] * (len(nibbles) % 2)
    tail = bytes(low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2], strict=True))
    return base64.b64encode(head + tail).decode()


def _on_mean(color: NDArray[np.float64], alpha: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """The picture on its own mean colour."""
    mean = float((color * alpha).sum()) / weight if weight else 0.0
    return mean * (1 - alpha) + color * alpha


def _encoded(channel: NDArray[np.float64], across: int, down: int) -> _Channel:
    """The triangle of low frequencies, so many in the first row and the first column."""
    height, width = channel.shape
    amplitudes = _cosines(down, height) @ channel @ _cosines(across, width).T / (width * height)
    mean, *rest = (
        float(amplitudes[y, x]) for y in range(down) for x in range(across) if x * down < across * (down - y)
    )
    scale = max(map(abs, rest))
    if scale < _FLAT:
        return _Channel(mean, [0.0] * len(rest), 0.0)
    return _Channel(mean, [0.5 + 0.5 / scale * value for value in rest], scale)


def _cosines(count: int, length: int) -> NDArray[np.float64]:
    places = np.arange(length) + 0.5
    waves: NDArray[np.float64] = np.cos(np.pi / length * np.outer(np.arange(count), places))
    return waves


def _rounded(value: float) -> int:
    """Halves up, as in the reference; what lies within rounding of a half is one, on every machine."""
    return math.floor(round(value, 9) + 0.5)
