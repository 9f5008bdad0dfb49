"""What an image file says of itself before anything is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class MediaType(StrEnum):
    """The allow list: what is received, decoded and served. All else is refused."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    AVIF = "image/avif"
    GIF = "image/gif"
    TIFF = "image/tiff"
    BMP = "image/bmp"
    HEIC = "image/heic"
    """Received where the server has the extra darkroom[heic], and never written."""


OPAQUE: Final = frozenset({MediaType.JPEG})
"""Formats that have no transparency."""

EXTENSIONS: Final[dict[MediaType, str]] = {
    MediaType.JPEG: "jpg",
    MediaType.PNG: "png",
    MediaType.WEBP: "webp",
    MediaType.AVIF: "avif",
    MediaType.GIF: "gif",
    MediaType.TIFF: "tif",
    MediaType.BMP: "bmp",
    MediaType.HEIC: "heic",
}


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """Size in pixels as stored, before orientation; orientation as EXIF numbers it (1 to 8)."""

    media_type: MediaType
    width: int
    height: int
    frames: int = 1
    orientation: int = 1

    @property
    def shown_size(self) -> tuple[int, int]:
        """Width and height as a person sees the picture: orientations 5 to 8 lie on their side."""
        return (self.height, self.width) if self.orientation >= 5 else (self.width, self.height)
