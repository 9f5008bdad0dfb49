"""How much two pictures differ."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from domain.operations.catalogue import Pixels


@dataclass(frozen=True, slots=True)
class Difference:
    """`most`: of one sample, in the steps of its depth. `psnr`: in dB, infinite where nothing differs."""

    most: int
    psnr: float


def difference(one: Pixels, other: Pixels) -> Difference | None:
    """None where size, channels or depth are not the same, so that there is nothing to compare."""
    if one.shape != other.shape or one.dtype != other.dtype:
        return None
    most = int(cv2.norm(one, other, cv2.NORM_INF))
    psnr = cv2.PSNR(one, other, float(np.iinfo(one.dtype).max)) if most else math.inf
    return Difference(most, psnr)
