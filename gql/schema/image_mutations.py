"""What may be asked of an image."""

from __future__ import annotations

from collections.abc import Callable

import strawberry

from domain.commands import (
    ChangeImage,
    DeleteImage,
    DescribeImage,
    EnableStep,
    InsertSteps,
    MoveStep,
    PurgeImage,
    RedoImage,
    RemoveStep,
    ReplaceStep,
    RestoreImage,
    RevertImage,
    SetRecipe,
    TagImage,
    UndoImage,
    UntagImage,
)
from domain.errors import Refusal
from domain.provenance import Source
from domain.service import Done, Outcome
from domain.service import Upload as UploadRequest
from gql.context import Ask, Context
from gql.schema.ids import parse_image_id
from gql.schema.image import Image, image_from
from gql.schema.payloads import COMMAND_ID, POSITION, ThingInput, UserError, user_error
from gql.schema.recipe import StepInput, step_from, steps_from
from gql.schema.scalars import Cursor
from gql.upload import UploadedFile

_SOURCE = "Who says so; what a person said is never overwritten by others."
_STEP = "The number of the step."


@strawberry.input
class UploadImageInput:
    file: UploadedFile = strawberry.field(description="By the GraphQL multipart request specification.")
    name: str | None = strawberry.field(default=None, description="Absent: the name of the file.")
    description: str = ""
    tags: list[str] = strawberry.field(default_factory=list)
    presets: list[str] | None = strawberry.field(
        default=None, description="What to render; absent: the presets of every upload."
    )
    command_id: strawberry.ID | None = strawberry.field(default=None, description=COMMAND_ID)


@strawberry.input(description="What is absent stays as it is; tags are the whole set.")
class DescribeImageInput(ThingInput):
    name: str | None = None
    description: str | None = None
    tags: list[str] | None = None
    source: Source = strawberry.field(default=Source.PERSON, description=_SOURCE)


@strawberry.input
class TagImageInput(ThingInput):
    tags: list[str]
    source: Source = strawberry.field(default=Source.PERSON, description=_SOURCE)


@strawberry.input
class SetRecipeInput(ThingInput):
    steps: list[StepInput]


@strawberry.input
class InsertStepsInput(ThingInput):
    steps: list[StepInput]
    index: int = strawberry.field(description="Before the step that stands there, counted from 0.")


@strawberry.input
class ReplaceStepInput(ThingInput):
    number: int = strawberry.field(description=_STEP)
    step: StepInput


@strawberry.input
class MoveStepInput(ThingInput):
    number: int = strawberry.field(description=_STEP)
    index: int = strawberry.field(description="Where it stands among the others, counted from 0.")


@strawberry.input
class StepNumberInput(ThingInput):
    number: int = strawberry.field(description=_STEP)


@strawberry.input
class RevertImageInput(ThingInput):
    version: int = strawberry.field(description="The version to go back to, as the history counts them.")


@strawberry.input
class AppendStepsInput(ThingInput):
    steps: list[StepInput]


@strawberry.input
class UntagImageInput(TagImageInput):
    pass


@strawberry.input
class EnableStepInput(StepNumberInput):
    pass


@strawberry.input
class DisableStepInput(StepNumberInput):
    pass


@strawberry.input
class RemoveStepInput(StepNumberInput):
    pass


@strawberry.input
class UndoImageInput(ThingInput):
    pass


@strawberry.input
class RedoImageInput(ThingInput):
    pass


@strawberry.input
class DeleteImageInput(ThingInput):
    pass


@strawberry.input
class RestoreImageInput(ThingInput):
    pass


@strawberry.input
class PurgeImageInput(ThingInput):
    pass


@strawberry.type
class UploadImagePayload:
    image: Image | None
    duplicate: bool = strawberry.field(description="These very bytes were there; `image` is what holds them.")
    position: Cursor | None = strawberry.field(description=POSITION)
    user_errors: list[UserError]


@strawberry.type
class ImagePayload:
    image: Image | None
    position: Cursor | None = strawberry.field(description=POSITION)
    user_errors: list[UserError]


