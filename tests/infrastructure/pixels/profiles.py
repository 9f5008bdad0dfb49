"""ICC profiles, written by hand (ICC.1:2022)."""

from __future__ import annotations

import struct
from collections.abc import Sequence

SRGB_CURVE = (3, (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
ADOBE_CURVE = (0, (563 / 256,))

SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
DISPLAY_P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
PROPHOTO = ((0.79767, 0.28804, 0.0), (0.13519, 0.71188, 0.0), (0.03134, 0.00009, 0.82491))
"""Red, green and blue as XYZ under D50: the numbers that Apple's and Adobe's own profiles have."""


def fixed(*numbers: float) -> bytes:
    return struct.pack(f">{len(numbers)}i", *(round(number * 65536) for number in numbers))


def xyz(numbers: Sequence[float]) -> bytes:
    return b"XYZ \0\0\0\0" + fixed(*numbers)


def parametric(curve: tuple[int, Sequence[float]]) -> bytes:
    return b"para\0\0\0\0" + struct.pack(">HH", curve[0], 0) + fixed(*curve[1])


def sampled(values: Sequence[float]) -> bytes:
    numbers = [round(value * 65535) for value in values]
    return b"curv\0\0\0\0" + struct.pack(f">I{len(numbers)}H", len(numbers), *numbers)


def power(exponent: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(exponent * 256))


def localized(text: str) -> bytes:
    content = text.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II4sII", 1, 12, b"enUS", len(content), 28) + content


def described(text: str) -> bytes:
    """As version 2 has it."""
    content = text.encode() + b"\0"
    return b"desc\0\0\0\0" + struct.pack(">I", len(content)) + content + bytes(78)


def profile(
    elements: dict[bytes, bytes], samples: bytes = b"RGB ", version: int = 4, kind: bytes = b"mntr"
) -> bytes:
    """A header, the table of tags and what they name."""
    table, content = struct.pack(">I", len(elements)), b""
    start = 128 + 4 + 12 * len(elements)
    for signature, element in elements.items():
        table += struct.pack(">4sII", signature, start + len(content), len(element))
        content += element + bytes(-len(element) % 4)
    size = struct.pack(">I", start + len(content))
    head = size + bytes(4) + bytes([version, 0, 0, 0]) + kind + samples + b"XYZ " + bytes(12) + b"acsp"
    head += bytes(28) + fixed(0.9642, 1, 0.8249)
    return head.ljust(128, b"\0") + table + content


def of_colors(
    colorants: Sequence[Sequence[float]], curve: bytes, text: str = "A profile", version: int = 4
) -> bytes:
    """A profile of three primaries and one curve for all."""
    description = localized(text) if version == 4 else described(text)
    elements = {b"desc": description, b"cprt": localized("nobody's"), b"wtpt": xyz((0.9642, 1, 0.8249))}
    elements |= {b"rXYZ": xyz(colorants[0]), b"gXYZ": xyz(colorants[1]), b"bXYZ": xyz(colorants[2])}
    elements |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    return profile(elements, version=version)


def of_gray(curve: bytes) -> bytes:
    return profile({b"desc": localized("Gray"), b"wtpt": xyz((0.9642, 1, 0.8249)), b"kTRC": curve}, b"GRAY")


P3 = of_colors(DISPLAY_P3, parametric(SRGB_CURVE), "Display P3")
ADOBE = of_colors(ADOBE_RGB, power(563 / 256), "Adobe RGB (1998)", 2)
PLAIN = of_colors(SRGB, parametric(SRGB_CURVE), "sRGB")
FOREIGN = of_colors(PROPHOTO, power(1.8), "ProPhoto RGB")
