"""Commands on albums carried out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from domain.album import AlbumPast, album_stream, decide, evolve
from domain.commands import AddToAlbum, AlbumCommand, ChangeAlbum, CreateAlbum
from domain.errors import InvalidInput, NotFound
from domain.events import AlbumEvent
from domain.history import remember
from domain.image import image_stream
from domain.ports.log import Append, Appended, Context, EventLog, Expect, RecordedEvent, StreamAppend
from domain.requests import Caller, check_version, request_context, retried


@dataclass(frozen=True, slots=True)
class AlbumDone:
    """The album that a command was about, and the position at which its outcome shows."""

    album_id: str
    position: int


class AlbumService:
    """What may be asked about albums. Each request is done once, however often it is repeated."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    async def create(self, caller: Caller, command: CreateAlbum, command_id: str | None) -> AlbumDone:
        """The album's id is the server's to choose: a repeated request is answered with the first one.

        Raises Refusal.
        """
        context = request_context(caller, command_id, "create album", command.name, command.description)
        stream = album_stream(command.album_id)
        write = StreamAppend(stream, decide((), command), Expect.NO_STREAM)
        append = Append(context=context, writes=[write], answer=command.album_id)
        return _done(await self._log.append(append))

    async def change(
        self, caller: Caller, command: ChangeAlbum, expected: int | None, command_id: str | None
    ) -> AlbumDone:
        """Carry out a command on an album that is there. Raises Refusal.

        With an `expected` version a lost race is refused; without one the command is decided anew.
        """
        name = type(command).__name__
        return await self.carry_out(
            request_context(caller, command_id, name, asdict(command), expected), command, expected
        )

    async def carry_out(
        self, context: Context, command: ChangeAlbum, expected: int | None = None
    ) -> AlbumDone:
        """As `change`, for a request that has its context already. Raises Refusal."""
        before = await self._log.answered(context)
        if before is not None:
            return _done(before)
        await self._check_images(context.owner, command)
        stream = album_stream(command.album_id)

        async def attempt() -> AlbumDone:
            past = await self._load(context, stream)
            check_version(stream, expected, past[-1].version)
            write = StreamAppend(stream, decide(past, command), past[-1].version)
            append = Append(context=context, writes=[write], answer=command.album_id)
            return _done(await self._log.append(append))

        return await (retried(attempt) if expected is None else attempt())

    async def _check_images(self, owner: str, command: AlbumCommand) -> None:
        """Raises InvalidInput where an image to be added is not there."""
        if not isinstance(command, AddToAlbum):
            return
        streams = [image_stream(image_id) for image_id in command.image_ids]
        owners = await self._log.owners(streams)
        missing = sum(owners.get(stream) != owner for stream in streams)
        if missing:
            raise InvalidInput(f"{missing} of these images are not there.", field="images")

    async def _load(self, context: Context, stream: str) -> AlbumPast:
        recorded = await self._log.read_stream(stream)
        if not recorded or recorded[0].owner != context.owner:
            raise NotFound("There is no such album.", field="id")
        return album_past(recorded)


def album_past(recorded: Sequence[RecordedEvent]) -> AlbumPast:
    """What an album's stream says."""
    events = (
        (each.version, each.command_id, each.event) for each in recorded if isinstance(each.event, AlbumEvent)
    )
    return remember(events, evolve)


def _done(appended: Appended) -> AlbumDone:
    return AlbumDone(appended.answer, appended.position)
