"""Carries out what the log asks for: every requested rendering comes to exactly one end.

What has no end in the log is taken up again after a restart. Nothing else is remembered: the
attempts of a rendering are its RenderingStarted events, recorded before anything is decoded.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple, TypeGuard

import anyio
from anyio.abc import TaskGroup

from domain.errors import TooSlow, Unavailable, VersionConflict
from domain.events import RenderingEvent, RenderingRequested, RenderingStarted
from domain.ports.content import ContentStore, Hold
from domain.ports.log import Append, Context, EventLog, StreamAppend
from domain.ports.pending import PendingRendering
from domain.ports.read_model import ReadModel
from domain.ports.rendering import Renderer, RenderFailure, RenderJob, RenderOutcome
from domain.quarantine import Quarantine, is_quick
from domain.rendering import Phase, Rendering, refused, rendering_stream, settle, start
from infrastructure.deaths import Deaths
from infrastructure.quarantines import quarantine_image

ACTOR: Final = "darkroom"
PAGE: Final = 256
BACKOFF_SECONDS: Final = 0.5
GRACE_SECONDS: Final = 10.0

log = logging.getLogger("darkroom.renderings")


class RenderingRunner:
    """Takes pending renderings from the read model, all of one image at once, and settles them.

    `at_once` bounds the images in work; what waits longer waits in the log, not in memory. An image
    whose attempt did not come to an end is tried again alone: if it takes the process with it, no other
    one loses an attempt.
    """

    def __init__(  # noqa: PLR0913, PLR0917 -- what it follows, and what it works with
        self,
        event_log: EventLog,
        read_model: ReadModel,
        content: ContentStore,
        renderer: Renderer,
        deaths: Deaths,
        at_once: int,
    ) -> None:
        self._log = event_log
        self._read_model = read_model
        self._content = content
        self._renderer = renderer
        self._deaths = deaths
        self._at_once = at_once
        self._slots = anyio.Semaphore(at_once)
        self._in_work: set[str] = set()
        self._asked_again: set[str] = set()
        self._asked = anyio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Render while the context lasts; at its end finish what is in work, for a while."""
        async with anyio.create_task_group() as work, anyio.create_task_group() as loops:
            loops.start_soon(self._listen)
            loops.start_soon(self._dispatch, work)
            yield
            loops.cancel_scope.cancel()
            work.cancel_scope.deadline = anyio.current_time() + GRACE_SECONDS

    async def _listen(self) -> None:
        async for recorded in self._log.follow(self._log.head):
            if isinstance(recorded.event, RenderingRequested):
                if recorded.event.image_id in self._in_work:
                    self._asked_again.add(recorded.event.image_id)
                self._asked.set()

    async def _dispatch(self, work: TaskGroup) -> None:
        while True:
            self._asked = anyio.Event()
            pending = await self._read_model.pending(PAGE, frozenset(self._in_work))
            if len(pending.value) == PAGE:  # which may end between two renderings of one image
                self._asked_again.add(pending.value[-1].image_id)
            for image_id, group in groupby(pending.value, attrgetter("image_id")):
                if image_id in self._in_work:
                    continue
                renderings = list(group)
                slots = self._at_once if any(each.attempts for each in renderings) else 1
                for _ in range(slots):
                    await self._slots.acquire()
                self._in_work.add(image_id)
                work.start_soon(self._image, image_id, renderings, slots)
            if len(pending.value) < PAGE:
                await self._asked.wait()

    async def _image(self, image_id: str, renderings: Sequence[PendingRendering], slots: int) -> None:
        retry = True
        try:
            retry = await self._attempt(renderings)
        except VersionConflict as conflict:
            log.info("settled elsewhere: %s", conflict.stream)
        except Exception:
            log.exception("rendering the image %s", image_id)
        finally:
            for _ in range(slots):
                self._slots.release()
        if retry:
            await anyio.sleep(BACKOFF_SECONDS * 2 ** max(pending.attempts for pending in renderings))
        self._in_work.discard(image_id)
        if retry or image_id in self._asked_again:
            self._asked_again.discard(image_id)
            self._asked.set()

    async def _attempt(self, renderings: Sequence[PendingRendering]) -> bool:
        """One attempt at all of them; whether some are to be tried again."""
        if (quarantine := renderings[0].quarantine) is not None:
            await self._refuse(renderings, quarantine)
            return False
        begun = [_Step(pending, 0, start(_rendering(pending))) for pending in renderings]
        await self._append(begun)
        started = [step.pending for step in begun if isinstance(step.events[0], RenderingStarted)]
        if not started:
            return False
        with self._content.hold() as hold:
            outcomes = _not_again(started, await self._render(started, hold))
            if (quarantine := self._deaths.quarantine(started[0].original)) is not None:
                cause = started[0].correlation_id
                await quarantine_image(self._log, started[0].image_id, quarantine, cause)
                outcomes = _refused(outcomes, quarantine)
            ended = [
                _Step(pending, 1, settle(_running(pending), outcomes[pending.rendition_id]))
                for pending in started
            ]
            await self._append([step for step in ended if step.events])
        return not all(step.events for step in ended)

    async def _refuse(self, renderings: Sequence[PendingRendering], quarantine: Quarantine) -> None:
        outcome = refused(quarantine)
        await self._append([_Step(each, 0, settle(_rendering(each), outcome)) for each in renderings])

    async def _render(
        self, renderings: Sequence[PendingRendering], hold: Hold
    ) -> Mapping[str, RenderOutcome]:
        job = RenderJob(
            original=renderings[0].original,
            byte_size=renderings[0].byte_size,
            header=renderings[0].header,
            requests={pending.rendition_id: (pending.recipe, pending.output) for pending in renderings},
        )
        while True:
            try:
                return await self._renderer.render(job, hold)
            except Unavailable as busy:
                await anyio.sleep(busy.retry_after)
            except Exception:
                log.exception("rendering %s", job.original)
                failure = RenderFailure("RENDER_FAILED", "The picture could not be rendered.", final=False)
                return dict.fromkeys(job.requests, failure)

    async def _append(self, steps: Sequence[_Step]) -> None:
        """Record what came of several renderings; wait where the log cannot take it now."""
        if steps:
            await self._record(steps[0].pending, [step.write() for step in steps])

    async def _record(self, cause: PendingRendering, writes: Sequence[StreamAppend]) -> None:
        context = Context(
            command_id=str(uuid.uuid4()),
            actor=ACTOR,
            owner=cause.owner,
            correlation_id=cause.correlation_id,
            causation_id=cause.correlation_id,
        )
        append = Append(context=context, writes=writes)
        while True:
            try:
                await self._log.append(append)
            except Unavailable as full:
                await anyio.sleep(full.retry_after)
            else:
                return


