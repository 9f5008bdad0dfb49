"""A hash of what a picture shows, whatever file it is in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

import cv2
import numpy as np

from domain.operations.catalogue import Pixels

_SAMPLE: Final = 61
"""Of so many rows and columns one is looked at first: most pictures are told apart by these."""

_BAND: Final = 64
"""Rows that are looked at at once."""


def pixel_hash(pixels: Pixels, salt: bytes = b"") -> str:
    """SHA-256, as 64 hex digits, of upright pixels in their least form, with their size.

    The least form is the same for all arrays that a person sees as the same picture: without alpha where
    all is opaque, without colour beneath what is wholly transparent, gray where all channels are equal, of 8
    bits where 16 say no more. `salt`: what else must be the same.
    """
    least = _least(pixels)
    height, width = least.shape[:2]
    channels = 1 if least.ndim == 2 else least.shape[2]
    digest = hashlib.sha256(f"{width}x{height}x{channels}x{least.dtype.itemsize * 8}\0".encode() + salt)
    digest.update(np.ascontiguousarray(least, least.dtype.newbyteorder("<")).data)
    return digest.hexdigest()


def _least(pixels: Pixels) -> Pixels:
    if pixels.dtype == np.uint16 and _everywhere(pixels, _is_8_bit):
        pixels = cv2.convertScaleAbs(pixels, alpha=1 / 257)
    if pixels.ndim == 2:
        return pixels
    if pixels.shape[2] in {2, 4}:
        pixels = _without_needless_alpha(pixels)
    if pixels.ndim == 3 and pixels.shape[2] in {3, 4} and _everywhere(pixels, _is_gray):
        gray = cv2.extractChannel(pixels, 2)
        return gray if pixels.shape[2] == 3 else cv2.merge((gray, cv2.extractChannel(pixels, 3)))
    return pixels


def _without_needless_alpha(pixels: Pixels) -> Pixels:
    alpha = cv2.extractChannel(pixels, pixels.shape[2] - 1)
    least, _, _, _ = cv2.minMaxLoc(alpha)
    if least == np.iinfo(pixels.dtype).max:
        return _colors(pixels)
    return pixels if least > 0 else cv2.copyTo(pixels, cv2.inRange(alpha, (1,), (65_535,)))


def _colors(pixels: Pixels) -> Pixels:
    if pixels.shape[2] == 2:
        return cv2.extractChannel(pixels, 0)
    return cv2.cvtColor(pixels, cv2.COLOR_BGRA2BGR)


def _everywhere(pixels: Pixels, holds: Callable[[Pixels], bool]) -> bool:
    """Whether it holds in a sample, and then in all of them, a band of rows after the other."""
    bands = (pixels[top : top + _BAND] for top in range(0, len(pixels), _BAND))
    return holds(pixels[::_SAMPLE, ::_SAMPLE]) and all(map(holds, bands))


def _is_8_bit(pixels: Pixels) -> bool:
    """Whether high and low byte are the same: 8 bits, widened."""
    return not np.any((pixels >> 8) ^ (pixels & 0xFF))


def _is_gray(pixels: Pixels) -> bool:
    blue, green, red = pixels[..., 0], pixels[..., 1], pixels[..., 2]
    return np.array_equal(green, red) and np.array_equal(blue, green)
