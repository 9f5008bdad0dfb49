"""Images, their originals and their renditions."""

from __future__ import annotations

import strawberry

from domain.errors import InvalidInput, NotFound
from domain.image import image_stream
from domain.levels import Levels
from domain.operations.catalogue import announced_size, canonical
from domain.paging import DEFAULT_PAGE, page_size
from domain.ports.views import ImageState, ImageView, RenditionState, RenditionView
from domain.preset_shelf import PresetShelf
from domain.provenance import Source
from domain.recipe import Edit, Recipe, recipe_of
from domain.wanted_output import AS_USUAL
from gql.context import Ask, Context
from gql.http.previews import Preview
from gql.http.transforms import Transform, TransformsOff
from gql.schema.explanation import RenditionExplanation, explained
from gql.schema.findings import Camera, Location, Metadata, findings_of
from gql.schema.ids import image_global_id, rendition_global_id
from gql.schema.log_items import EventConnection, VersionPage
from gql.schema.output import OutputInput
from gql.schema.recipe import ImageRecipe, StepInput, image_recipe, steps_from
from gql.schema.region import RegionInput, region_from
from gql.schema.responsive import ResponsiveImage, responsive
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


@strawberry.type(description="The result of a recipe on an original.")
class Rendition(Node):
    preset: str = strawberry.field(description="Empty where steps or an output of one's own were asked for.")
    state: RenditionState
    url: str | None = strawberry.field(description="Serves the bytes, which never change; null until READY.")
    width: int | None = strawberry.field(description="In pixels; null until READY.")
    height: int | None = strawberry.field(description="In pixels; null until READY.")
    byte_size: int | None
    media_type: str
    failure: RenditionFailure | None
    image_key: strawberry.Private[str]
    key: strawberry.Private[str]
    moment: strawberry.Private[int | None]

    @strawberry.field(description="What it is made of, how, and with what.")
    async def explain(self, info: Ask) -> RenditionExplanation | None:
        return await explained(info.context, self.image_key, self.key, self.moment)


@strawberry.type(description="A tag and who gave it.")
class ImageTag:
    text: str
    source: Source


@strawberry.type(description="Pixels of each of 256 levels, from dark to light; of 16 bits the high byte.")
class Histogram:
    red: list[int]
    green: list[int]
    blue: list[int]
    luminance: list[int] = strawberry.field(description="The luma of ITU-R BT.601: 0.299, 0.587, 0.114.")

    @classmethod
    def of(cls, levels: Levels) -> Histogram:
        return cls(
            red=list(levels.red),
            green=list(levels.green),
            blue=list(levels.blue),
            luminance=list(levels.luminance),
        )


