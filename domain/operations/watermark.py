"""Watermark."""

from dataclasses import dataclass
from typing import Annotated, Final

import cv2
import numpy as np

from domain.operations.anchor import Anchor
from domain.operations.catalogue import Pixels, Size, operation
from domain.operations.paint import canvas
from domain.operations.parameters import Color, Parameter, Text
from domain.operations.regional import Box, blend


@dataclass(frozen=True, slots=True, kw_only=True)
class Watermark:
    text: Annotated[Text, Parameter("What is written, in one line.")]
    size: Annotated[int, Parameter("The size of the font.", unit="px", minimum=4, maximum=2000)] = 32
    anchor: Annotated[Anchor, Parameter("Where it is written.")] = Anchor.BOTTOM_RIGHT
    margin: Annotated[
        int, Parameter("The distance from the edges of the picture.", unit="px", minimum=0, maximum=1000)
    ] = 16
    color: Annotated[Color, Parameter("The colour of the text.")] = Color("#ffffff")
    opacity: Annotated[
        float,
        Parameter("How much the text hides, 1 is all; alpha of the colour counts too.", minimum=0, maximum=1),
    ] = 0.5


_FONT: Final = "sans"
_MEASURED: Final = 100
"""The size of the font at which a text is measured."""


@operation("watermark", Watermark, margin=lambda _: None)
def watermark(pixels: Pixels, parameters: Watermark) -> Pixels:
    """Write a line of text on a picture.

    A text too long or too high for the picture without its margins is written smaller. The font is the one
    that comes with OpenCV (Rubik; WenQuanYi Micro Hei for what it lacks): Latin, Greek, Cyrillic, Hebrew,
    Chinese, Japanese and Korean letters. Characters that it lacks are shown as question marks; letters are
    set one by one from left to right, neither reordered nor joined. A gray picture gets the luma of the
    colour.
    """
    room = _room(pixels, parameters.margin)
    text = _written(parameters.text, parameters.size, room)
    left, top = parameters.anchor.place((text.shape[1], text.shape[0]), room)
    box = Box(left, top, left + text.shape[1], top + text.shape[0]).within(Box(*(-parameters.margin,) * 4))
    if not text.size or box != box.grown(0, (pixels.shape[1], pixels.shape[0])):
        return pixels
    result = pixels.copy()
    opaque = Color(parameters.color[:7])
    hides = parameters.opacity * parameters.color.bgra[3] / 255
    mask = cv2.convertScaleAbs(text, alpha=hides)
    blend(box.of(result), canvas(opaque, pixels, *box.size), mask)
    return result


def _room(pixels: Pixels, margin: int) -> Size:
    return max(pixels.shape[1] - 2 * margin, 1), max(pixels.shape[0] - 2 * margin, 1)


def _written(text: str, size: int, room: Size) -> Pixels:
    """(height, width) of uint8, as large as what is written: 255 is ink. Empty where there is no ink."""
    font = cv2.FontFace(_FONT)
    _, top, width, height = cv2.getTextSize((0, 0), text, (0, 0), font, _MEASURED)
    size = min(size, room[0] * _MEASURED // width, room[1] * _MEASURED // height)
    if size < 1:
        return np.zeros((0, 0), np.uint8)
    around = size  # letters may reach beyond their boxes
    sides = (side * size // _MEASURED + 2 * around for side in (height, width))
    sheet: Pixels = np.zeros(tuple(sides), np.uint8)
    cv2.putText(sheet, text, (around, around - top * size // _MEASURED), (255,), font, size)
    left, top, width, height = cv2.boundingRect(sheet)
    return sheet[top : top + min(height, room[1]), left : left + min(width, room[0])]
