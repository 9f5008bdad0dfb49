"""What may be asked of many images at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import strawberry

from domain.bulk_service import OperationDone
from domain.commands import StartOperation
from domain.errors import Refusal, UnknownName
from domain.events import BulkAction
from domain.query import ImageFilter
from domain.recipe import Step
from gql.context import Ask, Context
from gql.schema.ids import parse_image_id, parse_operation_id
from gql.schema.images import ImageFilterInput
from gql.schema.operations import BulkOperation, operation_from
from gql.schema.payloads import COMMAND_ID, POSITION, UserError, user_error
from gql.schema.recipe import StepInput, steps_from
from gql.schema.scalars import Cursor


@strawberry.input(one_of=True, description="These images, or all that a filter finds when you ask.")
class ImageSelection:
    ids: list[strawberry.ID] | None = strawberry.UNSET
    filter: ImageFilterInput | None = strawberry.UNSET

    def to_domain(self) -> tuple[str, ...] | ImageFilter:
        """Raises InvalidId, InvalidInput and UnknownName."""
        if self.filter:
            return self.filter.to_domain()
        return tuple(parse_image_id(image, field="images") for image in self.ids or ())


@strawberry.input
class ImagesInput:
    images: ImageSelection
    command_id: strawberry.ID | None = strawberry.field(default=None, description=COMMAND_ID)


@strawberry.input
class TagImagesInput(ImagesInput):
    tags: list[str]


@strawberry.input
class UntagImagesInput(TagImagesInput):
    pass


@strawberry.input
class SetRecipesInput(ImagesInput):
    steps: list[StepInput]


@strawberry.input
class DeleteImagesInput(ImagesInput):
    pass


@strawberry.input
class RestoreImagesInput(ImagesInput):
    pass


@strawberry.input
class PurgeImagesInput(ImagesInput):
    pass


@strawberry.input
class OperationInput:
    id: strawberry.ID
    command_id: strawberry.ID | None = strawberry.field(default=None, description=COMMAND_ID)


@strawberry.input
class UndoOperationInput(OperationInput):
    pass


@strawberry.input
class CancelOperationInput(OperationInput):
    pass


@strawberry.input
class EraseOwnerInput:
    owner: strawberry.ID = strawberry.field(
        description="Whose images and albums are destroyed; your own, named so that it is no mistake."
    )
    command_id: strawberry.ID | None = strawberry.field(default=None, description=COMMAND_ID)


@strawberry.type
class OperationPayload:
    operation: BulkOperation | None = strawberry.field(
        description="It goes on by itself; `events` with its id as `operationId` tells how far it is."
    )
    position: Cursor | None = strawberry.field(description=POSITION)
    user_errors: list[UserError]


@strawberry.type
class OperationMutations:
    @strawberry.mutation(description="Add tags to many images.")
    async def tag_images(self, info: Ask, input: TagImagesInput) -> OperationPayload:  # noqa: A002
        return await _start(info.context, input, BulkAction.TAG, tags=tuple(input.tags))

    @strawberry.mutation(description="Take tags away from many images.")
    async def untag_images(self, info: Ask, input: UntagImagesInput) -> OperationPayload:  # noqa: A002
        return await _start(info.context, input, BulkAction.UNTAG, tags=tuple(input.tags))

    @strawberry.mutation(description="Give many images the same recipe.")
    async def set_recipes(self, info: Ask, input: SetRecipesInput) -> OperationPayload:  # noqa: A002
        return await _start(info.context, input, BulkAction.SET_RECIPE, steps=steps_from(input.steps))

    @strawberry.mutation(description="Take many images out of all lists. They can be restored.")
    async def delete_images(self, info: Ask, input: DeleteImagesInput) -> OperationPayload:  # noqa: A002
        return await _start(info.context, input, BulkAction.DELETE)

    @strawberry.mutation(description="Bring many deleted images back as they were.")
    async def restore_images(self, info: Ask, input: RestoreImagesInput) -> OperationPayload:  # noqa: A002
        return await _start(info.context, input, BulkAction.RESTORE)

    @strawberry.mutation(description="Destroy many deleted images for good.")
    async def purge_images(self, info: Ask, input: PurgeImagesInput) -> OperationPayload:  # noqa: A002
        return await _start(info.context, input, BulkAction.PURGE)

    @strawberry.mutation(description="Take back what an operation did, but for what was changed again since.")
    async def undo_operation(self, info: Ask, input: UndoOperationInput) -> OperationPayload:  # noqa: A002
        context = info.context
        return await operation_answer(
            context,
            lambda: context.bulk.undo(context.caller, parse_operation_id(input.id), input.command_id),
        )

    @strawberry.mutation(description="Have an operation end early; what it has done stays.")
    async def cancel_operation(self, info: Ask, input: CancelOperationInput) -> OperationPayload:  # noqa: A002
        context = info.context
        return await operation_answer(
            context,
            lambda: context.bulk.cancel(context.caller, parse_operation_id(input.id), input.command_id),
        )

    @strawberry.mutation(
        description="Destroy all images and albums of an owner for good. There is no way back."
    )
    async def erase_owner(self, info: Ask, input: EraseOwnerInput) -> OperationPayload:  # noqa: A002
        context = info.context

        def carry_out() -> Awaitable[OperationDone]:
            if input.owner != context.caller.owner:
                raise UnknownName("owner", input.owner, {context.caller.owner}, field="owner")
            return context.bulk.erase(context.caller, input.command_id)

        return await operation_answer(context, carry_out)


async def _start(
    context: Context,
    asked: ImagesInput,
    action: BulkAction,
    tags: tuple[str, ...] = (),
    steps: tuple[Step, ...] = (),
) -> OperationPayload:
    def carry_out() -> Awaitable[OperationDone]:
        images = asked.images.to_domain()
        command = StartOperation(action=action, images=images, tags=tags, steps=steps)
        return context.bulk.start(context.caller, command, asked.command_id)

    return await operation_answer(context, carry_out)


async def operation_answer(
    context: Context, carry_out: Callable[[], Awaitable[OperationDone]]
) -> OperationPayload:
    try:
        done = await carry_out()
    except Refusal as refusal:
        return OperationPayload(operation=None, position=None, user_errors=[user_error(refusal)])
    found = await context.read_model.operation(context.caller.owner, done.operation_id)
    return OperationPayload(
        operation=None if found.value is None else operation_from(found.value, found.as_of, context),
        position=Cursor(context.cursor(done.position)),
        user_errors=[],
    )
