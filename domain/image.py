"""An image: what may be done to it, and what it is after all that has happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias, assert_never

from domain.commands import (
    DeleteImage,
    DescribeImage,
    EnableStep,
    EraseImage,
    ImageCommand,
    InsertSteps,
    MoveStep,
    PurgeImage,
    QuarantineImage,
    RedoImage,
    RemoveStep,
    ReplaceStep,
    RestoreImage,
    RevertImage,
    SetRecipe,
    TagImage,
    UndoCommand,
    UndoImage,
    UntagImage,
    UploadImage,
)
from domain.edits import changed_edits
from domain.errors import Conflict, Erased, InvalidInput, NotFound
from domain.events import (
    ImageDeleted,
    ImageDescribed,
    ImageErased,
    ImageEvent,
    ImagePurged,
    ImageQuarantined,
    ImageRenamed,
    ImageRestored,
    ImageReverted,
    ImageTagged,
    ImageUntagged,
    ImageUploaded,
    RecipeChanged,
    Return,
)
from domain.header import ImageHeader
from domain.history import Change, Moment, change_by, last_done, last_undone, state_at
from domain.provenance import (
    Descriptions,
    Source,
    Tag,
    shown_description,
    shown_tags,
    tagged,
    untagged,
    worth_adding,
    worth_removing,
)
from domain.quarantine import Quarantine
from domain.recipe import Edit, Recipe, recipe_of
from domain.text import TAG_COUNT, clean_description, clean_name, clean_tags


@dataclass(frozen=True, slots=True)
class Revision:
    """All that may be edited of an image."""

    name: str
    descriptions: Descriptions = field(default_factory=dict)
    tags: tuple[Tag, ...] = ()
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """`numbered` is the highest number that a step of its recipe ever had."""

    image_id: str
    original: str
    header: ImageHeader
    presets: tuple[str, ...]
    revision: Revision
    numbered: int = 0
    deleted: bool = False
    purged: bool = False
    quarantine: Quarantine | None = None

    @property
    def name(self) -> str:
        return self.revision.name

    @property
    def description(self) -> str:
        return shown_description(self.revision.descriptions)

    @property
    def tags(self) -> tuple[str, ...]:
        return shown_tags(self.revision.tags)

    @property
    def recipe(self) -> Recipe:
        return recipe_of(self.revision.edits)


ImagePast: TypeAlias = Sequence[Moment[Image, ImageEvent]]


def image_stream(image_id: str) -> str:
    return f"image-{image_id}"


def decide(past: ImagePast, command: ImageCommand) -> Sequence[ImageEvent]:
    """The events that a command leads to: none where all is as asked already. Raises Refusal."""
    if isinstance(command, UploadImage):
        return _upload(past, command)
    if not past:
        raise NotFound("There is no such image.", field="id")
    image = past[-1].state
    if image.purged:
        raise Erased("The image was purged; nothing of it is left.", field="id")
    match command:
        case DeleteImage():
            return [] if image.deleted else [ImageDeleted(image_id=image.image_id)]
        case RestoreImage():
            return [ImageRestored(image_id=image.image_id)] if image.deleted else []
        case PurgeImage():
            return _purge(image)
        case EraseImage():
            return [ImagePurged(image_id=image.image_id)]
        case QuarantineImage():
            return _quarantine(image, command.quarantine)
        case UndoCommand():
            return _undo_command(past, image, command)
    if image.deleted:
        raise Conflict("The image is deleted. Restore it before it is changed.", field="id")
    match command:
        case DescribeImage():
            return _describe(image, command)
        case TagImage():
            return _tag(image, clean_tags(command.tags), command.source)
        case UntagImage():
            return _untag(image, clean_tags(command.tags), command.source)
        case SetRecipe() | InsertSteps() | ReplaceStep() | MoveStep() | EnableStep() | RemoveStep():
            return changed_edits(image, command)
        case UndoImage() | RedoImage() | RevertImage():
            return _go_back(past, image, command)
        case _:
            assert_never(command)


def evolve(image: Image | None, event: ImageEvent) -> Image:
    """The image after one more event."""
    if isinstance(event, ImageUploaded):
        return _uploaded(event)
    if image is None:
        raise ValueError(f"{type(event).__name__} before ImageUploaded")
    match event:
        case ImageRenamed():
            return _revised(image, name=event.name)
        case ImageDescribed():
            return _revised(
                image, descriptions={**image.revision.descriptions, event.source: event.description}
            )
        case ImageTagged():
            return _revised(image, tags=tagged(image.revision.tags, event.tags, event.source))
        case ImageUntagged():
            return _revised(image, tags=untagged(image.revision.tags, event.tags, event.source))
        case RecipeChanged():
            numbered = max((image.numbered, *(edit.number for edit in event.edits)))
            return replace(_revised(image, edits=event.edits), numbered=numbered)
        case ImageReverted():
            return replace(image, revision=Revision(event.name, event.descriptions, event.tags, event.edits))
        case ImageQuarantined():
            return replace(image, quarantine=Quarantine(event.code, event.message))
        case ImageDeleted():
            return replace(image, deleted=True)
        case ImageRestored():
            return replace(image, deleted=False)
        case ImagePurged():
            return replace(image, purged=True)
        case ImageErased():
            return image
        case _:
            assert_never(event)


def _upload(past: ImagePast, command: UploadImage) -> list[ImageEvent]:
    if past:
        raise Conflict("This image was uploaded before.")
    header = command.header
    return [
        ImageUploaded(
            image_id=command.image_id,
            sha256=command.sha256,
            byte_size=command.byte_size,
            media_type=header.media_type,
            width=header.width,
            height=header.height,
            orientation=header.orientation,
            frames=header.frames,
            presets=command.presets,
            name=clean_name(command.name),
            description=clean_description(command.description),
            tags=clean_tags(command.tags),
        )
    ]


def _uploaded(event: ImageUploaded) -> Image:
    described = {Source.PERSON: event.description} if event.description else {}
    tags = tuple(Tag(text) for text in event.tags)
    return Image(
        image_id=event.image_id,
        original=event.sha256,
        header=ImageHeader(event.media_type, event.width, event.height, event.frames, event.orientation),
        presets=event.presets,
        revision=Revision(event.name, described, tags),
    )


def _revised(image: Image, **values: object) -> Image:
    return replace(image, revision=replace(image.revision, **values))  # type: ignore[arg-type]


def _describe(image: Image, command: DescribeImage) -> list[ImageEvent]:
    return [
        *_rename(image, command.name),
        *_redescribe(image, command.description, command.source),
        *_retag(image, command.tags, command.source),
    ]


def _rename(image: Image, name: str | None) -> list[ImageEvent]:
    clean = image.name if name is None else clean_name(name)
    return [] if clean == image.name else [ImageRenamed(image_id=image.image_id, name=clean)]


def _redescribe(image: Image, description: str | None, source: Source) -> list[ImageEvent]:
    """What a source says is kept even where a higher one is shown instead."""
    said = image.revision.descriptions.get(source)
    clean = said if description is None else clean_description(description)
    if clean == said or (not clean and not image.description and said is None):
        return []
    return [ImageDescribed(image_id=image.image_id, source=source, description=clean or "")]


def _retag(image: Image, tags: tuple[str, ...] | None, source: Source) -> list[ImageEvent]:
    if tags is None:
        return []
    wanted = clean_tags(tags)
    unwanted = tuple(tag for tag in image.tags if tag not in wanted)
    missing = tuple(tag for tag in wanted if tag not in image.tags)
    return [*_untag(image, unwanted, source), *_tag(image, missing, source, len(unwanted))]


def _tag(image: Image, tags: tuple[str, ...], source: Source, going: int = 0) -> list[ImageEvent]:
    added = worth_adding(image.revision.tags, tags, source)
    there = len({*image.tags, *added}) - going
    if there > TAG_COUNT:
        raise InvalidInput(f"An image has at most {TAG_COUNT} tags; this would make {there}.", field="tags")
    return [ImageTagged(image_id=image.image_id, source=source, tags=added)] if added else []


def _untag(image: Image, tags: tuple[str, ...], source: Source) -> list[ImageEvent]:
    removed = worth_removing(image.revision.tags, tags, source)
    return [ImageUntagged(image_id=image.image_id, source=source, tags=removed)] if removed else []


def _purge(image: Image) -> list[ImageEvent]:
    if not image.deleted:
        raise Conflict("Only a deleted image can be purged. Delete it first.", field="id")
    return [ImagePurged(image_id=image.image_id)]


def _quarantine(image: Image, quarantine: Quarantine) -> list[ImageEvent]:
    if image.quarantine is not None:
        return []
    return [ImageQuarantined(image_id=image.image_id, code=quarantine.code, message=quarantine.message)]


def _by_people(event: ImageEvent) -> bool:
    """Whether undo goes through this event: not where a machine spoke, nor where the image came or went."""
    match event:
        case ImageDescribed(source=source) | ImageTagged(source=source) | ImageUntagged(source=source):
            return source is Source.PERSON
        case ImageRenamed() | RecipeChanged() | ImageReverted():
            return True
        case _:
            return False


def _go_back(past: ImagePast, image: Image, command: UndoImage | RedoImage | RevertImage) -> list[ImageEvent]:
    match command:
        case UndoImage():
            change = last_done(past, _by_people)
            wanted = _merged(image.revision, change.after.revision, change.before.revision)
            return _reverted(image, wanted, Return.UNDO, change.versions)
        case RedoImage():
            change = last_undone(past, _by_people)
            wanted = _merged(image.revision, change.before.revision, change.after.revision)
            return _reverted(image, wanted, Return.REDO, change.versions)
        case RevertImage(version=version):
            then = state_at(past, version)
            if then.revision == image.revision:
                return []
            return _reverted(image, then.revision, Return.REVERT, (version,))
        case _:
            assert_never(command)


def _undo_command(past: ImagePast, image: Image, command: UndoCommand) -> list[ImageEvent]:
    change: Change[Image] | None = change_by(past, command.command_id)
    if change is None:
        return []
    events: list[ImageEvent] = []
    since = [moment.state for moment in past if moment.version >= change.versions[-1]]
    if change.before.deleted != image.deleted and all(state.deleted == image.deleted for state in since):
        back = ImageRestored if image.deleted else ImageDeleted
        events.append(back(image_id=image.image_id))
    wanted = _merged(image.revision, change.after.revision, change.before.revision)
    if wanted != image.revision:
        events += _reverted(image, wanted, Return.REVERT, change.versions)
    return events


def _reverted(image: Image, revision: Revision, why: Return, of: tuple[int, ...]) -> list[ImageEvent]:
    return [
        ImageReverted(
            image_id=image.image_id,
            why=why,
            of=of,
            edits=revision.edits,
            name=revision.name,
            descriptions=revision.descriptions,
            tags=revision.tags,
        )
    ]


def _merged(now: Revision, seen: Revision, wanted: Revision) -> Revision:
    """`wanted`, where all is as `seen`; what has changed since then stays."""
    if now == seen:
        return wanted
    return Revision(
        name=wanted.name if now.name == seen.name else now.name,
        descriptions=_merged_descriptions(now.descriptions, seen.descriptions, wanted.descriptions),
        tags=_merged_tags(now.tags, seen.tags, wanted.tags),
        edits=wanted.edits if now.edits == seen.edits else now.edits,
    )


def _merged_descriptions(now: Descriptions, seen: Descriptions, wanted: Descriptions) -> Descriptions:
    chosen = {
        source: wanted.get(source) if now.get(source) == seen.get(source) else now.get(source)
        for source in Source
    }
    return {source: text for source, text in chosen.items() if text is not None}


def _merged_tags(now: tuple[Tag, ...], seen: tuple[Tag, ...], wanted: tuple[Tag, ...]) -> tuple[Tag, ...]:
    marks, before, after = ({tag.text: tag for tag in tags} for tags in (now, seen, wanted))
    merged: Final = dict(marks)
    for text in before.keys() | after.keys():
        if marks.get(text) != before.get(text):
            continue
        if text in after:
            merged[text] = after[text]
        else:
            merged.pop(text, None)
    order = dict.fromkeys(tag.text for tag in (*now, *wanted))
    return tuple(merged[text] for text in order if text in merged)
