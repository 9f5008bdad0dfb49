"""A history in which everything happens that can happen."""

from __future__ import annotations

from collections.abc import Iterator

from domain.events import (
    Event,
    ImageDeleted,
    ImageDescribed,
    ImageRenamed,
    ImageRestored,
    ImageTagged,
    ImageUntagged,
    RenderingFailed,
    RenderingFinished,
    RenderingStarted,
)
from domain.header import MediaType
from domain.ports.log import Append
from domain.provenance import Source
from domain.rendering import rendering_stream
from tests.examples import append, new_id, requested, uploaded

RENDITIONS = ("b" * 32, "c" * 32)


def life() -> Iterator[Append]:
    """One image: uploaded, rendered twice, once in vain, and described; each event a command."""
    image_id = new_id()
    done, failed = RENDITIONS
    yield of(image_id, uploaded(image_id, tags=("Cat", "sea"), name=f"{image_id}.jpg"))
    yield of(image_id, requested(image_id, done))
    yield of(image_id, requested(image_id, failed, "grayscale-300"))
    yield of(image_id, RenderingStarted(image_id=image_id, rendition_id=done, attempt=1))
    yield of(image_id, ImageTagged(image_id=image_id, source=Source.PERSON, tags=("dog",)))
    yield of(image_id, finished(image_id, done))
    yield of(image_id, RenderingStarted(image_id=image_id, rendition_id=failed, attempt=1))
    yield of(image_id, ImageRenamed(image_id=image_id, name="new.jpg"))
    yield of(image_id, RenderingFailed(image_id=image_id, rendition_id=failed, code="X", message="Why."))
    yield of(image_id, ImageUntagged(image_id=image_id, source=Source.PERSON, tags=("Cat",)))
    yield of(image_id, ImageDescribed(image_id=image_id, source=Source.PERSON, description="Lots of sea."))
    yield of(image_id, ImageDeleted(image_id=image_id))
    yield of(image_id, ImageRestored(image_id=image_id))


def of(image_id: str, event: Event) -> Append:
    rendition_id = getattr(event, "rendition_id", None)
    return append(
        f"image-{image_id}" if rendition_id is None else rendering_stream(image_id, rendition_id), event
    )


def finished(image_id: str, rendition_id: str) -> RenderingFinished:
    return RenderingFinished(
        image_id=image_id,
        rendition_id=rendition_id,
        sha256="e" * 64,
        byte_size=7,
        media_type=MediaType.WEBP,
        width=256,
        height=192,
    )


EVENTS = len(list(life()))
