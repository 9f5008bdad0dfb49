"""Hue, saturation and lightness."""

from dataclasses import dataclass
from math import cos, radians, sin
from typing import Annotated, Final

import numpy as np

from domain.operations.catalogue import Pixels, operation
from domain.operations.levels import top
from domain.operations.matrix import transformed
from domain.operations.parameters import Parameter
from domain.operations.transparency import with_colors


@dataclass(frozen=True, slots=True, kw_only=True)
class HueSaturation:
    hue: Annotated[
        float,
        Parameter(
            "How far colours are turned: by 120 red becomes green.", unit="degrees", minimum=-180, maximum=180
        ),
    ] = 0.0
    saturation: Annotated[
        float, Parameter("0 is gray, 1 leaves the colours, 2 doubles them.", minimum=0, maximum=2)
    ] = 1.0
    lightness: Annotated[
        float, Parameter("How far towards black (-1) or white (1).", minimum=-1, maximum=1)
    ] = 0.0


_GRAY: Final = np.array([[0.213, 0.715, 0.072]] * 3)
_SINE: Final = np.array([[-0.213, -0.715, 0.928], [0.143, 0.140, -0.283], [-0.787, 0.715, 0.072]])
"""How much of the sine of an angle goes into red, green and blue, from red, green and blue."""

_NEUTRAL: Final = HueSaturation()


@operation("hue_saturation", HueSaturation, neutral=_NEUTRAL, scales=True)
def hue_saturation(pixels: Pixels, parameters: HueSaturation) -> Pixels:
    """Turn the hues of colours, make them stronger or weaker, and lighten or darken them.

    Hue and saturation are the matrices of `hue-rotate()` and `saturate()` in the W3C's Filter Effects
    Module (CSS filters), applied to the values as stored (gamma-encoded); both leave gray as it is, and
    keep luma as far as colours reach. Lightness then mixes with black or white. All of it is one step:
    what lies out of reach is cut off at the end only.
    """
    if parameters == _NEUTRAL:
        return pixels
    return with_colors(pixels, lambda colors: transformed(colors, _matrix(colors, parameters)))


def _matrix(colors: Pixels, parameters: HueSaturation) -> Pixels:
    """For blue, green and red, or for gray alone; the last column is added."""
    turned = _saturated(parameters.saturation) @ _turned(radians(parameters.hue))
    rows = turned[::-1, ::-1] if colors.ndim == 3 else np.ones((1, 1))
    light = top(colors) * max(parameters.lightness, 0)
    return np.column_stack([rows * (1 - abs(parameters.lightness)), np.full(len(rows), light)])


def _turned(angle: float) -> Pixels:
    turned: Pixels = _GRAY + cos(angle) * (np.eye(3) - _GRAY) + sin(angle) * _SINE
    return turned


def _saturated(saturation: float) -> Pixels:
    stronger: Pixels = _GRAY + saturation * (np.eye(3) - _GRAY)
    return stronger
