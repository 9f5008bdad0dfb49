"""Everything that can happen, in the order in which it usually does.

Each event has a wire name and a schema version of its own; neither is ever derived from the class,
so that a class may be renamed and moved. Once released, a field is neither renamed nor removed: a
new one gets a default, and what cannot be said so gets a new version and an upcaster.

A field marked `Personal` is sealed before it is written and gone when its key is destroyed. It has
a default: the value that is read after the erasure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import (
    Annotated,
    Final,
    TypeAlias,
    TypeVar,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

from domain.header import MediaType
from domain.metadata import Location, Metadata
from domain.output import Output
from domain.provenance import Descriptions, Source, Tag
from domain.query import Selection
from domain.recipe import Edit, Recipe, Step

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


def personal_fields(cls: type) -> frozenset[str]:
    """The names of an event's fields that are sealed."""
    hints = get_type_hints(cls, include_extras=True)
    return frozenset(
        name for name, hint in hints.items() if get_origin(hint) is Annotated and PERSONAL in get_args(hint)
    )


# -- an image: stream image-<image id>


@event("ImageUploaded")
class ImageUploaded:
    """Width and height in pixels as stored; orientation 1 to 8 as EXIF numbers it.

    `presets`: what the image is rendered by, again after each change of its recipe.
    """

    image_id: str
    sha256: str
    byte_size: int
    media_type: MediaType
    width: int
    height: int
    orientation: int
    frames: int
    presets: tuple[str, ...] = ()
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
    source: Source = Source.PERSON
    description: Personal[str] = ""


@event("ImageTagged")
class ImageTagged:
    image_id: str
    source: Source = Source.PERSON
    tags: Personal[tuple[str, ...]] = ()


@event("ImageUntagged")
class ImageUntagged:
    image_id: str
    source: Source = Source.PERSON
    tags: Personal[tuple[str, ...]] = ()


class RecipeChange(StrEnum):
    SET = "set"
    APPENDED = "appended"
    INSERTED = "inserted"
    REPLACED = "replaced"
    MOVED = "moved"
    ENABLED = "enabled"
    DISABLED = "disabled"
    REMOVED = "removed"


@event("RecipeChanged")
class RecipeChanged:
    """The image's own recipe after the change, whole; `numbers` names the steps that it was about."""

    image_id: str
    change: RecipeChange
    numbers: tuple[int, ...]
    edits: tuple[Edit, ...]


class Return(StrEnum):
    """Why a thing goes back to a state that it was in."""

    UNDO = "undo"
    REDO = "redo"
    REVERT = "revert"


@event("ImageReverted")
class ImageReverted:
    """All that may be edited, as it is from now on. `of`: the versions whose change is undone or redone,
    or the one version gone back to."""

    image_id: str
    why: Return
    of: tuple[int, ...]
    edits: tuple[Edit, ...]
    name: Personal[str] = ""
    descriptions: Personal[Descriptions] = field(default_factory=dict)
    tags: Personal[tuple[Tag, ...]] = ()


@event("ImageQuarantined")
class ImageQuarantined:
    """Its original is not decoded any more: it has ended those who tried. Code and message say how."""

    image_id: str
    code: str
    message: str


@event("ImageDeleted")
class ImageDeleted:
    image_id: str


@event("ImageRestored")
class ImageRestored:
    image_id: str


@event("ImagePurged")
class ImagePurged:
    """From here on the image is gone for good; its key and its bytes are destroyed after this is recorded."""

    image_id: str


@event("ImageErased")
class ImageErased:
    """Key, bytes and rows of a purged image are gone."""

    image_id: str


# -- an album: stream album-<album id>


@event("AlbumCreated")
class AlbumCreated:
    album_id: str
    name: Personal[str] = ""
    description: Personal[str] = ""


@event("AlbumRenamed")
class AlbumRenamed:
    album_id: str
    name: Personal[str] = ""


@event("AlbumDescribed")
class AlbumDescribed:
    album_id: str
    description: Personal[str] = ""


@event("AlbumImagesAdded")
class AlbumImagesAdded:
    """They stand together, the first of them at this index."""

    album_id: str
    image_ids: tuple[str, ...]
    index: int


@event("AlbumImagesRemoved")
class AlbumImagesRemoved:
    album_id: str
    image_ids: tuple[str, ...]


