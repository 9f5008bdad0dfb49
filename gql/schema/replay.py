"""What a replay of a preset would do."""

from __future__ import annotations

import strawberry

from domain.errors import Refusal
from domain.ports.views import ImageView, ReplayFate
from domain.presets import Preset as DomainPreset
from domain.presets import output_for
from domain.recipe import Recipe, recipe_of
from gql.context import Context
from gql.http.previews import Preview
from gql.schema.catalogue import Preset, preset_from
from gql.schema.image import Image, image_from


@strawberry.type(description="An image that a replay would render.")
class ReplaySample:
    image: Image
    before: str | None = strawberry.field(description="The URL of what it shows; null until that is made.")
    after: str | None = strawberry.field(
        description="The URL of what it would show, made when it is asked for, without any loss where the "
        "preset says AVIF; null where its steps are too long for a URL, or do not fit the image."
    )


@strawberry.type(description="What a replay of a preset would do now: a dry run.")
class PresetReplay:
    preset: Preset = strawberry.field(description="Its newest version, which images would show.")
    total: int = strawberry.field(description="Images that have a rendition by the preset.")
    to_render: int = strawberry.field(description="Those that would be rendered anew.")
    there: int = strawberry.field(description="Those that have such a rendition, or soon will.")
    deleted: int = strawberry.field(description="Those that cannot be rendered, being deleted.")
    quarantined: int = strawberry.field(description="Those that cannot be rendered, being quarantined.")
    sample: list[ReplaySample] = strawberry.field(
        description="The newest of the images that would be rendered anew."
    )


async def preset_replay(name: str, sample: int, context: Context) -> PresetReplay:
    """Raises Refusal."""
    found = await context.replays.dry_run(context.caller, name, sample)
    preset, counts = found.value.preset, found.value.counts
    return PresetReplay(
        preset=preset_from(preset, found.as_of, context),
        total=counts.total(),
        to_render=counts[ReplayFate.TO_RENDER],
        there=counts[ReplayFate.THERE],
        deleted=counts[ReplayFate.DELETED],
        quarantined=counts[ReplayFate.QUARANTINED],
        sample=[_sample(image, preset, found.as_of, context) for image in found.value.sample],
    )


def _sample(image: ImageView, preset: DomainPreset, as_of: int, context: Context) -> ReplaySample:
    shown = image.shown(preset.name)
    return ReplaySample(
        image=image_from(image, as_of, context),
        before=None if shown is None else context.urls.rendition(shown),
        after=_after(image, preset, context),
    )


def _after(image: ImageView, preset: DomainPreset, context: Context) -> str | None:
    recipe = Recipe((*recipe_of(image.edits).steps, *preset.recipe.steps))
    try:
        preview = Preview.by(image, recipe, output_for(preset, image.media_type))
        return context.urls.preview(image.image_id, preview)
    except Refusal:
        return None
