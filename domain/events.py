"""Everything that can happen, in the order in which it usually does.

Each event has a wire name and a schema version of its own; neither is ever derived from the class,
so that a class may be renamed and moved. Once released, a field is neither renamed nor removed: a
new one gets a default, and what cannot be said so gets a new version and an upcaster.

A field marked `Personal` is sealed before it is written and gone when its key is destroyed. It has
a default: the value that is read after the erasure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final, TypeAlias, TypeVar, dataclass_transform

from domain.header import MediaType
from domain.output import Output
from domain.recipe import Recipe

T = TypeVar("T")

PERSONAL: Final = "personal"
Personal: TypeAlias = Annotated[T, PERSONAL]


@dataclass(frozen=True, slots=True)
class WireName:
    name: str
    version: int


WIRE_NAMES: Final[dict[type, WireName]] = {}


@dataclass_transform(frozen_default=True, kw_only_default=True)
def event(name: str, version: int = 1) -> Callable[[type[T]], type[T]]:
    """Make a class an event, known on the wire by this name and version."""

    def register(cls: type[T]) -> type[T]:
        wire_name = WireName(name, version)
        if wire_name in WIRE_NAMES.values():
            raise ValueError(f"two events are called {wire_name}")
        made: type[T] = dataclass(frozen=True, slots=True, kw_only=True)(cls)
        WIRE_NAMES[made] = wire_name
        return made

    return register


# -- an image: stream image-<image id>


@event("ImageUploaded")
class ImageUploaded:
    """Width and height in pixels as stored; orientation 1 to 8 as EXIF numbers it."""

    image_id: str
    sha256: str
    byte_size: int
    media_type: MediaType
    width: int
    height: int
    orientation: int
    frames: int
    name: Personal[str] = ""
    description: Personal[str] = ""
    tags: Personal[tuple[str, ...]] = ()


@event("ImageRenamed")
class ImageRenamed:
    image_id: str
    name: Personal[str] = ""


@event("ImageDescribed")
class ImageDescribed:
    image_id: str
    description: Personal[str] = ""


@event("ImageTagged")
class ImageTagged:
    image_id: str
    tags: Personal[tuple[str, ...]] = ()


@event("ImageUntagged")
class ImageUntagged:
    image_id: str
    tags: Personal[tuple[str, ...]] = ()


@event("ImageDeleted")
class ImageDeleted:
    image_id: str


@event("ImageRestored")
class ImageRestored:
    image_id: str


# -- a rendering: stream rendering-<image id>-<rendition id>


@event("RenderingRequested")
class RenderingRequested:
    """All that the rendition depends on stands here: presets may change, this request does not."""

    image_id: str
    rendition_id: str
    preset: str
    original: str
    recipe: Recipe
    output: Output
    engine: str


@event("RenderingStarted")
class RenderingStarted:
    """Recorded before anything is decoded, so that an attempt that kills the process counts."""

    image_id: str
    rendition_id: str
    attempt: int


@event("RenderingFinished")
class RenderingFinished:
    image_id: str
    rendition_id: str
    sha256: str
    byte_size: int
    media_type: MediaType
    width: int
    height: int


@event("RenderingFailed")
class RenderingFailed:
    image_id: str
    rendition_id: str
    code: str
    message: str


ImageEvent: TypeAlias = (
    ImageUploaded | ImageRenamed | ImageDescribed | ImageTagged | ImageUntagged | ImageDeleted | ImageRestored
)
RenderingEvent: TypeAlias = RenderingRequested | RenderingStarted | RenderingFinished | RenderingFailed
Event: TypeAlias = ImageEvent | RenderingEvent
