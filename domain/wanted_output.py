"""How somebody wants a rendition to be written, as far as it shall differ from the usual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from domain.errors import InvalidInput
from domain.header import MediaType
from domain.operations.catalogue import MAX_SIDE
from domain.output import DEFAULT_QUALITY, Output, check_written, checked_output
from domain.recipe import Step


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
    if wanted.media_type is not None:
        check_written(media_type)
    same = media_type is usual.media_type
    lossless = wanted.lossless
    if lossless is None:
        lossless = same and usual.lossless and wanted.quality is None
    quality = wanted.quality
    if quality is None and not lossless:
        keeps = same and not usual.lossless
        quality = usual.quality if keeps else DEFAULT_QUALITY.get(media_type)
    background = usual.background if wanted.background is None else wanted.background
    return checked_output(Output(media_type, quality, lossless, background))


def shrinking(wanted: WantedOutput) -> tuple[Step, ...]:
    """The step that makes a picture small enough. Raises InvalidInput."""
    if wanted.largest is None:
        return ()
    if not 1 <= wanted.largest <= MAX_SIDE:
        message = f"The largest side is 1 to {MAX_SIDE:,} px, not {wanted.largest:,}."
        raise InvalidInput(message, field="output")
    size = {"width": wanted.largest, "height": wanted.largest}
    return (Step("resize", {**size, "fit": "INSIDE", "enlarge": False}),)
