"""What can be seen of a picture: its colours apart from its alpha, and how much each pixel counts."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from domain.operations.catalogue import Mask, Pixels


def with_colors(pixels: Pixels, change: Callable[[Pixels], Pixels], *, reach: int = 0) -> Pixels:
    """A picture with its alpha kept and its colours changed: (height, width) or (height, width, 3) are given.

    Where the change looks at neighbours within `reach` px, colours that cannot be seen are given to it as
    the mean of those that can, in the square of as many px to every side.
    """
    colors, alpha = parted(pixels)
    if reach and (unseen := hidden(pixels)) is not None:
        colors = _filled(colors, unseen, reach)
    return joined(change(colors), alpha)


def parted(pixels: Pixels) -> tuple[Pixels, Pixels | None]:
    """Colours, (height, width) or (height, width, 3), and alpha, where a picture has it."""
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return pixels, None
    if pixels.shape[2] == 2:
        return cv2.extractChannel(pixels, 0), cv2.extractChannel(pixels, 1)
    return cv2.cvtColor(pixels, cv2.COLOR_BGRA2BGR), cv2.extractChannel(pixels, 3)


def joined(colors: Pixels, alpha: Pixels | None) -> Pixels:
    """A picture of both."""
    if alpha is None:
        return colors
    return cv2.merge((*(cv2.split(colors) if colors.ndim == 3 else (colors,)), alpha))


def visibility(pixels: Pixels, mask: Mask) -> Mask:
    """How much each pixel counts where a mask shows a part of it: as much as it is visible."""
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return mask
    return weight(cv2.extractChannel(pixels, pixels.shape[2] - 1), mask)


def weight(alpha: Pixels | None, mask: Mask) -> Mask:
    """The same of pixels with this alpha."""
    if alpha is None:
        return mask
    if alpha.dtype == np.uint16:
        alpha = cv2.convertScaleAbs(alpha, alpha=1 / 257)
    return alpha if mask is None else cv2.multiply(alpha, mask, scale=1 / 255)


def hidden(pixels: Pixels) -> Mask:
    """1 where nothing can be seen, else 0; None where everything can be seen."""
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return None
    unseen: Pixels = pixels[..., -1] == 0
    return unseen.view(np.uint8) if unseen.any() else None


def _filled(colors: Pixels, unseen: Pixels, reach: int) -> Pixels:
    """Colours with those that cannot be seen made of those that can; black where there are none near."""
    side = (2 * reach + 1, 2 * reach + 1)
    seen = cv2.copyTo(colors, 1 - unseen)
    total = cv2.boxFilter(seen, cv2.CV_32F, side, normalize=False, borderType=cv2.BORDER_CONSTANT)
    count = cv2.boxFilter(1 - unseen, cv2.CV_32F, side, normalize=False, borderType=cv2.BORDER_CONSTANT)
    np.maximum(count, 1, out=count)
    np.divide(total, count if colors.ndim == 2 else count[..., None], out=total)
    np.rint(total, out=total)
    return cv2.copyTo(total.astype(colors.dtype), unseen, seen)
