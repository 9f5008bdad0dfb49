"""The luma of a picture, apart from all else: Y of Y'CrCb, ITU-R BT.601."""

from __future__ import annotations

from typing import NamedTuple, Self

import cv2

from domain.operations.catalogue import Pixels
from domain.operations.transparency import joined, parted


class Luma(NamedTuple):
    """A picture as planes, (height, width) each."""

    plane: Pixels
    differences: tuple[Pixels, ...]
    """Cr and Cb; none of a gray picture."""
    alpha: Pixels | None

    @classmethod
    def of(cls, pixels: Pixels) -> Self:
        colors, alpha = parted(pixels)
        if colors.ndim == 2:
            return cls(colors, (), alpha)
        plane, *differences = cv2.split(cv2.cvtColor(colors, cv2.COLOR_BGR2YCrCb))
        return cls(plane, tuple(differences), alpha)

    def replaced(self, plane: Pixels) -> Pixels:
        """The picture with another luma, the differences of its colours and its alpha kept."""
        if not self.differences:
            return joined(plane, self.alpha)
        colors = cv2.merge((plane, *self.differences))
        return joined(cv2.cvtColor(colors, cv2.COLOR_YCrCb2BGR, dst=colors), self.alpha)
