"""An image: what may be done to it, and what it is after all that has happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from domain.commands import DeleteImage, DescribeImage, ImageCommand, RestoreImage, UploadImage
from domain.errors import Conflict, NotFound
from domain.events import (
    ImageDeleted,
    ImageDescribed,
    ImageEvent,
    ImageRenamed,
    ImageRestored,
    ImageTagged,
    ImageUntagged,
    ImageUploaded,
)
from domain.header import ImageHeader
from domain.text import clean_description, clean_name, clean_tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    image_id: str
    original: str
    header: ImageHeader
    name: str
    description: str
    tags: tuple[str, ...]
    deleted: bool = False


def image_stream(image_id: str) -> str:
    return f"image-{image_id}"


def decide(image: Image | None, command: ImageCommand) -> Sequence[ImageEvent]:
    """The events that a command leads to: none where all is as asked already. Raises Refusal."""
    if isinstance(command, UploadImage):
        return _upload(image, command)
    if image is None:
        raise NotFound("There is no such image.", field="id")
    match command:
        case DescribeImage():
            return _describe(image, command)
        case DeleteImage():
            return [] if image.deleted else [ImageDeleted(image_id=image.image_id)]
        case RestoreImage():
            return [ImageRestored(image_id=image.image_id)] if image.deleted else []
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
            return replace(image, name=event.name)
        case ImageDescribed():
            return replace(image, description=event.description)
        case ImageTagged():
            return replace(image, tags=tagged(image.tags, event.tags))
        case ImageUntagged():
            return replace(image, tags=untagged(image.tags, event.tags))
        case ImageDeleted():
            return replace(image, deleted=True)
        case ImageRestored():
            return replace(image, deleted=False)
        case _:
            assert_never(event)


def image_from(events: Iterable[ImageEvent]) -> Image | None:
    image: Image | None = None
    for event in events:
        image = evolve(image, event)
    return image


def tagged(tags: tuple[str, ...], added: tuple[str, ...]) -> tuple[str, ...]:
    return (*tags, *(tag for tag in added if tag not in tags))


def untagged(tags: tuple[str, ...], removed: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(tag for tag in tags if tag not in removed)


def _upload(image: Image | None, command: UploadImage) -> list[ImageEvent]:
    if image is not None:
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
            name=clean_name(command.name),
            description=clean_description(command.description),
            tags=clean_tags(command.tags),
        )
    ]


def _describe(image: Image, command: DescribeImage) -> list[ImageEvent]:
    if image.deleted:
        raise Conflict("The image is deleted. Restore it before it is described.", field="id")
    return [
        *_rename(image, command.name),
        *_redescribe(image, command.description),
        *_retag(image, command.tags),
    ]


def _rename(image: Image, name: str | None) -> list[ImageEvent]:
    clean = image.name if name is None else clean_name(name)
    return [] if clean == image.name else [ImageRenamed(image_id=image.image_id, name=clean)]


def _redescribe(image: Image, description: str | None) -> list[ImageEvent]:
    clean = image.description if description is None else clean_description(description)
    if clean == image.description:
        return []
    return [ImageDescribed(image_id=image.image_id, description=clean)]


def _retag(image: Image, tags: tuple[str, ...] | None) -> list[ImageEvent]:
    wanted = image.tags if tags is None else clean_tags(tags)
    removed, added = untagged(image.tags, wanted), untagged(wanted, image.tags)
    events: list[ImageEvent] = []
    if removed:
        events.append(ImageUntagged(image_id=image.image_id, tags=removed))
    if added:
        events.append(ImageTagged(image_id=image.image_id, tags=added))
    return events


def _uploaded(event: ImageUploaded) -> Image:
    return Image(
        image_id=event.image_id,
        original=event.sha256,
        header=ImageHeader(event.media_type, event.width, event.height, event.frames, event.orientation),
        name=event.name,
        description=event.description,
        tags=event.tags,
    )
