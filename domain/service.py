"""Commands on images carried out: load, decide, append. Every door of Darkroom leads here."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Final

from domain.commands import ChangeImage, RestoreImage, UploadImage
from domain.errors import AlreadyClaimed, Erased, NotFound
from domain.events import ImageEvent, ImagePurged, RenderingRequested
from domain.history import remember
from domain.image import Image, ImagePast, decide, evolve, image_stream
from domain.operations.catalogue import canonical
from domain.output import Output
from domain.ports.content import ContentStore, Staged
from domain.ports.log import Append, Appended, Claim, Context, EventLog, Expect, RecordedEvent, StreamAppend
from domain.preset_shelf import PresetShelf
from domain.presets import Preset, Presets, output_for
from domain.recipe import Recipe
from domain.rendering import rendering_stream
from domain.rendition import ENGINE, rendition_id
from domain.requests import Caller, check_version, request_context, retried
from domain.text import clean_description, clean_name, clean_tags

_ORIGINAL: Final = "original"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """What is asked of an upload, beside the bytes."""

    name: str
    description: str = ""
    tags: tuple[str, ...] = ()
    presets: tuple[str, ...] | None = None
    """None: the presets that every upload is rendered by."""

    def cleaned(self) -> Upload:
        """What is wrong with it is found before any bytes are kept. Raises InvalidInput."""
        return replace(
            self,
            name=clean_name(self.name),
            description=clean_description(self.description),
            tags=clean_tags(self.tags),
        )


class Outcome(StrEnum):
    """What a command came to; kept with its command id."""

    NEW = "new"
    DUPLICATE = "duplicate"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Done:
    """The image that a command was about, and the position at which its outcome shows."""

    image_id: str
    position: int
    outcome: Outcome


class ImageService:
    """What may be asked about images. Each request is done once, however often it is repeated."""

    def __init__(
        self, log: EventLog, content: ContentStore, presets: Presets, upload_presets: Sequence[str]
    ) -> None:
        self._log = log
        self._content = content
        self._presets = PresetShelf(log, presets)
        self._upload_presets = tuple(upload_presets)

    async def upload(self, caller: Caller, staged: Staged, upload: Upload, command_id: str | None) -> Done:
        """Keep an original and ask for its renditions.

        Bytes that this owner has already are answered with the image they belong to, which is
        restored where it was deleted. Raises Refusal.
        """
        context = request_context(caller, command_id, "upload", staged.sha256, asdict(upload))
        before = await self._answered(context)
        if before is not None:
            return before
        presets = await self._chosen(caller.owner, upload.presets)
        upload = upload.cleaned()
        command = UploadImage(
            image_id=uuid.uuid4().hex,
            sha256=staged.sha256,
            byte_size=staged.byte_size,
            header=await self._content.keep(staged),
            name=upload.name,
            description=upload.description,
            tags=upload.tags,
            presets=tuple(preset.name for preset in presets),
        )
        while True:
            try:
                return await self._record_upload(context, command, presets)
            except AlreadyClaimed as claimed:
                with suppress(Erased):  # purged since, which gave up the claim
                    return await self._record_duplicate(context, claimed.holder, presets)

    async def change(
        self, caller: Caller, command: ChangeImage, expected: int | None, command_id: str | None
    ) -> Done:
        """Carry out a command on an image that is there. Raises Refusal.

        With an `expected` version a lost race is refused; without one the command is decided anew.
        """
        name = type(command).__name__
        return await self.carry_out(
            request_context(caller, command_id, name, asdict(command), expected), command, expected
        )

    async def carry_out(self, context: Context, command: ChangeImage, expected: int | None = None) -> Done:
        """As `change`, for a request that has its context already. Raises Refusal."""
        before = await self._answered(context)
        if before is not None:
            return before
        stream = image_stream(command.image_id)

        async def attempt() -> Done:
            past = await self._load(context.owner, stream)
            check_version(stream, expected, past[-1].version)
            append = await self._changed(context, past, decide(past, command))
            return _done(await self._log.append(append))

        return await (retried(attempt) if expected is None else attempt())

    async def _changed(self, context: Context, past: ImagePast, events: Sequence[ImageEvent]) -> Append:
        """The outcome of a command: another recipe asks for other renditions, and a purge frees the bytes
        for a new upload."""
        before = after = past[-1].state
        for event in events:
            after = evolve(after, event)
        writes = [StreamAppend(image_stream(before.image_id), events, past[-1].version)]
        if after.recipe != before.recipe:
            found = [await self._presets.find(context.owner, name) for name in after.presets]
            writes += await self._missing(after, [preset for preset in found if preset is not None])
        gone = any(isinstance(event, ImagePurged) for event in events)
        outcome = Outcome.CHANGED if events else Outcome.UNCHANGED
        return Append(
            context=context,
            writes=writes,
            releases=[_claim(after)] if gone else [],
            answer=_answer(before.image_id, outcome),
        )

    async def _chosen(self, owner: str, names: tuple[str, ...] | None) -> list[Preset]:
        chosen = self._upload_presets if names is None else names
        return [await self._presets.get(owner, name, field="presets") for name in dict.fromkeys(chosen)]

    async def _answered(self, context: Context) -> Done | None:
        if context.fingerprint is None:
            return None
        appended = await self._log.answered(context)
        return None if appended is None else _done(appended)

    async def _record_upload(self, context: Context, command: UploadImage, presets: Sequence[Preset]) -> Done:
        stream = image_stream(command.image_id)
        events = decide((), command)
        image = evolve(None, events[0])
        append = Append(
            context=context,
            writes=[
                StreamAppend(stream, events, Expect.NO_STREAM),
                *(_requested(request(image, preset)) for preset in presets),
            ],
            claims=[_claim(image)],
            answer=_answer(command.image_id, Outcome.NEW),
        )
        return _done(await self._log.append(append))

    async def _record_duplicate(self, context: Context, stream: str, presets: Sequence[Preset]) -> Done:
        """Restore what was deleted, and ask for what was not rendered yet."""

        async def attempt() -> Done:
            past = await self._load(context.owner, stream)
            image = past[-1].state
            events = decide(past, RestoreImage(image_id=image.image_id))
            append = Append(
                context=context,
                writes=[
                    StreamAppend(stream, events, past[-1].version),
                    *await self._missing(image, presets),
                ],
                answer=_answer(image.image_id, Outcome.DUPLICATE),
            )
            return _done(await self._log.append(append))

        return await retried(attempt)

    async def _missing(self, image: Image, presets: Sequence[Preset]) -> list[StreamAppend]:
        """Requests for the renditions that were never asked for."""
        requests = [_requested(request(image, preset)) for preset in presets]
        there = await self._log.owners([each.stream for each in requests])
        return [each for each in requests if each.stream not in there]

    async def _load(self, owner: str, stream: str) -> ImagePast:
        recorded = await self._log.read_stream(stream)
        if not recorded or recorded[0].owner != owner:
            raise NotFound("There is no such image.", field="id")
        return image_past(recorded)


def image_past(recorded: Sequence[RecordedEvent]) -> ImagePast:
    """What an image's stream says."""
    events = (
        (each.version, each.command_id, each.event) for each in recorded if isinstance(each.event, ImageEvent)
    )
    return remember(events, evolve)


