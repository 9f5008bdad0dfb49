"""Everything that can be asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from domain.events import BulkAction, DisableReason
from domain.header import ImageHeader
from domain.provenance import Source
from domain.quarantine import Quarantine
from domain.query import ImageFilter
from domain.recipe import Step
from domain.wanted_output import AS_USUAL, WantedOutput

# -- of an image


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadImage:
    """The original is in the content store's staging area, hashed and inspected."""

    image_id: str
    sha256: str
    byte_size: int
    header: ImageHeader
    name: str
    description: str = ""
    tags: tuple[str, ...] = ()
    presets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribeImage:
    """What is None stays as it is; tags are the whole set wanted. Names have one source: people."""

    image_id: str
    name: str | None = None
    description: str | None = None
    tags: tuple[str, ...] | None = None
    source: Source = Source.PERSON


@dataclass(frozen=True, slots=True, kw_only=True)
class TagImage:
    image_id: str
    tags: tuple[str, ...]
    source: Source = Source.PERSON


@dataclass(frozen=True, slots=True, kw_only=True)
class UntagImage:
    image_id: str
    tags: tuple[str, ...]
    source: Source = Source.PERSON


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRecipe:
    image_id: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InsertSteps:
    """Before the step that stands at `index` now; None: behind the last one."""

    image_id: str
    steps: tuple[Step, ...]
    index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaceStep:
    image_id: str
    number: int
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveStep:
    """To stand at `index` among the others."""

    image_id: str
    number: int
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnableStep:
    image_id: str
    number: int
    enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveStep:
    image_id: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoImage:
    """Take back the latest change that people made and that is not undone yet."""

    image_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RedoImage:
    image_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevertImage:
    """Back to what it was at this version."""

    image_id: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoCommand:
    """Take back what one command did, as far as nothing was changed again since."""

    image_id: str
    command_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteImage:
    image_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreImage:
    image_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeImage:
    """Destroy a deleted image for good."""

    image_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseImage:
    """Destroy an image for good, deleted before or not."""

    image_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineImage:
    """Decode it no more. Nobody asks for this: it follows from what became of attempts."""

    image_id: str
    quarantine: Quarantine


EditImage: TypeAlias = (
    DescribeImage
    | TagImage
    | UntagImage
    | SetRecipe
    | InsertSteps
    | ReplaceStep
    | MoveStep
    | EnableStep
    | RemoveStep
)
ReturnImage: TypeAlias = UndoImage | RedoImage | RevertImage | UndoCommand
ChangeImage: TypeAlias = EditImage | ReturnImage | DeleteImage | RestoreImage | PurgeImage | EraseImage
ImageCommand: TypeAlias = UploadImage | ChangeImage | QuarantineImage

# -- of an album


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateAlbum:
    album_id: str
    name: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribeAlbum:
    """What is None stays as it is."""

    album_id: str
    name: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddToAlbum:
    """Before the image that stands at `index` now; None: behind the last one."""

    album_id: str
    image_ids: tuple[str, ...]
    index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveFromAlbum:
    album_id: str
    image_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveInAlbum:
    """To stand together, the first at `index` among the others."""

    album_id: str
    image_ids: tuple[str, ...]
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoAlbum:
    album_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RedoAlbum:
    album_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevertAlbum:
    album_id: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteAlbum:
    album_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreAlbum:
    album_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeAlbum:
    """Destroy a deleted album for good; its images stay."""

    album_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseAlbum:
    """Destroy an album for good, deleted before or not; its images stay."""

    album_id: str


EditAlbum: TypeAlias = DescribeAlbum | AddToAlbum | RemoveFromAlbum | MoveInAlbum
ReturnAlbum: TypeAlias = UndoAlbum | RedoAlbum | RevertAlbum
ChangeAlbum: TypeAlias = EditAlbum | ReturnAlbum | DeleteAlbum | RestoreAlbum | PurgeAlbum | EraseAlbum
AlbumCommand: TypeAlias = CreateAlbum | ChangeAlbum

# -- of a webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class AddWebhook:
    """Deliver to this address the events of these types, or of all types where none is named."""

    webhook_id: str
    url: str
    secret: str
    types: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeWebhook:
    """What is None stays as it is."""

    webhook_id: str
    url: str | None = None
    types: tuple[str, ...] | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnableWebhook:
    webhook_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisableWebhook:
    webhook_id: str
    reason: DisableReason = DisableReason.ASKED


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveWebhook:
    webhook_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeliver:
    """Send the event at a position once more."""

    webhook_id: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayWebhook:
    """Go on behind a position: an earlier one repeats, a later one leaves out."""

    webhook_id: str
    after: int


ManageWebhook: TypeAlias = (
    ChangeWebhook | EnableWebhook | DisableWebhook | RemoveWebhook | Redeliver | ReplayWebhook
)
WebhookCommand: TypeAlias = AddWebhook | ManageWebhook

# -- of a preset


@dataclass(frozen=True, slots=True, kw_only=True)
class SavePreset:
    """The whole definition, in place of the one that there is."""

    preset_id: str
    name: str
    steps: tuple[Step, ...]
    description: str = ""
    output: WantedOutput = AS_USUAL


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovePreset:
    preset_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowPreset:
    """Images were rendered by this version, and are to show it."""

    preset_id: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RollBackPreset:
    """Images are to show the version from before again."""

    preset_id: str


PresetCommand: TypeAlias = SavePreset | ShowPreset | RollBackPreset | RemovePreset

# -- of many images


@dataclass(frozen=True, slots=True, kw_only=True)
class StartOperation:
    """The same change of these images, or of all that a filter finds at this moment."""

    action: BulkAction
    images: tuple[str, ...] | ImageFilter
    tags: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