@strawberry.type(description="In pixels.")
class Dimensions:
    width: int
    height: int


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
    renditions: list[Rendition] = strawberry.field(
        description="Those of its recipe as it stands; of each preset the one that is shown."
    )
    examined: bool = strawberry.field(
        description="Whether the original has been examined; until then, and "
        "where that failed, nothing is known of what follows."
    )
    taken_at: DateTime | None = strawberry.field(
        description="By the camera's clock; as if in UTC where it recorded no offset."
    )
    camera: Camera | None
    metadata: Metadata | None = strawberry.field(description="What the file says of the picture.")
    location: Location | None = strawberry.field(
        description="Where it was taken; always null where the server is set to hide it (DARKROOM_LOCATIONS)."
    )
    placeholder: str | None = strawberry.field(
        description="The picture blurred, to be shown until it is there: a ThumbHash in base64."
    )
    pixel_hash: str | None = strawberry.field(
        description="In hex; the same for the same picture whatever file it is in."
    )
    perceptual_hash: str | None = strawberry.field(
        description="In hex; few of its 64 bits differ where two pictures look nearly the same."
    )
    quarantine: Quarantine | None = strawberry.field(
        description="Why its pixels are not worked on any more; null where they are. The original can be had."
    )
    key: strawberry.Private[str]
    view: strawberry.Private[ImageView]
    moment: strawberry.Private[int | None]
    as_of: Cursor = strawberry.field(description="What this answer has seen of the log.")

    @strawberry.field(
        description="The rendition that is shown of a preset, if one was asked for: by the preset's shown "
        "version, or the newest that is ready where that one is not."
    )
    def rendition(self, preset: str) -> Rendition | None:
        return next((made for made in reversed(self.renditions) if made.preset == preset), None)

    @strawberry.field(
        description="Those of its recipe as it stands, by whatever version of a preset, the oldest first."
    )
    def all_renditions(self, info: Ask) -> list[Rendition]:
        return [rendition_from(made, info.context, self.moment) for made in self.view.renditions]

    @strawberry.field(
        description="The URL of a JPEG, or a PNG where it is transparent, made when it is asked for: at most "
        "so many pixels wide (1 to 4,096). By the image's recipe, or by other steps instead, on trial, of "
        "which nothing is recorded. It may differ from a rendition by what nobody sees. Once the image has "
        "another recipe, the URL by its own former one is not found."
    )
    async def preview(self, info: Ask, width: int, steps: list[StepInput] | None = None) -> str:
        trial = None if steps is None else steps_from(steps)
        if trial is None and self.moment is not None:
            trial = recipe_of(self.view.edits).steps
        if trial is not None:
            announced_size(Recipe(trial), (self.original.width, self.original.height))
        return info.context.urls.preview(self.key, Preview.of(width, self.recipe.hash, trial))

    @strawberry.field(
        description="The URL of a picture made when it is asked for: the image by its recipe as it stands, "
        "then by these steps. Without a format it is a JPEG, or a PNG where it is transparent; AVIF is for "
        "renditions. It lasts for ever, or for so many seconds. Refused where the server makes pictures by "
        "presets alone."
    )
    async def transform_url(
        self,
        info: Ask,
        steps: list[StepInput] | None = None,
        output: OutputInput | None = None,
        expires_in: int | None = None,
    ) -> str:
        url = info.context.urls.transform
        if url is None:
            raise TransformsOff("This server makes pictures by presets alone: DARKROOM_TRANSFORMS says so.")
        wanted = AS_USUAL if output is None else output.to_domain()
        return url(self.key, Transform.of(self.view, steps_from(steps or ()), wanted, expires_in))

    @strawberry.field(
        description="The URL of the image by its recipe as a service of the IIIF Image API 3.0, level 2, for "
        "viewers that zoom into large pictures. Once the image has another recipe, it is not found."
    )
    def iiif(self, info: Ask) -> str:
        return info.context.urls.iiif(self.key, self.recipe.hash)

    @strawberry.field(
        description="What an img element takes to load the width that fits: the image by its recipe, then by "
        "a preset if one is named, in these widths as far as it has them."
    )
    async def responsive(
        self, info: Ask, preset: str | None = None, widths: list[int] | None = None, sizes: str = "100vw"
    ) -> ResponsiveImage:
        context, found = info.context, None
        if preset is not None:
            shelf = PresetShelf(context.log, context.presets)
            found = await shelf.shown(context.caller.owner, self.view, preset)
            if found is None:
                found = await shelf.get(context.caller.owner, preset, field="preset")
        return responsive(self.view, found, widths, sizes, context)

    @strawberry.field(
        description="How large the picture is after so many steps of its recipe: 0 is the original, absent "
        "all of them. Where a step trims it, the most that it can be."
    )
    async def dimensions(self, after_steps: int | None = None) -> Dimensions:
        recipe = recipe_of(_first_steps(self.view.edits, after_steps))
        width, height = announced_size(recipe, (self.original.width, self.original.height))
        return Dimensions(width=width, height=height)

    @strawberry.field(
        description="How often each level occurs in the picture after so many steps of its recipe: 0 is the "
        "original, absent all of them. Or after other steps instead, on trial. The region is in pixels of "
        "the picture there; a feather means nothing."
    )
    async def histogram(
        self,
        info: Ask,
        region: RegionInput | None = None,
        after_steps: int | None = None,
        steps: list[StepInput] | None = None,
    ) -> Histogram:
        if steps is not None and after_steps is not None:
            raise InvalidInput("Give steps or how many of the recipe's, not both.", field="afterSteps")
        own = recipe_of(_first_steps(self.view.edits, after_steps))
        recipe = own if steps is None else canonical(Recipe(steps_from(steps)))
        if self.state is not ImageState.ACTIVE:
            raise NotFound("The image is deleted. Restore it first.")
        part = None if region is None else region_from(region)
        return Histogram.of(await info.context.histograms.count(self.view.source, recipe, part))

    @strawberry.field(
        description="Other images that show exactly the same, from whatever file; deleted ones are left out."
    )
    async def same_pixels(self, info: Ask, first: int = DEFAULT_PAGE) -> list[Image]:
        context, (limit, _) = info.context, page_size(first, None)
        owner = context.caller.owner
        found = await context.read_model.same_pixels(owner, self.key, limit, self.moment)
        return [image_from(view, found.as_of, context, self.moment) for view in found.value]

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


def _first_steps(edits: tuple[Edit, ...], count: int | None) -> tuple[Edit, ...]:
    if count is not None and not 0 <= count <= len(edits):
        message = f"The recipe has {len(edits)} steps; afterSteps is 0 to {len(edits)}, not {count}."
        raise InvalidInput(message, field="afterSteps")
    return edits[:count]


def image_from(view: ImageView, as_of: int, context: Context, moment: int | None = None) -> Image:
    """`moment`: the position that was asked about; None: as it is."""
    return Image(
        id=strawberry.ID(image_global_id(view.image_id)),
        name=view.name,
        description=view.description,
        description_source=view.description_source,
        tags=[tag.text for tag in view.tags],
        tag_sources=[ImageTag(text=tag.text, source=tag.source) for tag in view.tags],
        recipe=image_recipe(view.edits),
        key=view.image_id,
        view=view,
        moment=moment,
        **findings_of(view.findings, context),
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
        renditions=[rendition_from(rendition, context, moment) for rendition in view.shown_renditions],
        quarantine=_quarantine(view),
        as_of=Cursor(context.cursor(as_of)),
    )


def _quarantine(view: ImageView) -> Quarantine | None:
    if view.quarantine is None:
        return None
    return Quarantine(code=view.quarantine.code, message=view.quarantine.message)


def rendition_from(view: RenditionView, context: Context, moment: int | None = None) -> Rendition:
    """`moment` as in `image_from`."""
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
        image_key=view.image_id,
        key=view.rendition_id,
        moment=moment,
    )


def _failure(view: RenditionView) -> RenditionFailure | None:
    if view.failure_code is None:
        return None
    return RenditionFailure(code=view.failure_code, message=view.failure_message or "")
