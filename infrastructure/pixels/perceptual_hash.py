"""A hash that is nearly the same for pictures that look nearly the same."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from domain.operations.catalogue import Pixels

_SIDE: Final = 32
_BLOCK: Final = slice(1, 9)
"""The 64 lowest frequencies but the mean and those along one axis only."""


def perceptual_hash(small: Pixels) -> str:
    """64 bits as 16 hex digits, of an opaque picture of 8 bits.

    Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions (2010), section 3.2.1, as in
    phash.org: the signs, about their median, of low frequencies of the cosine transform of the luma at
    32 x 32, here reduced by averaging over areas.
    """
    tiny = cv2.resize(small, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    luma = tiny if tiny.ndim == 2 else cv2.cvtColor(tiny, cv2.COLOR_BGR2GRAY)
    low = cv2.dct(luma.astype(np.float32))[_BLOCK, _BLOCK].ravel()
    return np.packbits(low > np.median(low)).tobytes().hex()
