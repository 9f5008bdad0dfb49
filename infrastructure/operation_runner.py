"""The loop of those who carry out bulk operations: a page of each in turn."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import anyio

from domain.bulk_service import Loaded, load
from domain.events import BulkAction, OperationStarted
from domain.ports.log import EventLog
from domain.ports.read_model import ReadModel
from domain.ports.views import OperationView

AT_ONCE: Final = 8
"""Images in work. Uploads come to the same writer, and are to find it free."""

IN_TURN: Final = 16
"""Operations in work, a page of each in turn, so that a long one does not hold up the others."""

BACKOFF_SECONDS: Final = 0.5

log = logging.getLogger("darkroom.operations")


class OperationRunner(ABC):
    """Works through running operations: replays of presets, or all others."""

    def __init__(self, event_log: EventLog, read_model: ReadModel, *, replays: bool) -> None:
        self._log = event_log
        self._read_model = read_model
        self._replays = replays
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

    @abstractmethod
    async def _advance(self, loaded: Loaded) -> None:
        """See to the next page, or to the end."""

    async def _listen(self) -> None:
        async for recorded in self._log.follow(self._log.head):
            event = recorded.event
            if isinstance(event, OperationStarted) and (event.action is BulkAction.REPLAY) is self._replays:
                self._asked.set()

    async def _work(self) -> None:
        while True:
            self._asked = anyio.Event()
            running = await self._read_model.running_operations(IN_TURN, replays=self._replays)
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
            log.exception("the operation %s", view.operation_id)
            await anyio.sleep(BACKOFF_SECONDS)
