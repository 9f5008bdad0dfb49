"""Pictures to upload, each unlike all others."""

from __future__ import annotations

import io
import itertools
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from playwright.async_api import FilePayload

_numbers: Final = itertools.count(1)


def png(name: str, width: int = 120, height: int = 80) -> FilePayload:
    number = next(_numbers)
    colour = (37 * number % 256, 91 * number % 256, 151 * number % 256)
    picture = Image.new("RGB", (width, height), colour)
    ImageDraw.Draw(picture).text((2, 2), str(number), fill="white")
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return {"name": name, "mimeType": "image/png", "buffer": buffer.getvalue()}


def text(name: str) -> FilePayload:
    return {"name": name, "mimeType": "text/plain", "buffer": b"This is not a picture."}
