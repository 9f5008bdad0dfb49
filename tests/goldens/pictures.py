"""What each operation makes of two small pictures: `<operation>-<bits>.png` in a folder.

An operation whose results change is another operation to all that was rendered with it: it needs a new
engine in `domain/rendition.py`. Only then its goldens are removed, and made anew by `make goldens`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from domain.operations.catalogue import Operation, Pixels, apply, operations
from domain.operations.parameters import ParameterDescription, ParameterType
from domain.recipe import JsonValue, Recipe, Step

FOLDER: Final = Path(__file__).parent / "pixels"

PARAMETERS: Final[Mapping[str, Mapping[str, JsonValue]]] = {
    "gamma": {"gamma": 2.2},
    "hue_saturation": {"hue": 40, "saturation": 1.5, "lightness": -0.2},
    "pad": {"left": 3, "top": 1, "color": "#336699"},
    "perspective": {
        "top_left_x": 2,
        "top_left_y": 1,
        "top_right_x": 20,
        "top_right_y": 3,
        "bottom_right_x": 22,
        "bottom_right_y": 14,
        "bottom_left_x": 1,
        "bottom_left_y": 12,
    },
    "resize": {"width": 20, "height": 13},
    "trim": {"tolerance": 254},
    "watermark": {"text": "Rome", "size": 8, "margin": 1},
}
"""For operations that need, or show themselves better with, others than their descriptions suggest."""

_WORDS: Final[Mapping[ParameterType, JsonValue]] = {
    ParameterType.BOOLEAN: True,
    ParameterType.COLOR: "#336699",
    ParameterType.TEXT: "Rome",
}


def sources() -> dict[int, Pixels]:
    """The two pictures by their bits: of 8 with alpha, opaque on the left and clear at last; and of 16."""
    width, height = 48, 32
    alpha = (np.arange(width, 0, -1) * 255 // 16 - 32).clip(0, 255).astype(np.uint8)
    shallow = np.dstack([_colors(width, height), np.tile(alpha, (height, 1))])
    return {8: shallow, 16: _colors(24, 16).astype(np.uint16) * 256 + 77}


def parameters(operation: Operation[Any]) -> Mapping[str, JsonValue]:
    """An example: what may be absent is."""
    described = (each for each in operation.parameters.descriptions if each.required)
    return PARAMETERS.get(operation.name) or {each.name: _example(each) for each in described}


def made(operation: Operation[Any], source: Pixels) -> Pixels:
    """What is seen of the result."""
    return seen(apply(Recipe((Step(operation.name, parameters(operation)),)), source))


def seen(pixels: Pixels) -> Pixels:
    """As a PNG can hold it: gray with alpha as colours, hidden colours black."""
    pixels = pixels.copy()
    if pixels.ndim == 3 and pixels.shape[2] in {2, 4}:
        pixels[pixels[..., -1] == 0] = 0
    return pixels if pixels.shape[2:] != (2,) else pixels[..., [0, 0, 0, 1]]


def path(operation: str, bits: int) -> Path:
    return FOLDER / f"{operation}-{bits}.png"


def load(operation: str, bits: int) -> Pixels:
    """Raises FileNotFoundError."""
    content = np.frombuffer(path(operation, bits).read_bytes(), np.uint8)
    pixels: Pixels | None = cv2.imdecode(content, cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    return pixels


def update() -> None:
    """Add the goldens that are missing. Those that are there stay as they are."""
    for operation in operations().values():
        for bits, source in sources().items():
            if not path(operation.name, bits).exists():
                cv2.imwrite(str(path(operation.name, bits)), made(operation, source))


def _colors(width: int, height: int) -> Pixels:
    """Slopes, and on them a disc and a box with sharp edges."""
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.dstack([255 - 255 * y // height, 255 * x // width, 255 * x * y // (width * height)])
    pixels[(x - width // 3) ** 2 + (y - height // 2) ** 2 < (height // 4) ** 2] = (30, 40, 220)
    pixels[height // 8 : height // 3, width // 2 : width * 3 // 4] = (200, 240, 250)
    return pixels.astype(np.uint8)


def _example(described: ParameterDescription) -> JsonValue:
    """In the lower part of the bounds: a length then fits into a small picture."""
    if described.choices:
        return described.choices[0]
    if described.minimum is None or described.maximum is None:
        return _WORDS[described.type]
    value = described.minimum + min((described.maximum - described.minimum) / 4, 4)
    return int(value) if described.type is ParameterType.INTEGER else float(value)
