"""Bilateral filter."""

from dataclasses import dataclass
from typing import Annotated

import cv2
import numpy as np

from domain.operations.catalogue import Pixels, operation
from domain.operations.levels import of_depth, top
from domain.operations.parameters import Parameter
from domain.operations.transparency import with_colors


@dataclass(frozen=True, slots=True, kw_only=True)
class Bilateral:
    sigma_color: Annotated[
        float,
        Parameter(
            "How different colours may be that are mixed.", unit="levels of 8 bits", minimum=1, maximum=255
        ),
    ] = 30.0
    sigma_space: Annotated[
        float, Parameter("How far away pixels may be that are mixed.", unit="px", minimum=0.5, maximum=8)
    ] = 3.0


def _radius(parameters: Bilateral) -> int:
    return max(1, round(1.5 * parameters.sigma_space))


@operation("bilateral", Bilateral, margin=lambda parameters: 2 * _radius(parameters), scales=True)
def bilateral(pixels: Pixels, parameters: Bilateral) -> Pixels:
    """Smooth what is nearly of one colour and keep edges: takes away noise.

    The bilateral filter (Tomasi and Manduchi 1998) as OpenCV's `bilateralFilter` computes it, within one
    and a half sigmas of space. What is transparent counts as the mean of what can be seen near it.
    """
    filtered = _filtered if pixels.dtype == np.uint8 else _filtered_deep
    return with_colors(pixels, lambda colors: filtered(colors, parameters), reach=_radius(parameters))


def _filtered(colors: Pixels, parameters: Bilateral) -> Pixels:
    diameter = 2 * _radius(parameters) + 1
    return cv2.bilateralFilter(colors, diameter, parameters.sigma_color, parameters.sigma_space)


def _filtered_deep(colors: Pixels, parameters: Bilateral) -> Pixels:
    """16 bits as floats. OpenCV divides the range that it finds in them into steps: a row with all of the
    range, farther away than it looks, makes the steps the same whatever is in the picture."""
    radius = _radius(parameters)
    height, width = colors.shape[:2]
    framed = cv2.copyMakeBorder(
        colors.astype(np.float32), radius, radius + 1, radius, radius, cv2.BORDER_REFLECT_101
    )
    framed[-1] = 0
    framed[-1, 0] = top(colors)
    sigma = of_depth(colors, parameters.sigma_color)
    mixed = cv2.bilateralFilter(framed, 2 * radius + 1, sigma, parameters.sigma_space)
    inner: Pixels = np.rint(mixed[radius : radius + height, radius : radius + width])
    return inner.clip(0, top(colors)).astype(colors.dtype)