class _Step(NamedTuple):
    """What happens to one rendering, so many versions after the state that was read."""

    pending: PendingRendering
    later: int
    events: Sequence[RenderingEvent]

    def write(self) -> StreamAppend:
        stream = rendering_stream(self.pending.image_id, self.pending.rendition_id)
        return StreamAppend(stream, self.events, self.pending.version + self.later)


def _not_again(
    started: Sequence[PendingRendering], outcomes: Mapping[str, RenderOutcome]
) -> Mapping[str, RenderOutcome]:
    """What takes too long by its steps takes as long again: once is enough."""
    if any(is_quick(pending.recipe) for pending in started):
        return outcomes
    return {
        rendition_id: replace(outcome, final=True) if _too_slow(outcome) else outcome
        for rendition_id, outcome in outcomes.items()
    }


def _too_slow(outcome: RenderOutcome) -> TypeGuard[RenderFailure]:
    return isinstance(outcome, RenderFailure) and outcome.code == TooSlow.code


def _refused(outcomes: Mapping[str, RenderOutcome], quarantine: Quarantine) -> Mapping[str, RenderOutcome]:
    """What is made is made."""
    return {
        rendition_id: refused(quarantine) if isinstance(outcome, RenderFailure) else outcome
        for rendition_id, outcome in outcomes.items()
    }


def _rendering(pending: PendingRendering) -> Rendering:
    return Rendering(pending.image_id, pending.rendition_id, Phase.WAITING, pending.attempts)


def _running(pending: PendingRendering) -> Rendering:
    return Rendering(pending.image_id, pending.rendition_id, Phase.RUNNING, pending.attempts + 1)