@strawberry.type
class ImageMutations:
    @strawberry.mutation(
        description="Keep a picture and render it; `renditionSettled` tells when that is done."
    )
    async def upload_image(self, info: Ask, input: UploadImageInput) -> UploadImagePayload:  # noqa: A002
        context = info.context
        upload = UploadRequest(
            name=input.name or input.file.filename,
            description=input.description,
            tags=tuple(input.tags),
            presets=None if input.presets is None else tuple(input.presets),
        )
        try:
            done = await context.images.upload(context.caller, input.file.staged, upload, input.command_id)
        except Refusal as refusal:
            return UploadImagePayload(
                image=None, duplicate=False, position=None, user_errors=[user_error(refusal)]
            )
        return UploadImagePayload(
            image=await _image(done, context),
            duplicate=done.outcome is Outcome.DUPLICATE,
            position=Cursor(context.cursor(done.position)),
            user_errors=[],
        )

    @strawberry.mutation(description="Change the name, the description or the tags.")
    async def describe_image(self, info: Ask, input: DescribeImageInput) -> ImagePayload:  # noqa: A002
        return await _change(
            info.context,
            input,
            lambda image_id: DescribeImage(
                image_id=image_id,
                name=input.name,
                description=input.description,
                tags=None if input.tags is None else tuple(input.tags),
                source=input.source,
            ),
        )

    @strawberry.mutation(description="Add tags to those that are there.")
    async def tag_image(self, info: Ask, input: TagImageInput) -> ImagePayload:  # noqa: A002
        return await _change(
            info.context,
            input,
            lambda image_id: TagImage(image_id=image_id, tags=tuple(input.tags), source=input.source),
        )

    @strawberry.mutation(description="Take tags away.")
    async def untag_image(self, info: Ask, input: UntagImageInput) -> ImagePayload:  # noqa: A002
        return await _change(
            info.context,
            input,
            lambda image_id: UntagImage(image_id=image_id, tags=tuple(input.tags), source=input.source),
        )

    @strawberry.mutation(description="Give an image a recipe of its own, in place of the one it has.")
    async def set_recipe(self, info: Ask, input: SetRecipeInput) -> ImagePayload:  # noqa: A002
        return await _change(
            info.context,
            input,
            lambda image_id: SetRecipe(image_id=image_id, steps=steps_from(input.steps)),
        )

    @strawberry.mutation(description="Add steps behind the last one.")
    async def append_steps(self, info: Ask, input: AppendStepsInput) -> ImagePayload:  # noqa: A002
        return await _change(
            info.context,
            input,
            lambda image_id: InsertSteps(image_id=image_id, steps=steps_from(input.steps)),
        )

    @strawberry.mutation(description="Add steps at a place.")
    async def insert_steps(self, info: Ask, input: InsertStepsInput) -> ImagePayload:  # noqa: A002
        return await _change(
            info.context,
            input,
            lambda image_id: InsertSteps(image_id=image_id, steps=steps_from(input.steps), index=input.index),
        )

    @strawberry.mutation(description="Put another operation or other parameters in a step's place.")
    async def replace_step(self, info: Ask, input: ReplaceStepInput) -> ImagePayload:  # noqa: A002
        return await _change(
            info.context,
            input,
            lambda image_id: ReplaceStep(image_id=image_id, number=input.number, step=step_from(input.step)),
        )

    @strawberry.mutation(description="Move a step to another place.")
    async def move_step(self, info: Ask, input: MoveStepInput) -> ImagePayload:  # noqa: A002
        return await _change(
            info.context,
            input,
            lambda image_id: MoveStep(image_id=image_id, number=input.number, index=input.index),
        )

    @strawberry.mutation(description="Switch a step off; it keeps its place.")
    async def disable_step(self, info: Ask, input: DisableStepInput) -> ImagePayload:  # noqa: A002
        return await _change(
            info.context,
            input,
            lambda image_id: EnableStep(image_id=image_id, number=input.number, enabled=False),
        )

    @strawberry.mutation(description="Switch a step on again.")
    async def enable_step(self, info: Ask, input: EnableStepInput) -> ImagePayload:  # noqa: A002
        return await _change(
            info.context,
            input,
            lambda image_id: EnableStep(image_id=image_id, number=input.number, enabled=True),
        )

    @strawberry.mutation(description="Take a step out of the recipe.")
    async def remove_step(self, info: Ask, input: RemoveStepInput) -> ImagePayload:  # noqa: A002
        return await _change(
            info.context,
            input,
            lambda image_id: RemoveStep(image_id=image_id, number=input.number),
        )

    @strawberry.mutation(description="Take back the latest change that people made.")
    async def undo_image(self, info: Ask, input: UndoImageInput) -> ImagePayload:  # noqa: A002
        return await _change(info.context, input, lambda image_id: UndoImage(image_id=image_id))

    @strawberry.mutation(description="Make again what was taken back last.")
    async def redo_image(self, info: Ask, input: RedoImageInput) -> ImagePayload:  # noqa: A002
        return await _change(info.context, input, lambda image_id: RedoImage(image_id=image_id))

    @strawberry.mutation(description="Back to an earlier version, by a new one.")
    async def revert_image(self, info: Ask, input: RevertImageInput) -> ImagePayload:  # noqa: A002
        return await _change(
            info.context,
            input,
            lambda image_id: RevertImage(image_id=image_id, version=input.version),
        )

    @strawberry.mutation(description="Take an image out of all lists. It can be restored.")
    async def delete_image(self, info: Ask, input: DeleteImageInput) -> ImagePayload:  # noqa: A002
        return await _change(info.context, input, lambda image_id: DeleteImage(image_id=image_id))

    @strawberry.mutation(description="Bring a deleted image back as it was.")
    async def restore_image(self, info: Ask, input: RestoreImageInput) -> ImagePayload:  # noqa: A002
        return await _change(info.context, input, lambda image_id: RestoreImage(image_id=image_id))

    @strawberry.mutation(
        description="Destroy a deleted image for good: its bytes, its renditions and all that is said of it."
    )
    async def purge_image(self, info: Ask, input: PurgeImageInput) -> ImagePayload:  # noqa: A002
        return await _change(info.context, input, lambda image_id: PurgeImage(image_id=image_id))


async def _change(context: Context, asked: ThingInput, command: Callable[[str], ChangeImage]) -> ImagePayload:
    try:
        done = await context.images.change(
            context.caller, command(parse_image_id(asked.id)), asked.expected_version, asked.command_id
        )
    except Refusal as refusal:
        return ImagePayload(image=None, position=None, user_errors=[user_error(refusal)])
    position = Cursor(context.cursor(done.position))
    return ImagePayload(image=await _image(done, context), position=position, user_errors=[])


async def _image(done: Done, context: Context) -> Image | None:
    found = await context.read_model.image(context.caller.owner, done.image_id)
    return None if found.value is None else image_from(found.value, found.as_of, context)
