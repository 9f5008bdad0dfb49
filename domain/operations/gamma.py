"""Gamma."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from domain.operations.catalogue import Pixels, operation
from domain.operations.levels import mapped, rounded, top
from domain.operations.parameters import Parameter
from domain.operations.transparency import with_colors


@dataclass(frozen=True, slots=True, kw_only=True)
class Gamma:
    gamma: Annotated[
        float, Parameter("Over 1 lightens, under 1 darkens; 1 changes nothing.", minimum=0.1, maximum=10)
    ] = 1.0


@operation("gamma", Gamma, neutral=Gamma(), scales=True)
def gamma(pixels: Pixels, parameters: Gamma) -> Pixels:
    """Lighten or darken the middle tones; black and white stay.

    With levels from 0 to 1, each becomes its power of 1 / gamma: the gamma of ImageMagick's `-gamma` and
    of the levels dialog of image editors. (scikit-image's `adjust_gamma` takes the inverse.)
    """
    shades = np.arange(top(pixels) + 1) / top(pixels)
    table = rounded(top(pixels) * shades ** (1 / parameters.gamma), pixels)
    return with_colors(pixels, lambda colors: mapped(colors, table))
