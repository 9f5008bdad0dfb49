"""How a rendition is written: the part of its identity that is not pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from domain.header import MediaType


@dataclass(frozen=True, slots=True)
class Output:
    """A format and how it is written.

    `quality`: 1 to 100; None for what has no loss. `lossless`: for WebP and AVIF, which have the choice.
    `background`: what transparency is shown on, as #rrggbb; None: kept, or on white where the format has
    none.
    """

    media_type: MediaType
    quality: int | None = None
    lossless: bool = False
    background: str | None = None


DEFAULT_QUALITY: Final = {MediaType.JPEG: 85, MediaType.WEBP: 80, MediaType.AVIF: 60}
"""Of the formats that have a quality."""

LOSSLESS_BY_CHOICE: Final = frozenset({MediaType.WEBP, MediaType.AVIF})

WRITTEN: Final = (MediaType.JPEG, MediaType.PNG, MediaType.WEBP, MediaType.AVIF, MediaType.TIFF)
"""What may be asked for; GIF and BMP are written where an original is one."""


def default_output(media_type: MediaType) -> Output:
    return Output(media_type, DEFAULT_QUALITY.get(media_type))


def output_data(output: Output) -> dict[str, object]:
    """As plain values, with what there is beside format and quality."""
    data: dict[str, object] = {"mediaType": output.media_type.value, "quality": output.quality}
    if output.lossless:
        data["lossless"] = True
    if output.background is not None:
        data["background"] = output.background
    return data