@event("AlbumImagesMoved")
class AlbumImagesMoved:
    """They stand together, the first of them at this index of the others."""

    album_id: str
    image_ids: tuple[str, ...]
    index: int


@event("AlbumReverted")
class AlbumReverted:
    """As ImageReverted."""

    album_id: str
    why: Return
    of: tuple[int, ...]
    image_ids: tuple[str, ...]
    name: Personal[str] = ""
    description: Personal[str] = ""


@event("AlbumDeleted")
class AlbumDeleted:
    album_id: str


@event("AlbumRestored")
class AlbumRestored:
    album_id: str


@event("AlbumPurged")
class AlbumPurged:
    """As ImagePurged."""

    album_id: str


@event("AlbumErased")
class AlbumErased:
    """Key and rows of a purged album are gone."""

    album_id: str


# -- a preset: stream preset-<preset id>


@event("PresetSaved")
class PresetSaved:
    """The whole definition, as it is from now on. Images go on to show the version that they showed; the
    first one is shown at once.

    `version` counts the definitions; 0 in what was written when it was the version of the stream.
    `media_type` None: that of each original. `quality` None: the default of the format.
    """

    preset_id: str
    name: str
    recipe: Recipe
    media_type: MediaType | None = None
    quality: int | None = None
    lossless: bool = False
    background: str | None = None
    version: int = 0
    description: Personal[str] = ""


@event("PresetReplayed")
class PresetReplayed:
    """Images were rendered by this version, which they show from here on."""

    preset_id: str
    name: str
    version: int


@event("PresetRolledBack")
class PresetRolledBack:
    """Images show the version from before again: `to`, whose definition was just saved as `version`."""

    preset_id: str
    name: str
    version: int
    to: int


@event("PresetRemoved")
class PresetRemoved:
    """What was rendered by it stays. What is personal of it is erased before this is recorded; its name may
    be given to another one."""

    preset_id: str
    name: str


# -- a bulk operation: stream operation-<operation id>


class BulkAction(StrEnum):
    TAG = "tag"
    UNTAG = "untag"
    SET_RECIPE = "set_recipe"
    DELETE = "delete"
    RESTORE = "restore"
    PURGE = "purge"
    ERASE = "erase"
    UNDO = "undo"
    REPLAY = "replay"


@event("OperationStarted")
class OperationStarted:
    """The same change of many images. `undoes` is the operation whose changes are undone, or empty; a
    replay names the preset, and the version that images are rendered by.

    What is personal of it is erased as soon as it has ended.
    """

    operation_id: str
    action: BulkAction
    total: int
    undoes: str = ""
    steps: tuple[Step, ...] = ()
    preset_id: str = ""
    preset_version: int = 0
    selection: Personal[Selection] = field(default_factory=Selection)
    tags: Personal[tuple[str, ...]] = ()


@event("OperationProgressed")
class OperationProgressed:
    """Counts so far; what was selected up to `through`, a position in the selection, has been seen to.

    `failed`: what a replay asked for and could not be rendered.
    """

    operation_id: str
    through: int
    changed: int
    unchanged: int
    refused: int
    failed: int = 0


@event("OperationFinished")
class OperationFinished:
    """The one end of each operation, be it cancelled or not."""

    operation_id: str
    changed: int
    unchanged: int
    refused: int
    failed: int = 0


@event("OperationCancelled")
class OperationCancelled:
    """It is to end early: what is under way is completed, and nothing more begun. What was changed stays,
    and can be undone."""

    operation_id: str


# -- a rendering: stream rendering-<image id>-<rendition id>


@event("RenderingRequested")
class RenderingRequested:
    """All that the rendition depends on stands here: presets may change, this request does not.

    `preset`: empty where steps or an output of one's own were asked for. `preset_version`: which one it was
    when it was saved so often; 0 for one that is built in.
    `edits`: how many of the recipe's first steps are the image's own; the preset's follow.
    What has failed may be requested again, which begins it anew.
    """

    image_id: str
    rendition_id: str
    preset: str
    original: str
    recipe: Recipe
    edits: int = 0
    output: Output
    engine: str
    preset_version: int = 0


@event("RenderingStarted")
class RenderingStarted:
    """Recorded before anything is decoded, so that an attempt that kills the process counts."""

    image_id: str
    rendition_id: str
    attempt: int


