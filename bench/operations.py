"""Each operation beside the bare call of OpenCV that does its work, and beside Pillow."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import cv2
import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from bench.photos import photograph
from bench.report import Row
from domain.operations.catalogue import Call, Pixels, resolve
from domain.recipe import JsonValue, Recipe, Step
from domain.region import Rectangle, Region

SIZE: Final = (4000, 3000)
ROUNDS: Final = 7
LEAST: Final = 0.9

Work = Callable[[], object]


class Case(NamedTuple):
    """A step, and the same by OpenCV, from pixels, and by Pillow, from a picture."""

    step: Step
    bare: Callable[[Pixels], object]
    pillow: Callable[[Image.Image], object] | None = None


def _kernel(*rows: tuple[int, ...], scale: float = 1, delta: float = 0) -> Callable[[Pixels], object]:
    kernel = np.array(rows, np.float32) / scale
    return lambda pixels: cv2.filter2D(pixels, -1, kernel, delta=delta)


def _filter(kind: Any) -> Callable[[Image.Image], object]:  # noqa: ANN401  (a class of Pillow's)
    return lambda picture: picture.filter(kind)


def _enhanced(kind: Any, factor: float) -> Callable[[Image.Image], object]:  # noqa: ANN401
    return lambda picture: kind(picture).enhance(factor)


def _contrasted(pixels: Pixels) -> object:
    mean = round(cv2.mean(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY))[0])
    return cv2.transform(pixels, np.column_stack([np.eye(3) * 1.3, np.full(3, -0.3 * mean)]))


def _with_luma(pixels: Pixels, change: Callable[[Pixels], Pixels]) -> object:
    apart = cv2.cvtColor(pixels, cv2.COLOR_BGR2YCrCb)
    cv2.insertChannel(change(cv2.extractChannel(apart, 0)), apart, 0)
    return cv2.cvtColor(apart, cv2.COLOR_YCrCb2BGR)


def _sharpness(pixels: Pixels) -> object:
    return cv2.addWeighted(pixels, 1.3, cv2.filter2D(pixels, -1, _SMOOTH), -0.3, 0)


def _unsharp(pixels: Pixels) -> object:
    return cv2.addWeighted(pixels, 2.5, cv2.GaussianBlur(pixels, (0, 0), 2), -1.5, 0)


def _unsharp_of_noise(pixels: Pixels) -> object:
    blurred = cv2.GaussianBlur(pixels, (0, 0), 2)
    near = cv2.threshold(cv2.absdiff(pixels, blurred), 3, 255, cv2.THRESH_BINARY_INV)[1]
    return cv2.copyTo(pixels, near, cv2.addWeighted(pixels, 2.5, blurred, -1.5, 0))


def _gray_world(pixels: Pixels) -> object:
    means = np.array(cv2.mean(pixels)[:3])
    return cv2.LUT(pixels, _multiples(means.mean() / means))


def _white_patch(pixels: Pixels) -> object:
    counts = [cv2.calcHist([plane], [0], None, [256], [0, 256]) for plane in cv2.split(pixels)]
    whites = np.array([np.searchsorted(each.ravel().cumsum(), 0.99 * each.sum()) for each in counts])
    return cv2.LUT(pixels, _multiples(255 / whites))


def _multiples(gains: Pixels) -> Pixels:
    levels: Pixels = np.rint(np.outer(np.arange(256), gains)).clip(0, 255)
    return levels.astype(np.uint8)[None]


def _covered(pixels: Pixels) -> object:
    result = pixels.copy()
    left, top, width, height = _PART
    return cv2.rectangle(result, (left, top), (left + width - 1, top + height - 1), (0, 0, 0), cv2.FILLED)


def _cut(pixels: Pixels) -> object:
    first = pixels[0, 0].astype(int)
    border = cv2.inRange(pixels, tuple(map(float, first - 10)), tuple(map(float, first + 10)))
    left, top, width, height = cv2.boundingRect(cv2.bitwise_not(border))
    return pixels[top : top + height, left : left + width]


def _signed(pixels: Pixels) -> object:
    result = pixels.copy()
    part = result[-60:-10, -200:-10]
    text = part.copy()
    cv2.putText(text, "Darkroom", (5, 35), (255, 255, 255), cv2.FontFace("sans"), 32)
    cv2.addWeighted(text, 0.5, part, 0.5, 0, dst=part)
    return result


def _pixelated(pixels: Pixels) -> object:
    blocks = cv2.resize(pixels, (SIZE[0] // 20, SIZE[1] // 20), interpolation=cv2.INTER_AREA)
    return cv2.resize(blocks, SIZE, interpolation=cv2.INTER_NEAREST)


def _perspective(pixels: Pixels) -> object:
    corners = np.array(_CORNERS, np.float32)
    upright = np.array([(0, 0), (SIZE[0], 0), SIZE, (0, SIZE[1])], np.float32)
    turn = cv2.getPerspectiveTransform(corners, upright)
    return cv2.warpPerspective(pixels, turn, SIZE, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def _sobel(pixels: Pixels) -> object:
    return cv2.Sobel(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), -1, 1, 0, scale=1 / 8, delta=128)


def _steepness(pixels: Pixels) -> object:
    gray = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    across, down = cv2.Sobel(gray, cv2.CV_32F, 1, 0), cv2.Sobel(gray, cv2.CV_32F, 0, 1)
    return cv2.convertScaleAbs(cv2.magnitude(across, down), alpha=1 / 8)


def _adaptive(pixels: Pixels) -> object:
    gray = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    return cv2.adaptiveThreshold(gray, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 21, 5)


def _canny(pixels: Pixels) -> object:
    return cv2.Canny(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), 100, 200)


def _otsu(pixels: Pixels) -> object:
    gray = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    return cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)


def _rotated(pixels: Pixels) -> object:
    turn = cv2.getRotationMatrix2D(((SIZE[0] - 1) / 2, (SIZE[1] - 1) / 2), 30, 1)
    return cv2.warpAffine(pixels, turn, SIZE, flags=cv2.INTER_CUBIC)


_LIGHTER: Final = np.rint(255 * (np.arange(256) / 255) ** (1 / 2.2)).astype(np.uint8)
_SEPIA: Final = np.array([[0.131, 0.534, 0.272], [0.168, 0.686, 0.349], [0.189, 0.769, 0.393]], np.float32)
_LUMA_709: Final = np.array([[0.0722, 0.7152, 0.2126]], np.float32)
_QUARTER_TURN: Final = np.array([[0.144, 1.43, -0.574], [-0.211, 0.855, 0.356], [1, 0, 0]], np.float32)
"""Of hues, for blue, green and red."""
_ELLIPSE: Final = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
_PART: Final = (1000, 800, 500, 400)
_NINE: Final = ((-1, -1, -1), (-1, 9, -1), (-1, -1, -1))
_SMOOTH: Final = np.array([[1, 1, 1], [1, 5, 1], [1, 1, 1]], np.float32) / 13
_CORNERS: Final = ((100, 80), (3900, 0), (4000, 3000), (0, 2900))
_RING: Final = ((1, 1, 1, 1, 1), (1, 0, 0, 0, 1), (1, 0, 0, 0, 1), (1, 0, 0, 0, 1), (1, 1, 1, 1, 1))
_FIVE: Final = ((1, 1, 1, 1, 1), (1, 5, 5, 5, 1), (1, 5, 44, 5, 1), (1, 5, 5, 5, 1), (1, 1, 1, 1, 1))


def _quadrilateral() -> dict[str, JsonValue]:
    names = ("top_left", "top_right", "bottom_right", "bottom_left")
    corners: dict[str, JsonValue] = {}
    for name, (x, y) in zip(names, _CORNERS, strict=True):
        corners |= {f"{name}_x": x, f"{name}_y": y}
    return corners | {"width": SIZE[0], "height": SIZE[1]}


CASES: Final = (
    # Not crop and square_crop: they are views of their picture, and nothing is done.
    Case(Step("grayscale"), lambda p: cv2.cvtColor(p, cv2.COLOR_BGR2GRAY), lambda i: i.convert("L")),
    Case(Step("grayscale", {"method": "LUMA_709"}), lambda p: cv2.transform(p, _LUMA_709)),
    Case(
        Step("resize", {"width": 1600, "height": 1200}),
        lambda p: cv2.resize(p, (1600, 1200), interpolation=cv2.INTER_AREA),
        lambda i: i.resize((1600, 1200), Image.Resampling.BOX),
    ),
    Case(Step("flip", {"axis": "HORIZONTAL"}), lambda p: cv2.flip(p, 1), ImageOps.mirror),
    Case(
        Step("rotate", {"degrees": 90}),
        lambda p: cv2.rotate(p, cv2.ROTATE_90_COUNTERCLOCKWISE),
        lambda i: i.transpose(Image.Transpose.ROTATE_90),
    ),
    Case(
        Step("rotate", {"degrees": 30, "expand": False}),
        _rotated,
        lambda i: i.rotate(30, Image.Resampling.BICUBIC),
    ),
    Case(
        Step("gaussian_blur", {"sigma": 2}),
        lambda p: cv2.GaussianBlur(p, (0, 0), 2),
        _filter(ImageFilter.GaussianBlur(2)),
    ),
    Case(Step("gaussian_blur", {"sigma": 20}), lambda p: cv2.GaussianBlur(p, (0, 0), 20)),
    Case(Step("gradient", {"axis": "X"}), _sobel),
    Case(Step("gradient", {"axis": "MAGNITUDE"}), _steepness),
    Case(Step("blur"), _kernel(*_RING, scale=16), _filter(ImageFilter.BLUR)),
    Case(
        Step("contour"),
        _kernel((-1, -1, -1), (-1, 8, -1), (-1, -1, -1), delta=255),
        _filter(ImageFilter.CONTOUR),
    ),
    Case(Step("detail"), _kernel((0, -1, 0), (-1, 10, -1), (0, -1, 0), scale=6), _filter(ImageFilter.DETAIL)),
    Case(Step("emboss"), _kernel((0, 0, 0), (0, 1, 0), (-1, 0, 0), delta=128), _filter(ImageFilter.EMBOSS)),
    Case(
        Step("sharpen"),
        _kernel((-2, -2, -2), (-2, 32, -2), (-2, -2, -2), scale=16),
        _filter(ImageFilter.SHARPEN),
    ),
    Case(
        Step("find_edges"),
        _kernel((-1, -1, -1), (-1, 8, -1), (-1, -1, -1)),
        _filter(ImageFilter.FIND_EDGES),
    ),
    Case(Step("smooth", {"strength": "MORE"}), _kernel(*_FIVE, scale=100), _filter(ImageFilter.SMOOTH_MORE)),
    Case(Step("edge_enhance", {"strength": "MORE"}), _kernel(*_NINE), _filter(ImageFilter.EDGE_ENHANCE_MORE)),
    Case(
        Step("brightness", {"factor": 1.3}),
        lambda p: cv2.convertScaleAbs(p, alpha=1.3),
        _enhanced(ImageEnhance.Brightness, 1.3),
    ),
    Case(
        Step("contrast", {"factor": 1.3}),
        _contrasted,
        _enhanced(ImageEnhance.Contrast, 1.3),
    ),
    Case(
        Step("color", {"factor": 1.3}),
        lambda p: cv2.addWeighted(
            p, 1.3, cv2.cvtColor(cv2.cvtColor(p, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), -0.3, 0
        ),
        _enhanced(ImageEnhance.Color, 1.3),
    ),
    Case(
        Step("sharpness", {"factor": 1.3}),
        _sharpness,
        _enhanced(ImageEnhance.Sharpness, 1.3),
    ),
    Case(Step("median", {"radius": 1}), lambda p: cv2.medianBlur(p, 3), _filter(ImageFilter.MedianFilter(3))),
    Case(Step("median", {"radius": 5}), lambda p: cv2.medianBlur(p, 11)),
    Case(
        Step("gamma", {"gamma": 2.2}), lambda p: cv2.LUT(p, _LIGHTER), lambda i: i.point(list(_LIGHTER) * 3)
    ),
    Case(Step("invert"), cv2.bitwise_not, ImageOps.invert),
    Case(Step("equalize"), lambda p: _with_luma(p, cv2.equalizeHist)),
    Case(Step("sepia"), lambda p: cv2.transform(p, _SEPIA)),
    Case(Step("hue_saturation", {"hue": 90}), lambda p: cv2.transform(p, _QUARTER_TURN)),
    Case(Step("white_balance", {"method": "GRAY_WORLD"}), _gray_world),
    Case(Step("white_balance", {"method": "WHITE_PATCH"}), _white_patch),
    Case(Step("threshold", {"method": "OTSU"}), _otsu),
    Case(Step("threshold", {"method": "ADAPTIVE"}), _adaptive),
    Case(Step("canny", {"low": 100, "high": 200}), _canny),
    Case(
        Step("morphology", {"method": "ERODE", "shape": "RECT", "radius": 1}),
        lambda p: cv2.erode(p, np.ones((3, 3), np.uint8)),
        _filter(ImageFilter.MinFilter(3)),
    ),
    Case(Step("morphology", {"method": "OPEN"}), lambda p: cv2.morphologyEx(p, cv2.MORPH_OPEN, _ELLIPSE)),
    Case(Step("bilateral"), lambda p: cv2.bilateralFilter(p, 9, 30, 3)),
    Case(Step("unsharp_mask", {"threshold": 0}), _unsharp, _filter(ImageFilter.UnsharpMask(2, 150, 0))),
    Case(Step("unsharp_mask", {"threshold": 3}), _unsharp_of_noise),
    Case(Step("clahe"), lambda p: _with_luma(p, cv2.createCLAHE(2, (8, 8)).apply)),
    Case(Step("pixelate", {"size": 20}), _pixelated),
    Case(Step("redact", region=Region(Rectangle(*_PART))), _covered),
    Case(Step("trim"), _cut),
    Case(Step("watermark", {"text": "Darkroom"}), _signed),
    Case(
        Step("pad", {"left": 100, "right": 100, "top": 100, "bottom": 100}),
        lambda p: cv2.copyMakeBorder(p, 100, 100, 100, 100, cv2.BORDER_CONSTANT),
        lambda i: ImageOps.expand(i, 100),
    ),
    Case(Step("perspective", _quadrilateral()), _perspective),
)


async def measure() -> list[Row]:
    """Speed of an operation on 12 MP in colours, in one thread, by its CPU time."""
    return await asyncio.to_thread(_rows)


def _rows() -> list[Row]:
    cv2.setNumThreads(1)
    pixels = np.asarray(cv2.imdecode(np.frombuffer(photograph(*SIZE), np.uint8), cv2.IMREAD_COLOR))
    picture = Image.fromarray(pixels[..., ::-1])
    return [row for case in CASES for row in _compared(case, pixels, picture)]


def _compared(case: Case, pixels: Pixels, picture: Image.Image) -> list[Row]:
    (call,) = resolve(Recipe((case.step,)))
    works: list[Work] = [lambda: _applied(call, pixels), lambda: case.bare(pixels)]
    if case.pillow is not None:
        pillow = case.pillow
        works.append(lambda: pillow(picture))
    ours, bare, *others = _milliseconds(works)
    shown = list(case.step.parameters.values())[:2]
    name = " ".join(map(str, (case.step.operation, *shown)))
    rows = [Row(f"speed of {name}", "/s", 1000 / ours, 1000 / bare, "bare OpenCV", least=LEAST)]
    return rows + [Row(f"speed of {name}", "/s", 1000 / ours, 1000 / other, "Pillow") for other in others]


def _applied(call: Call[Any], pixels: Pixels) -> Pixels:
    return call.apply(pixels)


def _milliseconds(works: list[Work]) -> list[float]:
    """The medians of several rounds, in turns."""
    spent: list[list[float]] = [[] for _ in works]
    for turn in range(ROUNDS + 1):
        for each, work in zip(spent, works, strict=True):
            before = time.thread_time()
            work()
            if turn:
                each.append((time.thread_time() - before) * 1000)
    return [max(statistics.median(each), 0.001) for each in spent]
