"""Pictures, and files made of them by other libraries than the one under test."""

from __future__ import annotations

import io
import struct
from typing import Any, Literal

import cv2
import numpy as np
from PIL import Image

from domain.header import ImageHeader, MediaType
from domain.operations.catalogue import Pixels

FORMATS = {
    MediaType.JPEG: "JPEG",
    MediaType.PNG: "PNG",
    MediaType.WEBP: "WEBP",
    MediaType.AVIF: "AVIF",
    MediaType.GIF: "GIF",
    MediaType.TIFF: "TIFF",
    MediaType.BMP: "BMP",
}


def picture(width: int = 60, height: int = 40) -> Pixels:
    """BGR, uint8: smooth, of many colours, with no symmetry."""
    y, x = np.mgrid[0:height, 0:width]
    across, down = x / max(width - 1, 1), y / max(height - 1, 1)
    blue = 128 + 100 * np.sin(5 * across + 2 * down)
    green = 255 * across
    red = 230 * down * (1 - across / 2)
    return np.dstack([blue, green, red]).astype(np.uint8)


def scene(seed: int, width: int = 240, height: int = 160) -> Pixels:
    """BGR, uint8: blurred noise of all sizes, as a photograph has."""
    random = np.random.default_rng(seed)
    made = np.zeros((height, width, 3), np.float32)
    for side in (3, 6, 12, 24):
        layer = random.normal(0, 1, (side, side, 3)).astype(np.float32)
        made += cv2.resize(layer, (width, height), interpolation=cv2.INTER_CUBIC) * (6 / side)
    return cv2.normalize(made, np.empty(0), 0, 255, cv2.NORM_MINMAX, cv2.CV_8U)


def alpha_of(width: int = 60, height: int = 40) -> Pixels:
    """uint8: a slope from transparent to opaque."""
    return np.linspace(0, 255, width * height).reshape(height, width).astype(np.uint8)


def with_alpha(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    alpha = alpha_of(width, height)
    return np.dstack([pixels, alpha if pixels.dtype == np.uint8 else alpha.astype(np.uint16) * 257])


def to_pil(pixels: Pixels) -> Image.Image:
    """The same picture, of 8 bits a sample, as Pillow has it."""
    if pixels.ndim == 2:
        return Image.fromarray(pixels)
    if pixels.shape[2] == 2:
        return Image.fromarray(np.ascontiguousarray(pixels), "LA")
    order = [2, 1, 0, 3][: pixels.shape[2]]
    return Image.fromarray(np.ascontiguousarray(pixels[..., order]))


def from_pil(image: Image.Image) -> Pixels:
    """As OpenCV orders it: gray, BGR or BGRA."""
    pixels: Pixels = np.asarray(image)
    return pixels if pixels.ndim == 2 else pixels[..., [2, 1, 0, 3][: pixels.shape[2]]]


def written(image: Image.Image, media_type: MediaType, **options: Any) -> bytes:  # noqa: ANN401
    file = io.BytesIO()
    image.save(file, FORMATS[media_type], **options)
    return file.getvalue()


def opened(content: bytes | memoryview) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def exif(orientation: int) -> bytes:
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


def header_of(media_type: MediaType, pixels: Pixels, orientation: int = 1, frames: int = 1) -> ImageHeader:
    """What the gate says of a file that stores these pixels."""
    return ImageHeader(media_type, pixels.shape[1], pixels.shape[0], frames, orientation)


def turned(pixels: Pixels, orientation: int) -> Pixels:
    """Stored pixels as they are meant to be seen (EXIF 2.3, Orientation)."""
    return {
        1: pixels,
        2: pixels[:, ::-1],
        3: pixels[::-1, ::-1],
        4: pixels[::-1],
        5: np.swapaxes(pixels, 0, 1),
        6: np.rot90(pixels, -1),
        7: np.swapaxes(pixels[::-1, ::-1], 0, 1),
        8: np.rot90(pixels),
    }[orientation]


def tiff(samples: Pixels, order: Literal["<", ">"] = "<", tile: int | None = None, **tags: int) -> bytes:
    """TIFF 6.0, uncompressed: samples of any type as (height, width[, samples]), RGB or gray.

    Tags: photometric, orientation, extra (ExtraSamples). `tile`: the side of tiles instead of one strip.
    """
    height, width = samples.shape[:2]
    count = 1 if samples.ndim == 2 else samples.shape[2]
    pieces = _tiles(samples, tile) if tile else [samples]
    data = [piece.astype(piece.dtype.newbyteorder(order)).tobytes() for piece in pieces]
    positions = np.cumsum([8, *(len(piece) for piece in data)]).tolist()
    form = {"u": 1, "i": 2, "f": 3}[samples.dtype.kind]
    fields: dict[int, tuple[str, list[int]]] = {
        256: ("I", [width]),
        257: ("I", [height]),
        258: ("H", [samples.dtype.itemsize * 8] * count),
        259: ("H", [1]),
        262: ("H", [tags.get("photometric", 2 if count > 2 else 1)]),
        277: ("H", [count]),
        339: ("H", [form] * count),
    }
    if tile:
        fields |= {322: ("I", [tile]), 323: ("I", [tile]), 324: ("I", positions[:-1])}
        fields |= {325: ("I", [len(piece) for piece in data])}
    else:
        fields |= {273: ("I", positions[:-1]), 278: ("I", [height]), 279: ("I", [len(data[0])])}
    fields |= {274: ("H", [tags["orientation"]])} if "orientation" in tags else {}
    fields |= {338: ("H", [tags["extra"]])} if "extra" in tags else {}
    mark = b"II*\0" if order == "<" else b"MM\0*"
    return (
        mark
        + struct.pack(f"{order}I", positions[-1])
        + b"".join(data)
        + _directory(fields, order, positions[-1])
    )


def _tiles(samples: Pixels, side: int) -> list[Pixels]:
    height, width = samples.shape[:2]
    padding = [(0, -height % side), (0, -width % side), (0, 0)][: samples.ndim]
    padded = np.pad(samples, padding)
    return [padded[y : y + side, x : x + side] for y in range(0, height, side) for x in range(0, width, side)]


def _directory(fields: dict[int, tuple[str, list[int]]], order: str, at: int) -> bytes:
    entries, values = b"", b""
    beyond = at + 2 + 12 * len(fields) + 4
    for tag, (code, numbers) in sorted(fields.items()):
        packed = struct.pack(f"{order}{len(numbers)}{code}", *numbers)
        if len(packed) > 4:
            packed, values = struct.pack(f"{order}I", beyond + len(values)), values + packed
        kind = {"H": 3, "I": 4}[code]
        entries += struct.pack(f"{order}HHI", tag, kind, len(numbers)) + packed.ljust(4, b"\0")
    return struct.pack(f"{order}H", len(fields)) + entries + bytes(4) + values
