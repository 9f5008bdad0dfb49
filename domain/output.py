"""How a rendition is written: the part of its identity that is not pixels."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from domain.errors import InvalidInput
from domain.header import EXTENSIONS, MediaType


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


def checked_output(output: Output) -> Output:
    """The output, its background in small letters. Raises InvalidInput where it asks for nonsense."""
    name = EXTENSIONS[output.media_type].upper()
    if output.media_type not in WRITTEN:
        known = ", ".join(EXTENSIONS[written].upper() for written in WRITTEN)
        raise InvalidInput(f"{name} is not written. Written are {known}.", field="mediaType")
    if output.lossless and output.media_type not in LOSSLESS_BY_CHOICE:
        choice = " and ".join(EXTENSIONS[media_type].upper() for media_type in sorted(LOSSLESS_BY_CHOICE))
        raise InvalidInput(f"{name} has no choice to be lossless; {choice} have.", field="lossless")
    _check_quality(output, name)
    if output.background is None:
        return output
    background = output.background.lower()
    if not _BACKGROUND.fullmatch(background):
        raise InvalidInput("A background is red, green and blue as #rrggbb: #ffffff.", field="background")
    return replace(output, background=background)


def _check_quality(output: Output, name: str) -> None:
    if output.quality is None:
        return
    if output.media_type not in DEFAULT_QUALITY:
        raise InvalidInput(f"{name} has no quality: it loses nothing.", field="quality")
    if output.lossless:
        raise InvalidInput("What is lossless has no quality; name one of the two.", field="quality")
    if not 1 <= output.quality <= 100:
        raise InvalidInput("A quality is a whole number from 1 to 100.", field="quality")


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
