"""Renditions on request."""

from __future__ import annotations

import strawberry

from domain.errors import Refusal
from domain.rendition_service import RenditionDone, WantedRendition
from domain.wanted_output import AS_USUAL
from gql.context import Ask, Context
from gql.schema.events import find_rendition
from gql.schema.ids import parse_image_id
from gql.schema.image import Image, Rendition, image_from
from gql.schema.output import OutputInput
from gql.schema.payloads import COMMAND_ID, POSITION, UserError, user_error
from gql.schema.recipe import StepInput, steps_from
from gql.schema.scalars import Cursor


@strawberry.input(description="The image as it stands, by a preset or by steps, or just written otherwise.")
class RequestRenditionInput:
    image_id: strawberry.ID
    preset: str | None = None
    steps: list[StepInput] | None = strawberry.field(default=None, description="In place of a preset's.")
    output: OutputInput | None = None
    command_id: strawberry.ID | None = strawberry.field(default=None, description=COMMAND_ID)


@strawberry.type
class RenditionPayload:
    rendition: Rendition | None = strawberry.field(description="`renditionSettled` tells when it is made.")
    image: Image | None
    position: Cursor | None = strawberry.field(description=POSITION)
    user_errors: list[UserError]


@strawberry.type
class RenditionMutations:
    @strawberry.mutation(
        description="Ask for a lasting rendition. What was made is answered and not made again; what has "
        "failed is tried again."
    )
    async def request_rendition(self, info: Ask, input: RequestRenditionInput) -> RenditionPayload:  # noqa: A002
        context = info.context
        try:
            done = await context.renditions.request(context.caller, _wanted(input), input.command_id)
        except Refusal as refusal:
            return RenditionPayload(
                rendition=None, image=None, position=None, user_errors=[user_error(refusal)]
            )
        return await _answer(context, done)


def _wanted(asked: RequestRenditionInput) -> WantedRendition:
    """Raises InvalidId."""
    return WantedRendition(
        image_id=parse_image_id(asked.image_id, field="imageId"),
        preset=asked.preset,
        steps=None if asked.steps is None else steps_from(asked.steps),
        output=AS_USUAL if asked.output is None else asked.output.to_domain(),
    )


async def _answer(context: Context, done: RenditionDone) -> RenditionPayload:
    found = await context.read_model.image(context.caller.owner, done.image_id)
    return RenditionPayload(
        rendition=await find_rendition(context, done.image_id, done.rendition_id),
        image=None if found.value is None else image_from(found.value, found.as_of, context),
        position=Cursor(context.cursor(done.position)),
        user_errors=[],
    )
