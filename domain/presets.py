"""Named recipes with output settings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from domain.errors import UnknownName
from domain.header import OPAQUE, MediaType
from domain.output import LOSSLESS_BY_CHOICE, Output, default_output
from domain.recipe import Recipe, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """`media_type` None: the original's own. `quality` None: the default of the format.

    `opaque_media_type` is what an original in a format without transparency is written in instead.
    `lossless` and `background` are as in Output. `version` counts how often it was saved; `shown` is the
    version that images show. 0: built in.
    """

    name: str
    description: str
    recipe: Recipe
    media_type: MediaType | None = None
    opaque_media_type: MediaType | None = None
    quality: int | None = None
    lossless: bool = False
    background: str | None = None
    version: int = 0
    shown: int = 0


BUILT_IN: Final = (
    Preset(
        name="thumbnail",
        description="At most 256 pixels wide and high, never larger than the original; as JPEG where the "
        "original is one, else as WebP, which can be transparent.",
        recipe=Recipe((Step("resize", {"width": 256, "height": 256, "fit": "INSIDE", "enlarge": False}),)),
        media_type=MediaType.WEBP,
        opaque_media_type=MediaType.JPEG,
        quality=80,
    ),
    Preset(
        name="grayscale-300",
        description="Gray, stretched to 300 by 300 pixels, in the format of the original.",
        recipe=Recipe((Step("grayscale"), Step("resize", {"width": 300, "height": 300, "fit": "FILL"}))),
    ),
)


class Presets:
    """Presets by their names."""

    def __init__(self, presets: Iterable[Preset] = BUILT_IN) -> None:
        """Raises ValueError where two have one name."""
        self._by_name: dict[str, Preset] = {}
        for preset in presets:
            if preset.name in self._by_name:
                raise ValueError(f"two presets are called {preset.name!r}")
            self._by_name[preset.name] = preset

    def __iter__(self) -> Iterator[Preset]:
        return iter(self._by_name.values())

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def get(self, name: str) -> Preset:
        """Raises UnknownName."""
        preset = self._by_name.get(name)
        if preset is None:
            raise UnknownName("preset", name, self._by_name)
        return preset


def output_for(preset: Preset, original: MediaType) -> Output:
    """How a preset's rendition of an original of this type is written, without what its format has not."""
    media_type = preset.media_type or original
    if original in OPAQUE:
        media_type = preset.opaque_media_type or media_type
    media_type = default_output(media_type).media_type
    lossless = preset.lossless and media_type in LOSSLESS_BY_CHOICE
    quality = default_output(media_type).quality
    if quality is not None:
        quality = None if lossless else preset.quality or quality
    return Output(media_type, quality, lossless, preset.background)
