"""The luma of a picture, apart from all else: Y of Y'CrCb, ITU-R BT.601."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import cv2

from domain.operations.catalogue import Pixels
from domain.operations.transparency import joined, parted


@dataclass(frozen=True, slots=True)
class Luma:
    """A picture apart, to be put together again with another luma."""

    plane: Pixels
    """(height, width)."""
    alpha: Pixels | None
    """(height, width), where there is one."""
    _colors: Pixels | None
    """Y'CrCb; None of a gray picture."""

    @classmethod
    def of(cls, pixels: Pixels) -> Self:
        colors, alpha = parted(pixels)
        if colors.ndim == 2:
            return cls(colors, alpha, None)
        apart = cv2.cvtColor(colors, cv2.COLOR_BGR2YCrCb)
        return cls(cv2.extractChannel(apart, 0), alpha, apart)

    def replaced(self, plane: Pixels) -> Pixels:
        """The picture with another luma, the differences of its colours and its alpha kept.

        It is made where they are kept, for the sake of memory: once only.
        """
        if self._colors is None:
            return joined(plane, self.alpha)
        cv2.insertChannel(plane, self._colors, 0)
        return joined(cv2.cvtColor(self._colors, cv2.COLOR_YCrCb2BGR, dst=self._colors), self.alpha)