@event("RenderingFinished")
class RenderingFinished:
    """`made_with`: the versions of the libraries that made it, by their names."""

    image_id: str
    rendition_id: str
    sha256: str
    byte_size: int
    media_type: MediaType
    width: int
    height: int
    made_with: Mapping[str, str] = field(default_factory=dict)


@event("RenderingFailed")
class RenderingFailed:
    image_id: str
    rendition_id: str
    code: str
    message: str


# -- the examination of an original: stream examination-<image id>


@event("ExaminationStarted")
class ExaminationStarted:
    """As RenderingStarted."""

    image_id: str
    attempt: int


@event("ImageExamined")
class ImageExamined:
    """What was found in an original, as `Findings` has it. All of it tells something of the picture, and
    goes with it."""

    image_id: str
    pixel_hash: Personal[str] = ""
    perceptual_hash: Personal[str] = ""
    placeholder: Personal[str] = ""
    metadata: Personal[Metadata] = field(default_factory=Metadata)
    location: Personal[Location | None] = None


@event("ExaminationFailed")
class ExaminationFailed:
    image_id: str
    code: str
    message: str


# -- a webhook: stream webhook-<webhook id>


@event("WebhookAdded")
class WebhookAdded:
    """`types`: wire names of the events that are delivered; none named: all of them."""

    webhook_id: str
    types: tuple[str, ...]
    url: Personal[str] = ""
    description: Personal[str] = ""
    secret: Personal[str] = ""


@event("WebhookChanged")
class WebhookChanged:
    """All that may be changed, as it is from now on."""

    webhook_id: str
    types: tuple[str, ...]
    url: Personal[str] = ""
    description: Personal[str] = ""


@event("WebhookEnabled")
class WebhookEnabled:
    webhook_id: str


class DisableReason(StrEnum):
    ASKED = "asked"
    GONE = "gone"
    FAILING = "failing"


@event("WebhookDisabled")
class WebhookDisabled:
    """Nothing is delivered until it is enabled; then deliveries go on from where they stood.

    GONE: the receiver said that there is nothing any more (410). FAILING: the attempts are used up.
    """

    webhook_id: str
    reason: DisableReason


@event("WebhookReplayRequested")
class WebhookReplayRequested:
    """Deliveries go on behind this position of the log, earlier or later than where they stood."""

    webhook_id: str
    after: int


@event("WebhookRedeliveryRequested")
class WebhookRedeliveryRequested:
    """The event at this position is sent once more, beside the others."""

    webhook_id: str
    position: int


@event("WebhookRemoved")
class WebhookRemoved:
    webhook_id: str


ImageEvent: TypeAlias = (
    ImageUploaded
    | ImageRenamed
    | ImageDescribed
    | ImageTagged
    | ImageUntagged
    | RecipeChanged
    | ImageReverted
    | ImageQuarantined
    | ImageDeleted
    | ImageRestored
    | ImagePurged
    | ImageErased
)
AlbumEvent: TypeAlias = (
    AlbumCreated
    | AlbumRenamed
    | AlbumDescribed
    | AlbumImagesAdded
    | AlbumImagesRemoved
    | AlbumImagesMoved
    | AlbumReverted
    | AlbumDeleted
    | AlbumRestored
    | AlbumPurged
    | AlbumErased
)
PresetEvent: TypeAlias = PresetSaved | PresetReplayed | PresetRolledBack | PresetRemoved
OperationEvent: TypeAlias = OperationStarted | OperationProgressed | OperationFinished | OperationCancelled
RenderingEvent: TypeAlias = RenderingRequested | RenderingStarted | RenderingFinished | RenderingFailed
ExaminationEvent: TypeAlias = ExaminationStarted | ImageExamined | ExaminationFailed
WebhookEvent: TypeAlias = (
    WebhookAdded
    | WebhookChanged
    | WebhookEnabled
    | WebhookDisabled
    | WebhookReplayRequested
    | WebhookRedeliveryRequested
    | WebhookRemoved
)
Event: TypeAlias = (
    ImageEvent | AlbumEvent | PresetEvent | OperationEvent | RenderingEvent | ExaminationEvent | WebhookEvent
)


def image_of(event: Event) -> str | None:
    """The image that an event is about, if it is about one."""
    return event.image_id if isinstance(event, ImageEvent | RenderingEvent | ExaminationEvent) else None
