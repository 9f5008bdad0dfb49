"""Renditions on request: by a preset or by steps of one's own, beside those that every image has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from functools import reduce
from typing import Final

from domain.edits import LARGEST_RECIPE
from domain.errors import Conflict, Erased, InvalidInput, NotFound
from domain.events import RenderingEvent, RenderingRequested
from domain.image import Image, image_stream
from domain.operations.catalogue import announced_size
from domain.output import default_output
from domain.ports.log import Append, Appended, Context, EventLog, StreamAppend
from domain.preset_shelf import PresetShelf
from domain.presets import Preset, Presets, output_for
from domain.recipe import Recipe, Step
from domain.rendering import Rendering, ask, evolve, rendering_stream
from domain.requests import Caller, request_context, retried
from domain.service import image_past, rendition_of, request
from domain.wanted_output import AS_USUAL, WantedOutput, output_from, shrinking

MOST_RENDITIONS: Final = 1_000
"""Of one image in all its life, beyond which none is made on request."""

_THERE: Final = " there"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedRendition:
    """The image as it stands, then by a preset or by these steps, or by neither."""

    image_id: str
    preset: str | None = None
    steps: tuple[Step, ...] | None = None
    output: WantedOutput = AS_USUAL


@dataclass(frozen=True, slots=True)
class RenditionDone:
    """The rendition that a request was about, and the position at which its outcome shows. `asked` False: it
    was there, or on its way."""

    image_id: str
    rendition_id: str
    position: int
    asked: bool = True


class RenditionService:
    """What may be asked about renditions. What was made is not made again."""

    def __init__(self, log: EventLog, presets: Presets) -> None:
        self._log = log
        self._presets = PresetShelf(log, presets)

    async def request(self, caller: Caller, wanted: WantedRendition, command_id: str | None) -> RenditionDone:
        """Ask for a rendition, anew where it has failed. Raises Refusal."""
        context = request_context(caller, command_id, "request rendition", asdict(wanted))
        before = None if context.fingerprint is None else await self._log.answered(context)
        if before is not None:
            return _done(before)
        return await self._ask(
            context, wanted.image_id, lambda image: self._wanted(caller.owner, image, wanted)
        )

    async def render(self, context: Context, image_id: str, preset: Preset) -> RenditionDone:
        """As `request`, by a definition of a preset, for a request that has its context already. Raises
        Refusal."""
        before = await self._log.answered(context)
        if before is not None:
            return _done(before)

        async def wanted(image: Image) -> RenderingRequested:
            if image.quarantine is not None:
                raise image.quarantine.refusal
            return _checked(request(image, preset), image)

        return await self._ask(context, image_id, wanted)

    async def _ask(
        self, context: Context, image_id: str, wanted: Callable[[Image], Awaitable[RenderingRequested]]
    ) -> RenditionDone:
        stream = image_stream(image_id)

        async def attempt() -> RenditionDone:
            image, version = await self._image(context.owner, stream)
            event = await wanted(image)
            asked = await self._asked(event)
            append = Append(
                context=context,
                # no event, but the version: what is purged meanwhile is not rendered any more
                writes=[StreamAppend(stream, (), version), asked],
                answer=f"{event.image_id} {event.rendition_id}{'' if asked.events else _THERE}",
            )
            return _done(await self._log.append(append))

        return await retried(attempt)

    async def _image(self, owner: str, stream: str) -> tuple[Image, int]:
        recorded = await self._log.read_stream(stream)
        if not recorded or recorded[0].owner != owner:
            raise NotFound("There is no such image.", field="imageId")
        latest = image_past(recorded)[-1]
        if latest.state.purged:
            raise Erased("The image was purged; nothing of it is left.", field="imageId")
        if latest.state.deleted:
            raise Conflict("The image is deleted. Restore it before it is rendered.", field="imageId")
        return latest.state, latest.version

    async def _wanted(self, owner: str, image: Image, wanted: WantedRendition) -> RenderingRequested:
        if wanted.preset is not None and wanted.steps is not None:
            raise InvalidInput("Give a preset or steps, not both.", field="steps")
        name = wanted.preset
        preset = None if name is None else await self._presets.get(owner, name, field="preset")
        return _checked(_event(image, preset, wanted), image)

    async def _asked(self, event: RenderingRequested) -> StreamAppend:
        stream = rendering_stream(event.image_id, event.rendition_id)
        recorded = await self._log.read_stream(stream)
        happened = [each.event for each in recorded if isinstance(each.event, RenderingEvent)]
        rendering: Rendering | None = reduce(evolve, happened, None)
        if rendering is None:
            await self._check_room(event.image_id)
        return StreamAppend(stream, ask(rendering, event), len(recorded))

    async def _check_room(self, image_id: str) -> None:
        if len(await self._log.streams(rendering_stream(image_id, ""))) >= MOST_RENDITIONS:
            raise Conflict(f"The image has had {MOST_RENDITIONS:,} renditions; no more are made on request.")


def _checked(event: RenderingRequested, image: Image) -> RenderingRequested:
    announced_size(event.recipe, image.header.shown_size)
    return event


def _event(image: Image, preset: Preset | None, wanted: WantedRendition) -> RenderingRequested:
    """It bears the name of the preset where it is just what that would have been."""
    usual = None if preset is None else request(image, preset)
    steps = wanted.steps or () if preset is None else preset.recipe.steps
    if len(steps) > LARGEST_RECIPE:
        raise InvalidInput(f"A recipe has at most {LARGEST_RECIPE} steps.", field="steps")
    media_type = image.header.media_type
    output = output_from(
        wanted.output, default_output(media_type) if preset is None else output_for(preset, media_type)
    )
    own = rendition_of(image, Recipe((*steps, *shrinking(wanted.output))), output)
    return usual if usual is not None and usual.rendition_id == own.rendition_id else own


def _done(appended: Appended) -> RenditionDone:
    asked = not appended.answer.endswith(_THERE)
    image_id, _, rendition_id = appended.answer.removesuffix(_THERE).partition(" ")
    return RenditionDone(image_id, rendition_id, appended.position, asked)
