"""Brightness."""

from dataclasses import dataclass
from typing import Annotated

from domain.operations.catalogue import Pixels, operation
from domain.operations.linear import scaled
from domain.operations.parameters import Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Brightness:
    factor: Annotated[float, Parameter("0 is black, 1 as it is, 2 twice as bright.", minimum=0, maximum=2)]


@operation("brightness", Brightness, neutral=Brightness(factor=1), scales=True)
def brightness(pixels: Pixels, parameters: Brightness) -> Pixels:
    """Make a picture darker or brighter: multiply the values as stored, up to white. Alpha is kept.

    As Pillow's ImageEnhance.Brightness.
    """
    return scaled(pixels, parameters.factor)
