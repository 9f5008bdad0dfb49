"""How a rendition is written: the part of its identity that is not pixels."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from domain.errors import InvalidInput
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

_BACKGROUND: Final = re.compile("#[0-9a-f]{6}")


def check_written(media_type: MediaType) -> None:
    """Raises InvalidInput for a format that cannot be asked for."""
    if media_type not in WRITTEN:
        names = ", ".join(WRITTEN)
        raise InvalidInput(f"Renditions are not written as {media_type}, but as {names}.", field="output")


def checked_output(output: Output) -> Output:
    """The output, its background in small letters. Raises InvalidInput for what its format has not."""
    if output.lossless and output.media_type not in LOSSLESS_BY_CHOICE:
        names = " and ".join(sorted(LOSSLESS_BY_CHOICE))
        message = f"Only {names} can be asked for without loss, not {output.media_type}."
        raise InvalidInput(message, field="output")
    _check_quality(output)
    if output.background is None:
        return output
    background = output.background.lower()
    if not _BACKGROUND.fullmatch(background):
        raise InvalidInput("A background is a colour as #rrggbb.", field="output")
    return replace(output, background=background)


def _check_quality(output: Output) -> None:
    if output.quality is None:
        return
    if output.lossless:
        message = "What is written without loss has no quality. Give one of the two."
        raise InvalidInput(message, field="output")
    if output.media_type not in DEFAULT_QUALITY:
        raise InvalidInput(f"{output.media_type} has no quality; leave it out.", field="output")
    if not 1 <= output.quality <= 100:
        raise InvalidInput(f"A quality is 1 to 100, not {output.quality}.", field="output")


def default_output(original: MediaType) -> Output:
    """In the original's own format, and JPEG for HEIC, which is not written."""
    media_type = MediaType.JPEG if original is MediaType.HEIC else original
    return Output(media_type, DEFAULT_QUALITY.get(media_type))


def output_data(output: Output) -> dict[str, object]:
    """As plain values, with what there is beside format and quality."""
    data: dict[str, object] = {"mediaType": output.media_type.value, "quality": output.quality}
    if output.lossless:
        data["lossless"] = True
    if output.background is not None:
        data["background"] = output.background
    return data
