"""Carries out replays of presets: renditions by the new version, then one switch for all images.

A page of images is asked for at a time, and the next one when all of it is rendered, so that uploads do not
wait behind thousands of renderings. What has not ended in the log is taken up again after a restart: a page
that was cut off is asked for again, and answered where it was asked for already.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from functools import reduce
from typing import Final

import anyio

from domain.bulk import BulkOperation, Counts, finish, progress
from domain.bulk_service import Loaded, load
from domain.commands import ShowPreset
from domain.errors import Refusal
from domain.events import (
    BulkAction,
    OperationStarted,
    RenderingEvent,
)
from domain.ports import EventLog, OperationView, ReadModel, StreamAppend
from domain.preset import decide
from domain.preset_shelf import PresetShelf
from domain.presets import Preset
from domain.rendering import Phase, Rendering, evolve, rendering_stream
from domain.rendition_service import RenditionDone, RenditionService
from infrastructure.operation_log import child_context, patiently, record

PAGE: Final = 100
AT_ONCE: Final = 8
"""Requests on their way to the log's writer. Uploads come to the same one, and are to find it free."""

IN_TURN: Final = 16
"""Replays in work, a page of each in turn."""

BACKOFF_SECONDS: Final = 0.5

_SETTLED: Final = frozenset({Phase.FINISHED, Phase.FAILED})

log = logging.getLogger("darkroom.replays")


class ReplayRunner:
    """Works through running replays, a page of images at a time."""

    def __init__(
        self, event_log: EventLog, read_model: ReadModel, renditions: RenditionService, shelf: PresetShelf
    ) -> None:
        self._log = event_log
        self._read_model = read_model
        self._renditions = renditions
        self._shelf = shelf
        self._places = anyio.Semaphore(AT_ONCE)
        self._asked = anyio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work while the context lasts. What is cut off at its end is taken up at the next start."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._listen)
            tasks.start_soon(self._work)
            yield
            tasks.cancel_scope.cancel()

    async def _listen(self) -> None:
        async for recorded in self._log.follow(self._log.head):
            event = recorded.event
            if isinstance(event, OperationStarted) and event.action is BulkAction.REPLAY:
                self._asked.set()

    async def _work(self) -> None:
        while True:
            self._asked = anyio.Event()
            running = await self._read_model.running_operations(IN_TURN, replays=True)
            for view in running:
                await self._turn(view)
            if not running:
                await self._asked.wait()

    async def _turn(self, view: OperationView) -> None:
        try:
            loaded = await load(self._log, view.owner, view.operation_id)
            if loaded is not None:
                await self._advance(loaded)
        except Exception:
            log.exception("the replay %s", view.operation_id)
            await anyio.sleep(BACKOFF_SECONDS)

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
        """None where the selection was erased, which is the last thing before the end."""
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
