"""The luma of a picture, apart from its colours: Y of Y'CrCb, ITU-R BT.601."""

from collections.abc import Callable

import cv2

from domain.operations.catalogue import Pixels


def with_luma(colors: Pixels, change: Callable[[Pixels], Pixels]) -> Pixels:
    """A picture without alpha, its luma changed, the differences of its colours kept."""
    if colors.ndim == 2:
        return change(colors)
    apart = cv2.cvtColor(colors, cv2.COLOR_BGR2YCrCb)
    cv2.insertChannel(change(cv2.extractChannel(apart, 0)), apart, 0)
    return cv2.cvtColor(apart, cv2.COLOR_YCrCb2BGR, dst=apart)
