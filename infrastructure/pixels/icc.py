"""ICC profiles: which colour space a picture is in (ICC.1:2022).

A profile is known by what it describes, its primaries and its curves; a name proves nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

Curve: TypeAlias = Callable[[float], float]
"""From a stored sample to light, both 0 to 1."""

_HEADER, _ENTRY = 128, 12
_MOST_TAGS: Final = 100
_MOST_TEXT: Final = 200
"""Characters of a description that are told."""

_CLASSES: Final = {b"mntr", b"scnr", b"prtr", b"spac"}

_COLORANT: Final = 0.003
_LIGHT: Final = 0.004
"""How far a primary, and a curve, may be from what it should be: more than the rounding in profiles, less
than the distance from sRGB's curve to the power 2.2 (0.009)."""

_PROBES: Final = tuple(step / 16 for step in range(17))


class ColorSpace(StrEnum):
    """What a profile may turn out to be."""

    SRGB = "sRGB"
    DISPLAY_P3 = "Display P3"
    ADOBE_RGB = "Adobe RGB (1998)"
    GRAY = "gray"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Profile:
    """A colour space, and what the file calls it."""

    space: ColorSpace
    description: str = ""


def srgb_light(sample: float) -> float:
    """IEC 61966-2-1."""
    return sample / 12.92 if sample <= 0.04045 else float(((sample + 0.055) / 1.055) ** 2.4)


def adobe_light(sample: float) -> float:
    """Adobe RGB (1998) Color Image Encoding, 4.3.1.2: the power 2 51/256."""
    return float(sample**2.19921875)


_KNOWN: Final[dict[ColorSpace, tuple[Curve, tuple[tuple[float, float, float], ...]]]] = {
    ColorSpace.SRGB: (
        srgb_light,
        ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410)),
    ),
    ColorSpace.DISPLAY_P3: (
        srgb_light,
        ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)),
    ),
    ColorSpace.ADOBE_RGB: (
        adobe_light,
        ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)),
    ),
}
"""The curve, and red, green and blue as XYZ under D50, as profiles have them (ICC.1:2022, annex F)."""


def profile_of(icc: bytes) -> Profile:
    """What a profile describes. Never raises: what cannot be read is UNKNOWN."""
    try:
        tags = _tags(icc)
        return Profile(_space(icc, tags), _description(tags.get(b"desc", b"")))
    except (struct.error, ArithmeticError):
        return Profile(ColorSpace.UNKNOWN)


def _tags(icc: bytes) -> dict[bytes, bytes]:
    """The elements by their signatures (7.3); none of what lies outside the profile."""
    if icc[36:40] != b"acsp":
        return {}
    (count,) = struct.unpack_from(">I", icc, _HEADER)
    tags = {}
    for at in range(_HEADER + 4, _HEADER + 4 + _ENTRY * min(count, _MOST_TAGS), _ENTRY):
        signature, start, size = struct.unpack_from(">4sII", icc, at)
        tags[signature] = icc[start : start + size]
    return tags


def _space(icc: bytes, tags: dict[bytes, bytes]) -> ColorSpace:
    device_class, samples, connection = icc[12:16], icc[16:20], icc[20:24]
    if device_class not in _CLASSES:
        return ColorSpace.UNKNOWN
    if samples == b"GRAY" and b"kTRC" in tags:
        return ColorSpace.GRAY
    wanted = (b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC")
    if (samples, connection) != (b"RGB ", b"XYZ ") or not tags.keys() >= set(wanted):
        return ColorSpace.UNKNOWN
    colorants = [_xyz(tags[name]) for name in wanted[:3]]
    curves = [_curve(tags[name]) for name in wanted[3:]]
    for space, (light, expected) in _KNOWN.items():
        if _near(colorants, expected) and all(_follows(curve, light) for curve in curves):
            return space
    return ColorSpace.UNKNOWN


def _xyz(element: bytes) -> tuple[float, ...]:
    """XYZType (10.31): three numbers in 16.16 fixed point."""
    return tuple(number / 65536 for number in struct.unpack_from(">3i", element, 8))


def _near(colorants: list[tuple[float, ...]], expected: tuple[tuple[float, ...], ...]) -> bool:
    pairs = zip(colorants, expected, strict=True)
    return all(abs(a - b) <= _COLORANT for one, two in pairs for a, b in zip(one, two, strict=True))


def _follows(curve: Curve, light: Curve) -> bool:
    return all(abs(curve(sample) - light(sample)) <= _LIGHT for sample in _PROBES)


def _curve(element: bytes) -> Curve:
    """curveType (10.6) or parametricCurveType (10.18). An unknown one is dark everywhere."""
    match element[:4]:
        case b"curv":
            return _sampled(element)
        case b"para":
            return _parametric(element)
        case _:
            return lambda _: 0.0


def _sampled(element: bytes) -> Curve:
    (count,) = struct.unpack_from(">I", element, 8)
    if count == 0:
        return lambda sample: sample
    if count == 1:
        (power,) = struct.unpack_from(">H", element, 12)
        return lambda sample: float(sample ** (power / 256))

    def interpolated(sample: float) -> float:
        below, part = divmod(sample * (count - 1), 1)
        low, high = (
            struct.unpack_from(">H", element, 12 + 2 * min(int(below) + step, count - 1))[0]
            for step in (0, 1)
        )
        return float(low + (high - low) * part) / 65535

    return interpolated


_PARAMETERS: Final = {0: 1, 1: 3, 2: 4, 3: 5, 4: 7}
"""How many numbers a kind of curve has (table 68)."""


def _parametric(element: bytes) -> Curve:
    """(a x + b) ** g + e from d on, c x + f below it; what a kind does not give is neutral."""
    (kind,) = struct.unpack_from(">H", element, 8)
    numbers = struct.unpack_from(f">{_PARAMETERS.get(kind, 0)}i", element, 12)
    match [number / 65536 for number in numbers]:
        case [g]:
            return _two_parts(g, 1, 0, 0, 0, 0, 0)
        case [g, a, b]:
            return _two_parts(g, a, b, 0, -b / a, 0, 0)
        case [g, a, b, c]:
            return _two_parts(g, a, b, 0, -b / a, c, c)
        case [g, a, b, c, d]:
            return _two_parts(g, a, b, c, d, 0, 0)
        case [g, a, b, c, d, e, f]:
            return _two_parts(g, a, b, c, d, e, f)
        case _:
            return lambda _: 0.0


def _two_parts(g: float, a: float, b: float, c: float, d: float, e: float, f: float) -> Curve:  # noqa: PLR0913, PLR0917 -- as the standard names them
    return lambda sample: max(a * sample + b, 0) ** g + e if sample >= d else c * sample + f


def _description(element: bytes) -> str:
    """textDescriptionType of version 2, or the first of multiLocalizedUnicodeType (10.15)."""
    if element[:4] == b"desc":
        (count,) = struct.unpack_from(">I", element, 8)
        text = element[12 : 12 + min(count, _MOST_TEXT)].decode("ascii", "replace")
    elif element[:4] == b"mluc":
        size, at = struct.unpack_from(">II", element, 20)
        text = element[at : at + min(size, 2 * _MOST_TEXT)].decode("utf-16-be", "replace")
    else:
        return ""
    return "".join(filter(str.isprintable, text)).strip()
