"""How somebody wants a rendition to be written, as far as it shall differ from the usual."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from domain.errors import InvalidInput
from domain.header import MediaType
from domain.output import DEFAULT_QUALITY, LOSSLESS_BY_CHOICE, WRITTEN, Output
from domain.recipe import Step

_COLOR: Final = re.compile("#[0-9a-f]{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedOutput:
    """What is None stays as it is usual.

    `largest`: at most so many pixels wide and high; never enlarged. The others are as in Output.
    """

    media_type: MediaType | None = None
    quality: int | None = None
    lossless: bool | None = None
    background: str | None = None
    largest: int | None = None


AS_USUAL: Final = WantedOutput()


def output_from(wanted: WantedOutput, usual: Output) -> Output:
    """The usual output, with what is wanted in its place. Raises InvalidInput for what a format has not."""
    media_type = wanted.media_type or usual.media_type
    if wanted.media_type is not None and media_type not in WRITTEN:
        names = ", ".join(WRITTEN)
        raise InvalidInput(f"Renditions are not written as {media_type}, but as {names}.", field="output")
    same = media_type is usual.media_type
    lossless = _lossless(wanted, media_type, usual=same and usual.lossless)
    quality = _quality(wanted, media_type, lossless=lossless)
    if wanted.quality is None and same and not lossless and not usual.lossless:
        quality = usual.quality
    return Output(media_type, quality, lossless, _background(wanted.background) or usual.background)


def shrinking(wanted: WantedOutput) -> tuple[Step, ...]:
    """The step that makes a picture small enough; what is wrong with it is said when it is resolved."""
    if wanted.largest is None:
        return ()
    size = {"width": wanted.largest, "height": wanted.largest}
    return (Step("resize", {**size, "fit": "INSIDE", "enlarge": False}),)


def _lossless(wanted: WantedOutput, media_type: MediaType, *, usual: bool) -> bool:
    lossless = usual and wanted.quality is None if wanted.lossless is None else wanted.lossless
    if lossless and media_type not in LOSSLESS_BY_CHOICE:
        names = " and ".join(sorted(LOSSLESS_BY_CHOICE))
        raise InvalidInput(f"Only {names} can be asked for without loss, not {media_type}.", field="output")
    if lossless and wanted.quality is not None:
        raise InvalidInput(
            "What is written without loss has no quality. Give one of the two.", field="output"
        )
    return lossless


def _quality(wanted: WantedOutput, media_type: MediaType, *, lossless: bool) -> int | None:
    if wanted.quality is None:
        return None if lossless else DEFAULT_QUALITY.get(media_type)
    if media_type not in DEFAULT_QUALITY:
        raise InvalidInput(f"{media_type} has no quality; leave it out.", field="output")
    if not 1 <= wanted.quality <= 100:
        raise InvalidInput(f"A quality is 1 to 100, not {wanted.quality}.", field="output")
    return wanted.quality


def _background(color: str | None) -> str | None:
    if color is not None and not _COLOR.fullmatch(color.lower()):
        raise InvalidInput("A background is a colour as #rrggbb.", field="output")
    return color and color.lower()
