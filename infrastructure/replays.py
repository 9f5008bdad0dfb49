"""Carries out replays of presets: renditions by the new version, then one switch for all images.

A page of images is asked for at a time, and the next one when all of it is rendered, so that uploads do not
wait behind thousands of renderings. What has not ended in the log is taken up again after a restart: a page
that was cut off is asked for again, and answered where it was asked for already.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import aclosing
from functools import reduce
from typing import Final

import anyio

from domain.bulk import BulkOperation, Counts, finish, progress
from domain.bulk_service import Loaded
from domain.commands import ShowPreset
from domain.errors import Refusal
from domain.events import RenderingEvent
from domain.ports.log import EventLog, StreamAppend
from domain.ports.read_model import ReadModel
from domain.preset import decide
from domain.preset_shelf import PresetShelf
from domain.presets import Preset
from domain.rendering import Phase, Rendering, evolve, rendering_stream
from domain.rendition_service import RenditionDone, RenditionService
from infrastructure.operation_log import child_context, patiently, record
from infrastructure.operation_runner import OperationRunner

PAGE: Final = 100
_SETTLED: Final = frozenset({Phase.FINISHED, Phase.FAILED})

log = logging.getLogger("darkroom.replays")


class ReplayRunner(OperationRunner):
    """Works through running replays, a page of images at a time."""

    def __init__(
        self, event_log: EventLog, read_model: ReadModel, renditions: RenditionService, shelf: PresetShelf
    ) -> None:
        super().__init__(event_log, read_model, replays=True)
        self._renditions = renditions
        self._shelf = shelf

    async def _advance(self, loaded: Loaded) -> None:
        operation = loaded.operation
        preset = None if operation.cancelled else await self._preset(operation)
        page = () if preset is None else await self._page(loaded, preset)
        if preset is None or not page:
            await self._end(loaded)
            return
        counts = await self._render(loaded, preset, [image_id for _, image_id in page])
        await record(self._log, loaded, lambda now: progress(now, page[-1][0], counts))

    async def _preset(self, operation: BulkOperation) -> Preset | None:
        """As it is replayed; None where it was removed."""
        started = operation.started
        shelved = await self._shelf.by_id(started.preset_id)
        return None if shelved is None else shelved.preset.version(started.preset_version)

    async def _page(self, loaded: Loaded, preset: Preset) -> Sequence[tuple[int, str]]:
        """The next images that have a rendition by the preset, each behind its position."""
        operation, owner = loaded.operation, loaded.first.owner
        as_of = operation.started.selection.as_of
        return await self._read_model.rendered_by(owner, preset.name, operation.through, PAGE, as_of)

    async def _render(self, loaded: Loaded, preset: Preset, image_ids: Sequence[str]) -> Counts:
        """Ask for all, and wait for them."""
        position = self._log.head
        answers: list[RenditionDone | None] = []

        async def ask(image_id: str) -> None:
            async with self._places:
                answers.append(await self._ask(loaded, preset, image_id))

        async with anyio.create_task_group() as tasks:
            for image_id in image_ids:
                tasks.start_soon(ask, image_id)
        done = [each for each in answers if each is not None]
        failed = await self._failed(frozenset(map(_stream, done)), position)
        return sum((_count(each, failed) for each in done), Counts(refused=len(answers) - len(done)))

    async def _ask(self, loaded: Loaded, preset: Preset, image_id: str) -> RenditionDone | None:
        context = child_context(loaded, image_id)
        try:
            return await patiently(lambda: self._renditions.render(context, image_id, preset))
        except Refusal as refusal:
            log.info("the image %s was refused: %s", image_id, refusal.code)
            return None

    async def _failed(self, streams: frozenset[str], position: int) -> frozenset[str]:
        """Which of these renderings failed, once all have come to an end. `position` is from before they
        were asked for."""
        phases = {stream: await self._phase(stream) for stream in streams}
        async with aclosing(self._log.follow(position)) as following:
            while not _SETTLED.issuperset(phases.values()):
                recorded = await anext(following)
                if recorded.stream in streams:
                    phases[recorded.stream] = await self._phase(recorded.stream)
        return frozenset(stream for stream, phase in phases.items() if phase is Phase.FAILED)

    async def _phase(self, stream: str) -> Phase:
        recorded = await self._log.read_stream(stream)
        events = [each.event for each in recorded if isinstance(each.event, RenderingEvent)]
        rendering: Rendering | None = reduce(evolve, events, None)
        return Phase.WAITING if rendering is None else rendering.phase

    async def _end(self, loaded: Loaded) -> None:
        """The end and the switch are one append: before it all images show the former version."""
        await self._log.forget([loaded.first.stream])
        await record(self._log, loaded, finish, self._switch)

    async def _switch(self, operation: BulkOperation) -> Sequence[StreamAppend]:
        started = operation.started
        shelved = None if operation.cancelled else await self._shelf.by_id(started.preset_id)
        if shelved is None:
            return ()
        command = ShowPreset(preset_id=started.preset_id, version=started.preset_version)
        return [StreamAppend(shelved.stream, decide(shelved.preset, command), shelved.version)]


def _stream(done: RenditionDone) -> str:
    return rendering_stream(done.image_id, done.rendition_id)


def _count(done: RenditionDone, failed: frozenset[str]) -> Counts:
    if _stream(done) in failed:
        return Counts(failed=1)
    return Counts(changed=1) if done.asked else Counts(unchanged=1)
