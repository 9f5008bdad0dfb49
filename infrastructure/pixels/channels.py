"""Channels and depths of pixels, changed to what a format can hold."""

import cv2
import numpy as np

from domain.operations.catalogue import Pixels


def to_8_bit(pixels: Pixels) -> Pixels:
    """uint16 rounded to uint8; uint8 as it is."""
    return pixels if pixels.dtype == np.uint8 else cv2.convertScaleAbs(pixels, alpha=1 / 257)


def opaque(pixels: Pixels) -> Pixels:
    """Gray or BGR, uint8: pixels with alpha shown on white."""
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return pixels
    *colors, alpha = cv2.split(pixels)
    on_white = [
        cv2.bitwise_not(cv2.multiply(cv2.bitwise_not(color), alpha, scale=1 / 255)) for color in colors
    ]
    return on_white[0] if len(on_white) == 1 else cv2.merge(on_white)


def three_or_four(pixels: Pixels) -> Pixels:
    """Gray and alpha as BGRA; the other shapes, which encoders know, as they are."""
    if pixels.ndim == 2 or pixels.shape[2] != 2:
        return pixels
    gray, alpha = cv2.split(pixels)
    return cv2.merge((gray, gray, gray, alpha))


def straight(pixels: Pixels) -> Pixels:
    """BGRA whose colours were multiplied by alpha, as if they never had been."""
    *colors, alpha = cv2.split(pixels)
    most = np.iinfo(pixels.dtype).max
    return cv2.merge((*(cv2.divide(color, alpha, scale=most) for color in colors), alpha))


def unsigned(pixels: Pixels) -> Pixels:
    """Samples of any type as uint8 or uint16, in the same order from dark to light.

    Deeper integers lose their low bits; signed ones begin at their least value. Floating point goes from
    0 (black, as are less and NaN) to 1 (white, as is more). The array given may be changed.
    """
    kind, bits = pixels.dtype.kind, pixels.dtype.itemsize * 8
    if kind == "f":
        np.nan_to_num(pixels, copy=False, nan=0.0)
        np.clip(pixels, 0, 1, out=pixels)
        pixels *= 65535
        return np.rint(pixels, out=pixels).astype(np.uint16)
    if kind == "i":
        pixels = pixels.view(f"u{bits // 8}")
        pixels ^= 1 << (bits - 1)
    if bits > 16:
        pixels >>= bits - 16
        return pixels.astype(np.uint16)
    return pixels
