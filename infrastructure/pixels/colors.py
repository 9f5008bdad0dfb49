"""Pixels of other colour spaces as sRGB."""

from __future__ import annotations

from functools import cache
from typing import Final

import cv2
import numpy as np

from domain.operations.catalogue import Pixels
from infrastructure.pixels.icc import ColorSpace, Curve, adobe_light, srgb_light

_WHITE: Final = (0.3127, 0.3290)
"""D65, the white of all three spaces: nothing has to be adapted."""

_PRIMARIES: Final = {
    ColorSpace.SRGB: ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)),
    ColorSpace.DISPLAY_P3: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    ColorSpace.ADOBE_RGB: ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)),
}
"""x and y of red, green and blue: IEC 61966-2-1; SMPTE EG 432-1; Adobe RGB (1998), 4.3.1.1."""

_CURVES: Final[dict[ColorSpace, Curve]] = {
    ColorSpace.DISPLAY_P3: srgb_light,
    ColorSpace.ADOBE_RGB: adobe_light,
}

CONVERTED: Final = frozenset(_CURVES)
"""What `to_srgb` converts."""

_BAND: Final = 1 << 18
"""Pixels converted at once, so that what is computed on the way stays small."""


def to_srgb(pixels: Pixels, space: ColorSpace) -> Pixels:
    """BGR or BGRA of one of CONVERTED, uint8 or uint16, changed in place; what sRGB lacks is clipped.

    Alpha stays as it is, and so does gray, which is the same in all of them but for its curve.
    """
    if pixels.ndim == 2 or pixels.shape[2] < 3:
        return pixels
    convert = _convert_8_bit if pixels.dtype == np.uint8 else _convert_16_bit
    rows = max(1, _BAND // pixels.shape[1])
    for top in range(0, pixels.shape[0], rows):
        band = pixels[top : top + rows]
        colors = band if band.shape[2] == 3 else cv2.cvtColor(band, cv2.COLOR_BGRA2BGR)
        band[..., :3] = convert(colors, space)
    return pixels


def _convert_8_bit(colors: Pixels, space: ColorSpace) -> Pixels:
    """Light in 16 bits: a step of it is a twentieth of a step of dark sRGB, where steps are finest."""
    light = cv2.LUT(colors, _light(space, np.uint8))
    return cv2.LUT(cv2.transform(light, matrix(space)), _srgb_of_light())


def _convert_16_bit(colors: Pixels, space: ColorSpace) -> Pixels:
    """By the square root of light, which makes steps of 16 bits as fine as sRGB's."""
    light = cv2.transform(cv2.LUT(colors, _light(space, np.uint16)), matrix(space))
    root = cv2.sqrt(np.clip(light, 0, 1, out=light))
    root *= 65535
    return cv2.LUT(np.rint(root, out=root).astype(np.uint16), _srgb_of_root())


@cache
def matrix(space: ColorSpace) -> Pixels:
    """From light in this space to light in sRGB: 3x3, float64, blue first in both."""
    rgb = np.linalg.solve(_to_xyz(ColorSpace.SRGB), _to_xyz(space))
    return np.ascontiguousarray(rgb[::-1, ::-1])


def _to_xyz(space: ColorSpace) -> Pixels:
    """The primaries as columns, in such amounts that together they are white."""
    columns = np.array([(x / y, 1, (1 - x - y) / y) for x, y in _PRIMARIES[space]]).T
    x, y = _WHITE
    return columns * np.linalg.solve(columns, (x / y, 1, (1 - x - y) / y))


@cache
def _light(space: ColorSpace, samples: type[np.unsignedinteger]) -> Pixels:
    """Light by sample: uint16 for those of 8 bits, float32 for those of 16."""
    if samples is np.uint8:
        return _table(_CURVES[space], 256, 65535).astype(np.uint16)
    return np.array([_CURVES[space](sample / 65535) for sample in range(65536)], np.float32)


@cache
def _srgb_of_light() -> Pixels:
    return _table(_srgb, 65536, 255).astype(np.uint8)


@cache
def _srgb_of_root() -> Pixels:
    return _table(lambda root: _srgb(root * root), 65536, 65535).astype(np.uint16)


def _srgb(light: float) -> float:
    """IEC 61966-2-1."""
    return 12.92 * light if light <= 0.0031308 else float(1.055 * light ** (1 / 2.4) - 0.055)


def _table(function: Curve, size: int, most: int) -> Pixels:
    """From 0 to 1 in so many steps, as whole numbers from 0 to `most`."""
    return np.array([round(most * function(index / (size - 1))) for index in range(size)])
