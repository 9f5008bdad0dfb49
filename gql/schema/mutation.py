"""What may be asked to change."""

from __future__ import annotations

from collections.abc import Callable

import strawberry

from domain.commands import ChangeImage, DeleteImage, DescribeImage, RestoreImage
from domain.errors import Refusal
from domain.service import Done, Outcome
from domain.service import Upload as UploadRequest
from gql.context import Ask, Context
from gql.schema.ids import parse_image_id
from gql.schema.image import Image, image_from
from gql.schema.scalars import Cursor
from gql.upload import UploadedFile

_COMMAND_ID = (
    "Yours to choose, a UUID for example: a request that repeats it is done once and answered alike."
)
_EXPECTED = "Refuse with VERSION_CONFLICT where the image is at another version by now."
_POSITION = "Where the outcome stands in the log; null where nothing was done."


@strawberry.type(description="Why a request was not carried out; nothing was changed.")
class UserError:
    code: str = strawberry.field(description="Stable: programs may match on it.")
    message: str = strawberry.field(description="What was wrong, and what would be right.")
    field: list[str] | None = strawberry.field(description="The part of the input that it is about.")


@strawberry.input
class UploadImageInput:
    file: UploadedFile = strawberry.field(description="By the GraphQL multipart request specification.")
    name: str | None = strawberry.field(default=None, description="Absent: the name of the file.")
    description: str = ""
    tags: list[str] = strawberry.field(default_factory=list)
    presets: list[str] | None = strawberry.field(
        default=None, description="What to render; absent: the presets of every upload."
    )
    command_id: strawberry.ID | None = strawberry.field(default=None, description=_COMMAND_ID)


@strawberry.input(description="What is absent stays as it is; tags are the whole set.")
class DescribeImageInput:
    id: strawberry.ID
    name: str | None = None
    description: str | None = None
    tags: list[str] | None = None
    expected_version: int | None = strawberry.field(default=None, description=_EXPECTED)
    command_id: strawberry.ID | None = strawberry.field(default=None, description=_COMMAND_ID)


@strawberry.input
class DeleteImageInput:
    id: strawberry.ID
    expected_version: int | None = strawberry.field(default=None, description=_EXPECTED)
    command_id: strawberry.ID | None = strawberry.field(default=None, description=_COMMAND_ID)


@strawberry.input
class RestoreImageInput:
    id: strawberry.ID
    expected_version: int | None = strawberry.field(default=None, description=_EXPECTED)
    command_id: strawberry.ID | None = strawberry.field(default=None, description=_COMMAND_ID)


@strawberry.type
class UploadImagePayload:
    image: Image | None
    duplicate: bool = strawberry.field(description="These very bytes were there; `image` is what holds them.")
    position: Cursor | None = strawberry.field(description=_POSITION)
    user_errors: list[UserError]


@strawberry.type
class ImagePayload:
    image: Image | None
    position: Cursor | None = strawberry.field(description=_POSITION)
    user_errors: list[UserError]


@strawberry.type
class Mutation:
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
        def command(image_id: str) -> DescribeImage:
            tags = None if input.tags is None else tuple(input.tags)
            return DescribeImage(image_id=image_id, name=input.name, description=input.description, tags=tags)

        return await _change(info.context, input, command)

    @strawberry.mutation(description="Take an image out of all lists. It can be restored.")
    async def delete_image(self, info: Ask, input: DeleteImageInput) -> ImagePayload:  # noqa: A002
        return await _change(info.context, input, lambda image_id: DeleteImage(image_id=image_id))

    @strawberry.mutation(description="Bring a deleted image back as it was.")
    async def restore_image(self, info: Ask, input: RestoreImageInput) -> ImagePayload:  # noqa: A002
        return await _change(info.context, input, lambda image_id: RestoreImage(image_id=image_id))


def user_error(refusal: Refusal) -> UserError:
    field = None if refusal.field is None else [refusal.field]
    return UserError(code=refusal.code, message=refusal.message, field=field)


async def _change(
    context: Context,
    asked: DescribeImageInput | DeleteImageInput | RestoreImageInput,
    command: Callable[[str], ChangeImage],
) -> ImagePayload:
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
