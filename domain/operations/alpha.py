"""Colours and alpha, apart and together."""

from __future__ import annotations

import cv2

from domain.operations.catalogue import Pixels


def split_alpha(pixels: Pixels) -> tuple[Pixels, Pixels | None]:
    """The colours, (height, width) or (height, width, 3), and the alpha, if there is one."""
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return pixels, None
    if pixels.shape[2] == 2:
        return cv2.extractChannel(pixels, 0), cv2.extractChannel(pixels, 1)
    return cv2.cvtColor(pixels, cv2.COLOR_BGRA2BGR), cv2.extractChannel(pixels, 3)


def join_alpha(colors: Pixels, alpha: Pixels | None) -> Pixels:
    """What was split, in one picture again."""
    if alpha is None:
        return colors
    if colors.ndim == 2:
        return cv2.merge((colors, alpha))
    pixels = cv2.cvtColor(colors, cv2.COLOR_BGR2BGRA)
    return cv2.insertChannel(alpha, pixels, 3)
