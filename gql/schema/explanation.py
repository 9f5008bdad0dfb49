"""How a rendition came to be."""

from __future__ import annotations

from datetime import datetime

import strawberry

from domain.explanation import Explanation, explanation
from domain.output import Output
from domain.rendering import rendering_stream
from gql.context import Context
from gql.schema.recipe import RecipeStep, recipe_step
from gql.schema.scalars import DateTime


@strawberry.type(description="All that was done to the original, in order.")
class RenderedRecipe:
    steps: list[RecipeStep]
    own: int = strawberry.field(description="How many of the first steps are the image's own.")


@strawberry.type(description="How a rendition is written.")
class RenditionOutput:
    media_type: str
    quality: int | None = strawberry.field(description="1 to 100; null where there is no loss.")
    lossless: bool = strawberry.field(description="Written without loss in a format that has the choice.")
    background: str | None = strawberry.field(description="What transparency is shown on; null: kept.")


@strawberry.type(description="A library that a rendition was made with.")
class Codec:
    name: str
    version: str


@strawberry.type(description="What a rendition was made of, how, and with what, as the log tells it.")
class RenditionExplanation:
    original_sha256: str
    preset: str = strawberry.field(description="Empty where steps or an output of one's own were asked for.")
    preset_version: int = strawberry.field(description="The version of the preset; 0: built in, or none.")
    recipe: RenderedRecipe
    output: RenditionOutput
    engine: str = strawberry.field(
        description="The version of Darkroom's operations: the same one gives the same pixels."
    )
    codecs: list[Codec] = strawberry.field(
        description="The libraries that it was made with; none until it is made, and of old renditions."
    )
    started_at: DateTime | None = strawberry.field(description="Of the last attempt.")
    finished_at: DateTime | None = strawberry.field(description="When it was made, or had failed.")
    attempts: int = strawberry.field(description="Since it was last asked for.")


async def explained(
    context: Context, image_id: str, rendition_id: str, position: int | None
) -> RenditionExplanation | None:
    """As of a position, or of now; None where nothing was requested by then."""
    recorded = await context.log.read_stream(rendering_stream(image_id, rendition_id))
    found = explanation(each for each in recorded if position is None or each.position <= position)
    return None if found is None else _shown(found)


def rendition_output(output: Output) -> RenditionOutput:
    return RenditionOutput(
        media_type=output.media_type,
        quality=output.quality,
        lossless=output.lossless,
        background=output.background,
    )


def _moment(time: datetime | None) -> DateTime | None:
    return None if time is None else DateTime(time)


def _shown(explained: Explanation) -> RenditionExplanation:
    request = explained.request
    steps = [recipe_step(step) for step in request.recipe.steps]
    return RenditionExplanation(
        original_sha256=request.original,
        preset=request.preset,
        preset_version=request.preset_version,
        recipe=RenderedRecipe(steps=steps, own=request.edits),
        output=rendition_output(request.output),
        engine=request.engine,
        codecs=[Codec(name=name, version=version) for name, version in explained.made_with.items()],
        started_at=_moment(explained.started_at),
        finished_at=_moment(explained.finished_at),
        attempts=explained.attempts,
    )
