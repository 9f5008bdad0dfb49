"""Pictures to upload, each unlike all others."""

from __future__ import annotations

import io
import itertools
from typing import TYPE_CHECKING, Final

from PIL import ExifTags, Image, ImageDraw

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


def photo(name: str, offset: str = "") -> FilePayload:
    """A JPEG that says when and with what it was taken, and where that clock was if an offset is given."""
    tags = Image.Exif()
    tags[ExifTags.Base.Make], tags[ExifTags.Base.Model] = "Canon", "Canon EOS R5"
    details = tags.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.DateTimeOriginal] = "2024:02:28 23:30:15"
    details[ExifTags.Base.LensModel] = "RF 50mm"
    if offset:
        details[ExifTags.Base.OffsetTimeOriginal] = offset
    buffer = io.BytesIO()
    Image.open(io.BytesIO(png(name)["buffer"])).save(buffer, "JPEG", exif=tags)
    return {"name": name, "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def text(name: str) -> FilePayload:
    return {"name": name, "mimeType": "text/plain", "buffer": b"This is not a picture."}
