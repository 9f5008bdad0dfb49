"""How renditions are wanted to be written."""

from __future__ import annotations

from enum import Enum
from typing import Any, Final, cast

import strawberry

from domain.header import MediaType
from domain.output import WRITTEN
from domain.wanted_output import WantedOutput

OutputFormat: Final[Any] = strawberry.enum(
    cast("type[Enum]", Enum("OutputFormat", {media_type.name: media_type for media_type in WRITTEN})),
    description="What renditions can be written as.",
)


@strawberry.input(
    description="How to write a rendition; what is absent is as the preset or the format has it."
)
class OutputInput:
    format: OutputFormat | None = strawberry.field(
        default=None, description="Absent: that of the preset, or else of the original."
    )
    quality: int | None = strawberry.field(default=None, description="1 to 100, of what is not lossless.")
    lossless: bool | None = strawberry.field(default=None, description="For WebP and AVIF.")
    background: str | None = strawberry.field(
        default=None, description="What transparency is shown on, as #rrggbb."
    )
    largest: int | None = strawberry.field(
        default=None, description="In pixels: at most so wide and so high; never enlarged."
    )

    def to_domain(self) -> WantedOutput:
        return WantedOutput(
            media_type=None if self.format is None else MediaType(self.format.value),
            quality=self.quality,
            lossless=self.lossless,
            background=self.background,
            largest=self.largest,
        )
