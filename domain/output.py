"""How a rendition is written: the part of its identity that is not pixels."""

from __future__ import annotations

from dataclasses import dataclass

from domain.header import MediaType


@dataclass(frozen=True, slots=True)
class Output:
    """A format and its quality (1 to 100; meaningless, and None, for lossless formats)."""

    media_type: MediaType
    quality: int | None = None


_QUALITY = {MediaType.JPEG: 85, MediaType.WEBP: 80, MediaType.AVIF: 60}


def default_output(media_type: MediaType) -> Output:
    return Output(media_type, _QUALITY.get(media_type))
