"""Small pictures, each unlike all others in its bytes and in its pixels, made in no time."""

from __future__ import annotations

import io
import random
import struct
import zlib
from typing import Final

from PIL import Image

JPEGS: Final = ((160, 120, 85), (400, 300, 80), (640, 480, 90), (800, 600, 92))
"""Width, height, quality: from 5 KB to 300 KB."""

PNGS: Final = ((60, 40), (150, 100), (300, 200))
_COARSE: Final = 4


class Pictures:
    """The picture of a number is always the same."""

    def __init__(self, seed: int) -> None:
        rng = random.Random(seed)
        self._jpegs = [_jpeg(rng, *shape) for shape in JPEGS]
        self._noise = rng.randbytes(300 * 200 * 3)

    def make(self, number: int) -> bytes:
        kind = number % (len(self._jpegs) + len(PNGS))
        if kind < len(self._jpegs):
            return _varied(self._jpegs[kind], number)
        return _png(*PNGS[kind - len(self._jpegs)], self._noise, number)


def text(number: int) -> bytes:
    """No picture at all."""
    return f"Dear Darkroom, this is letter {number}, and no picture. ".encode() * 100


def _jpeg(rng: random.Random, width: int, height: int, quality: int) -> bytes:
    noise = rng.randbytes(width * height // _COARSE**2 * 3)
    small = Image.frombytes("RGB", (width // _COARSE, height // _COARSE), noise)
    file = io.BytesIO()
    small.resize((width, height)).save(file, "JPEG", quality=quality)
    return file.getvalue()


def _varied(jpeg: bytes, number: int) -> bytes:
    """Another quantisation of one frequency, and a comment with the number."""
    table = jpeg.index(b"\xff\xdb") + 5
    at = table + 1 + number % 63
    comment = b"\xff\xfe" + struct.pack(">HQ", 10, number)
    return jpeg[:2] + comment + jpeg[2:at] + bytes([1 + number // 63 % 255]) + jpeg[at + 1 :]


def _png(width: int, height: int, noise: bytes, number: int) -> bytes:
    """Noise with the number in its first pixels, deflated without being made smaller."""
    pixels = struct.pack(">Q", number) * 8 + noise
    rows = b"".join(b"\0" + pixels[y * width * 3 : (y + 1) * width * 3] for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 0)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
