"""Has every original examined, one at a time: each examination comes to exactly one end.

As for renderings nothing is remembered but what is in the log: an image without an end of its examination
is taken up, however old it is; attempts are its ExaminationStarted events.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import anyio

from domain.errors import Unavailable, VersionConflict
from domain.events import (
    ExaminationEvent,
    ExaminationStarted,
    ImageUploaded,
    RenderingFailed,
    RenderingFinished,
)
from domain.examination import Examination, examination_stream, settle, start
from domain.findings import Findings
from domain.image import image_stream
from domain.ports.log import Append, Context, EventLog, StreamAppend
from domain.ports.pending import PendingExamination
from domain.ports.read_model import ReadModel
from domain.ports.rendering import Examiner, RenderFailure
from domain.rendering import refused

ACTOR: Final = "darkroom"
PAGE: Final = 16
BACKOFF_SECONDS: Final = 0.5

log = logging.getLogger("darkroom.examinations")


class ExaminationRunner:
    """Takes pending examinations from the read model, which has those that no rendition is waited for."""

    def __init__(self, event_log: EventLog, read_model: ReadModel, examiner: Examiner) -> None:
        self._log = event_log
        self._read_model = read_model
        self._examiner = examiner
        self._asked = anyio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Examine while the context lasts. What is cut off at its end is a lost attempt."""
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._listen)
            tasks.start_soon(self._work)
            yield
            tasks.cancel_scope.cancel()

    async def _listen(self) -> None:
        async for recorded in self._log.follow(self._log.head):
            if isinstance(recorded.event, ImageUploaded | RenderingFinished | RenderingFailed):
                self._asked.set()

    async def _work(self) -> None:
        while True:
            self._asked = anyio.Event()
            try:
                pending = await self._read_model.pending_examinations(PAGE)
                settled = [await self._attempt(each) for each in pending]
            except Exception:
                log.exception("examining originals")
                await anyio.sleep(BACKOFF_SECONDS)
                continue
            if not all(settled):
                await anyio.sleep(BACKOFF_SECONDS)
            elif not pending:
                await self._asked.wait()

    async def _attempt(self, pending: PendingExamination) -> bool:
        """Whether it has come to its end."""
        image_id, attempts = pending.image_id, pending.attempts
        begun = start(Examination(image_id, attempts))
        try:
            if pending.quarantine is not None:
                ended = settle(Examination(image_id, attempts), refused(pending.quarantine))
                await self._append(pending, ended, later=0)
                return True
            await self._append(pending, begun, later=0)
            if not isinstance(begun[0], ExaminationStarted):
                return True
            outcome = await self._examine(pending)
            ended = settle(Examination(image_id, attempts + 1), outcome)
            if ended:
                await self._append(pending, ended, later=1)
        except VersionConflict as conflict:
            log.info("changed meanwhile: %s", conflict.stream)
            return False
        return bool(ended)

    async def _examine(self, pending: PendingExamination) -> Findings | RenderFailure:
        while True:
            try:
                return await self._examiner.examine(pending)
            except Unavailable as busy:
                await anyio.sleep(busy.retry_after)
            except Exception:
                log.exception("examining %s", pending.original)
                return RenderFailure("EXAMINATION_FAILED", "The original could not be examined.", final=False)

    async def _append(
        self, pending: PendingExamination, events: Sequence[ExaminationEvent], *, later: int
    ) -> None:
        """Record events so many versions after the state that was read; wait where the log cannot take them.

        An examination begins only while the image is as it was read. So none begins once it is purged, and
        who erases it waits for those that had begun.
        """
        stream = examination_stream(pending.image_id)
        writes = [StreamAppend(stream, events, pending.version + later)]
        if not later:
            writes.append(StreamAppend(image_stream(pending.image_id), [], pending.image_version))
        context = Context(
            command_id=str(uuid.uuid4()),
            actor=ACTOR,
            owner=pending.owner,
            correlation_id=pending.correlation_id,
            causation_id=pending.correlation_id,
        )
        while True:
            try:
                await self._log.append(Append(context=context, writes=writes))
            except Unavailable as full:
                await anyio.sleep(full.retry_after)
            else:
                return
