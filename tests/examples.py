"""Things that many tests need one of."""

from __future__ import annotations

import uuid

from domain.events import Event, ImageUploaded, RenderingRequested
from domain.header import ImageHeader, MediaType
from domain.output import Output
from domain.ports.log import Append, Claim, Context, Expect, Expectation, StreamAppend
from domain.recipe import Recipe, Step

OWNER = "owner-1"
ACTOR = "actor-1"
HEADER = ImageHeader(MediaType.JPEG, 640, 480)


def new_id() -> str:
    return uuid.uuid4().hex


def uploaded(image_id: str = "a" * 32, **changes: object) -> ImageUploaded:
    values: dict[str, object] = {
        "image_id": image_id,
        "sha256": (image_id * 2)[:64],
        "byte_size": 1000,
        "media_type": MediaType.JPEG,
        "width": 640,
        "height": 480,
        "orientation": 1,
        "frames": 1,
        "presets": (),
        "name": "beach.jpg",
        "description": "",
        "tags": (),
    }
    return ImageUploaded(**values | changes)  # type: ignore[arg-type]


def requested(image_id: str, rendition_id: str = "b" * 32, preset: str = "thumbnail") -> RenderingRequested:
    return RenderingRequested(
        image_id=image_id,
        rendition_id=rendition_id,
        preset=preset,
        original=(image_id * 2)[:64],
        recipe=Recipe((Step("resize", {"width": 256, "height": 256}),)),
        edits=0,
        output=Output(MediaType.WEBP, 80),
        engine="1",
    )


def context(command_id: str | None = None, fingerprint: str | None = None, owner: str = OWNER) -> Context:
    return Context(command_id=command_id or new_id(), actor=ACTOR, owner=owner, fingerprint=fingerprint)


def append(
    stream: str,
    *events: Event,
    expect: Expectation = Expect.ANY,
    claims: tuple[Claim, ...] = (),
    command_id: str | None = None,
    fingerprint: str | None = None,
    owner: str = OWNER,
    answer: str = "",
) -> Append:
    return Append(
        context=context(command_id, fingerprint, owner),
        writes=[StreamAppend(stream, events, expect)],
        claims=claims,
        answer=answer,
    )
