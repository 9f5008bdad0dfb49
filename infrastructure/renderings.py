"""Carries out what the log asks for: every requested rendering comes to exactly one end.

What has no end in the log is taken up again after a restart. Nothing else is remembered: the
attempts of a rendering are its RenderingStarted events, recorded before anything is decoded.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple, TypeGuard

import anyio
from anyio.abc import TaskGroup

from domain.commands import QuarantineImage
from domain.errors import Erased, TooSlow, Unavailable, VersionConflict
from domain.events import RenderingEvent, RenderingRequested, RenderingStarted
from domain.image import decide, image_stream
from domain.ports import (
    Append,
    ContentStore,
    Context,
    EventLog,
    Hold,
    PendingRendering,
    ReadModel,
    Renderer,
    RenderFailure,
    RenderJob,
    RenderOutcome,
    StreamAppend,
)
from domain.quarantine import DEATHS, Quarantine, is_deadly, is_quick
from domain.rendering import Phase, Rendering, refused, rendering_stream, settle, start
from domain.requests import retried
from domain.service import image_past

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

    def __init__(
        self,
        event_log: EventLog,
        read_model: ReadModel,
        content: ContentStore,
        renderer: Renderer,
        at_once: int,
    ) -> None:
        self._log = event_log
        self._read_model = read_model
        self._content = content
        self._renderer = renderer
        self._at_once = at_once
        self._slots = anyio.Semaphore(at_once)
        self._in_work: set[str] = set()
        self._asked_again: set[str] = set()
        self._asked = anyio.Event()
        self._deaths: dict[str, int] = {}
        """In a row, by image, of those who worked on it."""

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
            quarantine = await self._after(started, outcomes)
            if quarantine is not None:
                outcomes = dict.fromkeys(outcomes, refused(quarantine))
            ended = [
                _Step(pending, 1, settle(_running(pending), outcomes[pending.rendition_id]))
                for pending in started
            ]
            await self._append([step for step in ended if step.events])
        return not all(step.events for step in ended)

    async def _refuse(self, renderings: Sequence[PendingRendering], quarantine: Quarantine) -> None:
        outcome = refused(quarantine)
        await self._append([_Step(each, 0, settle(_rendering(each), outcome)) for each in renderings])

    async def _after(
        self, started: Sequence[PendingRendering], outcomes: Mapping[str, RenderOutcome]
    ) -> Quarantine | None:
        """Count the deaths in a row of those who work on an original, and quarantine it after too many."""
        image_id = started[0].image_id
        deadly = _deadly(started, outcomes.values())
        if deadly is None:
            self._deaths.pop(image_id, None)
            return None
        self._deaths[image_id] = self._deaths.get(image_id, 0) + 1
        if self._deaths[image_id] < DEATHS:
            return None
        quarantine = Quarantine(deadly.code, deadly.message)
        await retried(partial(self._quarantine, started[0], quarantine))
        del self._deaths[image_id]
        return quarantine

    async def _quarantine(self, pending: PendingRendering, quarantine: Quarantine) -> None:
        stream = image_stream(pending.image_id)
        past = image_past(await self._log.read_stream(stream))
        try:
            command = QuarantineImage(image_id=pending.image_id, quarantine=quarantine)
            events = decide(past, command)
        except Erased:
            return
        await self._record(pending, [StreamAppend(stream, events, past[-1].version)])

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


def _deadly(started: Sequence[PendingRendering], outcomes: Iterable[RenderOutcome]) -> RenderFailure | None:
    recipes = [pending.recipe for pending in started]
    failures = (outcome for outcome in outcomes if isinstance(outcome, RenderFailure))
    return next((failure for failure in failures if is_deadly(failure.code, recipes)), None)


def _rendering(pending: PendingRendering) -> Rendering:
    return Rendering(pending.image_id, pending.rendition_id, Phase.WAITING, pending.attempts)


def _running(pending: PendingRendering) -> Rendering:
    return Rendering(pending.image_id, pending.rendition_id, Phase.RUNNING, pending.attempts + 1)