def request(image: Image, preset: Preset) -> RenderingRequested:
    """The rendition of an image as it stands by a preset, with all that it depends on."""
    output = output_for(preset, image.header.media_type)
    return rendition_of(image, preset.recipe, output, preset.name, preset.version)


def rendition_of(
    image: Image, recipe: Recipe, output: Output, preset: str = "", version: int = 0
) -> RenderingRequested:
    """The rendition of an image as it stands by further steps, with all that it depends on."""
    own = canonical(image.recipe)
    whole = Recipe((*own.steps, *canonical(recipe).steps))
    return RenderingRequested(
        image_id=image.image_id,
        rendition_id=rendition_id(image.original, whole, output, ENGINE),
        preset=preset,
        original=image.original,
        recipe=whole,
        edits=len(own.steps),
        output=output,
        engine=ENGINE,
        preset_version=version,
    )


def _requested(event: RenderingRequested) -> StreamAppend:
    stream = rendering_stream(event.image_id, event.rendition_id)
    return StreamAppend(stream, [event], Expect.NO_STREAM)


def _claim(image: Image) -> Claim:
    return Claim(_ORIGINAL, image.original, image_stream(image.image_id))


def _answer(image_id: str, outcome: Outcome) -> str:
    return f"{image_id} {outcome}"


def _done(appended: Appended) -> Done:
    image_id, _, outcome = appended.answer.partition(" ")
    return Done(image_id, appended.position, Outcome(outcome))
