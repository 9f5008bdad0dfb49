"""What may be asked of albums."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Sequence

import strawberry

from domain.album_service import AlbumDone
from domain.commands import (
    AddToAlbum,
    ChangeAlbum,
    CreateAlbum,
    DeleteAlbum,
    DescribeAlbum,
    MoveInAlbum,
    PurgeAlbum,
    RedoAlbum,
    RemoveFromAlbum,
    RestoreAlbum,
    RevertAlbum,
    UndoAlbum,
)
from domain.errors import Refusal
from gql.context import Ask, Context
from gql.schema.albums import Album, album_from
from gql.schema.ids import parse_album_id, parse_image_id
from gql.schema.payloads import COMMAND_ID, POSITION, ThingInput, UserError, user_error
from gql.schema.scalars import Cursor


@strawberry.input
class CreateAlbumInput:
    name: str
    description: str = ""
    command_id: strawberry.ID | None = strawberry.field(default=None, description=COMMAND_ID)


@strawberry.input(description="What is absent stays as it is.")
class DescribeAlbumInput(ThingInput):
    name: str | None = None
    description: str | None = None


@strawberry.input
class AddToAlbumInput(ThingInput):
    images: list[strawberry.ID]
    index: int | None = strawberry.field(
        default=None, description="Before the image that stands there, counted from 0; absent: at the end."
    )


@strawberry.input
class RemoveFromAlbumInput(ThingInput):
    images: list[strawberry.ID]


@strawberry.input
class MoveInAlbumInput(ThingInput):
    images: list[strawberry.ID]
    index: int = strawberry.field(
        description="Where the first of them stands among the others, counted from 0."
    )


@strawberry.input
class RevertAlbumInput(ThingInput):
    version: int = strawberry.field(description="The version to go back to, as the history counts them.")


@strawberry.input
class UndoAlbumInput(ThingInput):
    pass


@strawberry.input
class RedoAlbumInput(ThingInput):
    pass


@strawberry.input
class DeleteAlbumInput(ThingInput):
    pass


@strawberry.input
class RestoreAlbumInput(ThingInput):
    pass


@strawberry.input
class PurgeAlbumInput(ThingInput):
    pass


@strawberry.type
class AlbumPayload:
    album: Album | None
    position: Cursor | None = strawberry.field(description=POSITION)
    user_errors: list[UserError]


@strawberry.type
class AlbumMutations:
    @strawberry.mutation(description="An empty album.")
    async def create_album(self, info: Ask, input: CreateAlbumInput) -> AlbumPayload:  # noqa: A002
        context = info.context
        command = CreateAlbum(album_id=uuid.uuid4().hex, name=input.name, description=input.description)
        return await _answer(
            context, lambda: context.albums.create(context.caller, command, input.command_id)
        )

    @strawberry.mutation(description="Change the name or the description.")
    async def describe_album(self, info: Ask, input: DescribeAlbumInput) -> AlbumPayload:  # noqa: A002
        return await _change(
            info.context,
            input,
            lambda album_id: DescribeAlbum(album_id=album_id, name=input.name, description=input.description),
        )

    @strawberry.mutation(description="Add images; those that are in it stay where they are.")
    async def add_to_album(self, info: Ask, input: AddToAlbumInput) -> AlbumPayload:  # noqa: A002
        return await _change(
            info.context,
            input,
            lambda album_id: AddToAlbum(
                album_id=album_id, image_ids=_image_ids(input.images), index=input.index
            ),
        )

    @strawberry.mutation(description="Take images out of it; they stay where else they are.")
    async def remove_from_album(self, info: Ask, input: RemoveFromAlbumInput) -> AlbumPayload:  # noqa: A002
        return await _change(
            info.context,
            input,
            lambda album_id: RemoveFromAlbum(album_id=album_id, image_ids=_image_ids(input.images)),
        )

    @strawberry.mutation(description="Move images to another place, together.")
    async def move_in_album(self, info: Ask, input: MoveInAlbumInput) -> AlbumPayload:  # noqa: A002
        return await _change(
            info.context,
            input,
            lambda album_id: MoveInAlbum(
                album_id=album_id, image_ids=_image_ids(input.images), index=input.index
            ),
        )

    @strawberry.mutation(description="Take back the latest change.")
    async def undo_album(self, info: Ask, input: UndoAlbumInput) -> AlbumPayload:  # noqa: A002
        return await _change(info.context, input, lambda album_id: UndoAlbum(album_id=album_id))

    @strawberry.mutation(description="Make again what was taken back last.")
    async def redo_album(self, info: Ask, input: RedoAlbumInput) -> AlbumPayload:  # noqa: A002
        return await _change(info.context, input, lambda album_id: RedoAlbum(album_id=album_id))

    @strawberry.mutation(description="Back to an earlier version, by a new one.")
    async def revert_album(self, info: Ask, input: RevertAlbumInput) -> AlbumPayload:  # noqa: A002
        return await _change(
            info.context,
            input,
            lambda album_id: RevertAlbum(album_id=album_id, version=input.version),
        )

    @strawberry.mutation(description="Take an album out of all lists; its images stay. It can be restored.")
    async def delete_album(self, info: Ask, input: DeleteAlbumInput) -> AlbumPayload:  # noqa: A002
        return await _change(info.context, input, lambda album_id: DeleteAlbum(album_id=album_id))

    @strawberry.mutation(description="Bring a deleted album back as it was.")
    async def restore_album(self, info: Ask, input: RestoreAlbumInput) -> AlbumPayload:  # noqa: A002
        return await _change(info.context, input, lambda album_id: RestoreAlbum(album_id=album_id))

    @strawberry.mutation(description="Destroy a deleted album for good; its images stay.")
    async def purge_album(self, info: Ask, input: PurgeAlbumInput) -> AlbumPayload:  # noqa: A002
        return await _change(info.context, input, lambda album_id: PurgeAlbum(album_id=album_id))


def _image_ids(images: Sequence[strawberry.ID]) -> tuple[str, ...]:
    return tuple(parse_image_id(image, field="images") for image in images)


async def _change(context: Context, asked: ThingInput, command: Callable[[str], ChangeAlbum]) -> AlbumPayload:
    return await _answer(
        context,
        lambda: context.albums.change(
            context.caller, command(parse_album_id(asked.id)), asked.expected_version, asked.command_id
        ),
    )


async def _answer(context: Context, carry_out: Callable[[], Awaitable[AlbumDone]]) -> AlbumPayload:
    try:
        done = await carry_out()
    except Refusal as refusal:
        return AlbumPayload(album=None, position=None, user_errors=[user_error(refusal)])
    found = await context.read_model.album(context.caller.owner, done.album_id)
    return AlbumPayload(
        album=None if found.value is None else album_from(found.value, found.as_of, context),
        position=Cursor(context.cursor(done.position)),
        user_errors=[],
    )
