"""Commands carried out: load, decide, append. Every door of Darkroom leads here."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final

from domain.commands import ChangeImage, RestoreImage, UploadImage
from domain.errors import AlreadyClaimed, InvalidInput, NotFound, VersionConflict
from domain.events import ImageEvent, RenderingRequested
from domain.header import MediaType
from domain.image import Image, decide, image_from, image_stream
from domain.operations.catalogue import canonical
from domain.ports import (
    Append,
    Appended,
    Claim,
    ContentStore,
    Context,
    EventLog,
    Expect,
    Staged,
    StreamAppend,
)
from domain.presets import Preset, Presets, output_for
from domain.recipe import digest
from domain.rendering import rendering_stream
from domain.rendition import ENGINE, rendition_id
from domain.text import clean_description, clean_name, clean_tags

ATTEMPTS: Final = 5
"""How often a command that lost a race is decided anew, where its caller named no version."""

COMMAND_ID_LENGTH: Final = 200
_ORIGINAL: Final = "original"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and whose pictures it is about. Both are opaque ids, never names of people."""

    actor: str
    owner: str


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


@dataclass(frozen=True, slots=True)
class Done:
    """The image that a command was about, and the position at which its outcome shows."""

    image_id: str
    position: int
    duplicate: bool = False


class ImageService:
    """What may be asked about images. Each request is done once, however often it is repeated."""

    def __init__(
        self, log: EventLog, content: ContentStore, presets: Presets, upload_presets: Sequence[str]
    ) -> None:
        self._log = log
        self._content = content
        self._presets = presets
        self._upload_presets = tuple(upload_presets)

    async def upload(self, caller: Caller, staged: Staged, upload: Upload, command_id: str | None) -> Done:
        """Keep an original and ask for its renditions.

        Bytes that this owner has already are answered with the image they belong to, which is
        restored where it was deleted. Raises Refusal.
        """
        presets = self._chosen(upload.presets)
        context = _context(caller, command_id, "upload", staged.sha256, asdict(upload))
        before = await self._answered(context)
        if before is not None:
            return before
        upload = upload.cleaned()
        command = UploadImage(
            image_id=uuid.uuid4().hex,
            sha256=staged.sha256,
            byte_size=staged.byte_size,
            header=await self._content.keep(staged),
            name=upload.name,
            description=upload.description,
            tags=upload.tags,
        )
        try:
            return await self._record_upload(context, command, presets)
        except AlreadyClaimed as claimed:
            return await self._record_duplicate(context, claimed.holder, staged.sha256, presets)

    async def change(
        self, caller: Caller, command: ChangeImage, expected: int | None, command_id: str | None
    ) -> Done:
        """Describe, delete or restore. Raises Refusal.

        With an `expected` version a lost race is refused; without one the command is decided anew.
        """
        name = type(command).__name__
        context = _context(caller, command_id, name, asdict(command), expected)
        before = await self._answered(context)
        if before is not None:
            return before
        stream = image_stream(command.image_id)

        async def attempt() -> Done:
            image, version = await self._load(caller.owner, stream)
            _check_version(stream, expected, version)
            append = Append(
                context=context,
                writes=[StreamAppend(stream, decide(image, command), version)],
                answer=_answer(command.image_id, duplicate=False),
            )
            return _done(await self._log.append(append))

        return await (_retried(attempt) if expected is None else attempt())

    def _chosen(self, names: tuple[str, ...] | None) -> list[Preset]:
        chosen = self._upload_presets if names is None else names
        return [self._presets.get(name) for name in dict.fromkeys(chosen)]

    async def _answered(self, context: Context) -> Done | None:
        if context.fingerprint is None:
            return None
        appended = await self._log.answered(context)
        return None if appended is None else _done(appended)

    async def _record_upload(self, context: Context, command: UploadImage, presets: Sequence[Preset]) -> Done:
        stream = image_stream(command.image_id)
        media_type = command.header.media_type
        requests = [request(command.image_id, command.sha256, media_type, preset) for preset in presets]
        append = Append(
            context=context,
            writes=[
                StreamAppend(stream, decide(None, command), Expect.NO_STREAM),
                *(_requested(event) for event in requests),
            ],
            claims=[Claim(_ORIGINAL, command.sha256, stream)],
            answer=_answer(command.image_id, duplicate=False),
        )
        return _done(await self._log.append(append))

    async def _record_duplicate(
        self, context: Context, stream: str, sha256: str, presets: Sequence[Preset]
    ) -> Done:
        """Restore what was deleted, and ask for what was not rendered yet."""

        async def attempt() -> Done:
            image, version = await self._load(context.owner, stream)
            events = decide(image, RestoreImage(image_id=image.image_id))
            media_type = image.header.media_type
            requests = [request(image.image_id, sha256, media_type, preset) for preset in presets]
            missing = [event for event in requests if not await self._is_requested(event)]
            append = Append(
                context=context,
                writes=[StreamAppend(stream, events, version), *(_requested(event) for event in missing)],
                answer=_answer(image.image_id, duplicate=True),
            )
            return _done(await self._log.append(append))

        return await _retried(attempt)

    async def _is_requested(self, event: RenderingRequested) -> bool:
        return bool(await self._log.read_stream(rendering_stream(event.image_id, event.rendition_id)))

    async def _load(self, owner: str, stream: str) -> tuple[Image, int]:
        recorded = await self._log.read_stream(stream)
        image = image_from(event.event for event in recorded if isinstance(event.event, ImageEvent))
        if image is None or recorded[0].owner != owner:
            raise NotFound("There is no such image.", field="id")
        return image, recorded[-1].version


def request(image_id: str, original: str, media_type: MediaType, preset: Preset) -> RenderingRequested:
    """The rendition of an original by a preset, with all that it depends on."""
    output = output_for(preset, media_type)
    recipe = canonical(preset.recipe)
    return RenderingRequested(
        image_id=image_id,
        rendition_id=rendition_id(original, recipe, output, ENGINE),
        preset=preset.name,
        original=original,
        recipe=recipe,
        output=output,
        engine=ENGINE,
    )


def _requested(event: RenderingRequested) -> StreamAppend:
    stream = rendering_stream(event.image_id, event.rendition_id)
    return StreamAppend(stream, [event], Expect.NO_STREAM)


def _context(caller: Caller, command_id: str | None, *body: object) -> Context:
    if command_id is None:
        return Context(command_id=str(uuid.uuid4()), actor=caller.actor, owner=caller.owner)
    if not 0 < len(command_id) <= COMMAND_ID_LENGTH or not command_id.isprintable():
        raise InvalidInput(
            f"A commandId has 1 to {COMMAND_ID_LENGTH} printable characters; a UUID is a good one.",
            field="commandId",
        )
    return Context(command_id=command_id, actor=caller.actor, owner=caller.owner, fingerprint=digest([*body]))


def _check_version(stream: str, expected: int | None, current: int) -> None:
    if expected is not None and expected != current:
        raise VersionConflict(stream, expected=f"version {expected}", current=current)


async def _retried(attempt: Callable[[], Awaitable[Done]]) -> Done:
    for _ in range(ATTEMPTS - 1):
        try:
            return await attempt()
        except VersionConflict:
            continue
    return await attempt()


def _answer(image_id: str, *, duplicate: bool) -> str:
    return f"{image_id} {'duplicate' if duplicate else 'new'}"


def _done(appended: Appended) -> Done:
    image_id, _, kind = appended.answer.partition(" ")
    return Done(image_id, appended.position, duplicate=kind == "duplicate")
