"""Channels and depths of pixels, changed to what a format can hold."""

from typing import Final

import cv2
import numpy as np

from domain.operations.catalogue import Pixels

WHITE: Final = "#ffffff"


def to_8_bit(pixels: Pixels) -> Pixels:
    """uint16 rounded to uint8; uint8 as it is."""
    return pixels if pixels.dtype == np.uint8 else cv2.convertScaleAbs(pixels, alpha=1 / 257)


def opaque(pixels: Pixels, background: str = WHITE) -> Pixels:
    """Gray or BGR of the same depth: pixels with alpha shown on a colour, #rrggbb.

    Gray on a colour that is not gray becomes BGR.
    """
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return pixels
    *colors, alpha = cv2.split(pixels)
    behind = bytes.fromhex(background[1:])[::-1]
    if len(colors) == 1 and len(set(behind)) == 1:
        return _mixed(colors[0], alpha, behind[0])
    planes = colors if len(colors) == 3 else colors * 3
    return cv2.merge([_mixed(plane, alpha, shade) for plane, shade in zip(planes, behind, strict=True)])


def _mixed(plane: Pixels, alpha: Pixels, shade: int) -> Pixels:
    """One channel over one shade (0 to 255), rounded once: what is lighter and what is darker than the
    shade are weakened apart, since there are no negative samples."""
    most = int(np.iinfo(plane.dtype).max)
    behind = np.full_like(plane, shade * (most // 255))
    lighter = cv2.multiply(cv2.subtract(plane, behind), alpha, scale=1 / most)
    darker = cv2.multiply(cv2.subtract(behind, plane), alpha, scale=1 / most)
    return cv2.subtract(cv2.add(lighter, behind), darker)


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
