"""Images, their originals and their renditions."""

from __future__ import annotations

import strawberry

from domain.image import image_stream
from domain.ports import ImageState, ImageView, RenditionState, RenditionView
from domain.provenance import Source
from gql.context import Ask, Context
from gql.schema.ids import image_global_id, rendition_global_id
from gql.schema.log_items import EventConnection, VersionPage
from gql.schema.recipe import ImageRecipe, image_recipe
from gql.schema.scalars import Cursor, DateTime

strawberry.enum(
    ImageState,
    description="Whether it is there; deleted, and can be restored; or purged, with nothing left of it.",
)
strawberry.enum(
    Source, name="MetadataSource", description="Who says so: people outrank files, files machines."
)
strawberry.enum(RenditionState, description="How far the making of a rendition is.")


@strawberry.interface(description="A thing with a global id.")
class Node:
    id: strawberry.ID


@strawberry.type(description="The bytes as uploaded, which never change.")
class Original:
    url: str = strawberry.field(description="Serves the bytes as a download.")
    byte_size: int
    media_type: str
    width: int = strawberry.field(description="In pixels, as the picture is shown.")
    height: int = strawberry.field(description="In pixels, as the picture is shown.")
    sha256: str = strawberry.field(description="Of the bytes, in hex.")
    frames: int = strawberry.field(description="More than one in an animation; the first one is rendered.")


@strawberry.type(description="Why a rendition could not be made.")
class RenditionFailure:
    code: str
    message: str


@strawberry.type(description="How a picture ended those who worked on it.")
class Quarantine:
    code: str
    message: str


@strawberry.type(description="The result of a preset on an original.")
class Rendition(Node):
    preset: str
    state: RenditionState
    url: str | None = strawberry.field(description="Serves the bytes, which never change; null until READY.")
    width: int | None = strawberry.field(description="In pixels; null until READY.")
    height: int | None = strawberry.field(description="In pixels; null until READY.")
    byte_size: int | None
    media_type: str
    failure: RenditionFailure | None


@strawberry.type(description="A tag and who gave it.")
class ImageTag:
    text: str
    source: Source


@strawberry.type(description="An original, what is said about it, and what was made of it.")
class Image(Node):
    name: str = strawberry.field(description="The name of the file, until somebody changes it.")
    description: str
    description_source: Source | None = strawberry.field(description="Who says so; null where nobody does.")
    tags: list[str]
    tag_sources: list[ImageTag] = strawberry.field(description="The tags, and who gave each of them.")
    recipe: ImageRecipe = strawberry.field(description="What is done to its pixels, before any preset.")
    state: ImageState
    version: int = strawberry.field(description="Counts the changes; give it as expectedVersion.")
    uploaded_at: DateTime
    uploaded_by: str
    original: Original
    renditions: list[Rendition] = strawberry.field(description="Those of its recipe as it stands.")
    quarantine: Quarantine | None = strawberry.field(
        description="Why its pixels are not worked on any more; null where they are. The original can be had."
    )
    key: strawberry.Private[str]
    as_of: Cursor = strawberry.field(description="What this answer has seen of the log.")

    @strawberry.field(description="The newest rendition by a preset, if one was asked for.")
    def rendition(self, preset: str) -> Rendition | None:
        return next((made for made in reversed(self.renditions) if made.preset == preset), None)

    @strawberry.field(description="All that was done to it, up to this version, the first first.")
    async def history(
        self,
        info: Ask,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> EventConnection:
        from gql.schema.history import history  # noqa: PLC0415  (events show images)

        page = VersionPage.of(first, after, last, before, self.version)
        return await history(image_stream(self.key), page, info.context)


def image_from(view: ImageView, as_of: int, context: Context) -> Image:
    return Image(
        id=strawberry.ID(image_global_id(view.image_id)),
        name=view.name,
        description=view.description,
        description_source=view.description_source,
        tags=[tag.text for tag in view.tags],
        tag_sources=[ImageTag(text=tag.text, source=tag.source) for tag in view.tags],
        recipe=image_recipe(view.edits),
        key=view.image_id,
        state=view.state,
        version=view.version,
        uploaded_at=DateTime(view.uploaded_at),
        uploaded_by=view.uploaded_by,
        original=Original(
            url=context.urls.original(view),
            byte_size=view.byte_size,
            media_type=view.media_type,
            width=view.width,
            height=view.height,
            sha256=view.sha256,
            frames=view.frames,
        ),
        renditions=[rendition_from(rendition, context) for rendition in view.renditions],
        quarantine=_quarantine(view),
        as_of=Cursor(context.cursor(as_of)),
    )


def _quarantine(view: ImageView) -> Quarantine | None:
    if view.quarantine is None:
        return None
    return Quarantine(code=view.quarantine.code, message=view.quarantine.message)


def rendition_from(view: RenditionView, context: Context) -> Rendition:
    return Rendition(
        id=strawberry.ID(rendition_global_id(view.image_id, view.rendition_id)),
        preset=view.preset,
        state=view.state,
        url=context.urls.rendition(view),
        width=view.width,
        height=view.height,
        byte_size=view.byte_size,
        media_type=view.media_type,
        failure=_failure(view),
    )


def _failure(view: RenditionView) -> RenditionFailure | None:
    if view.failure_code is None:
        return None
    return RenditionFailure(code=view.failure_code, message=view.failure_message or "")
