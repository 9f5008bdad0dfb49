"""Tasks carried out in worker processes that are locked in. Linux."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO, Final, TypeVar

from domain.errors import ShuttingDown, TooSlow, Unavailable, WorkerDied
from domain.header import ImageHeader
from infrastructure.pixels.checkpoint import Superseded
from infrastructure.pixels.stop import Stop
from infrastructure.pixels.tasks import Task
from infrastructure.pixels.worker_process import PROGRAM, CannotStart, ForkServerProcess, WorkerProcess
from infrastructure.sandbox.protections import Protections

R = TypeVar("R")

MIB: Final = 1 << 20

log: Final = logging.getLogger("darkroom.renderer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a worker may take for a task, and when it is replaced by a new one."""

    seconds: float = 10.0
    """For a task, beside what its memory adds: the time in which memory of some size can be worked on."""

    seconds_per_gib: float = 60.0

    tasks: int = 100
    """In the life of a worker."""

    kept_bytes: int = 256 * MIB
    """Resident after a task. What a worker keeps for the next picture is no other one's."""

    def time(self, memory: int) -> float:
        return self.seconds + self.seconds_per_gib * memory / (1024 * MIB)


def _common_cost(header: ImageHeader) -> int:
    """Of a task that does not say: as much as decoding the worst kind of file takes, and half more."""
    return 128 * MIB + 90 * header.width * header.height


class WorkerExecutor:
    """As many workers as there are threads that ask at once; they are kept for the next tasks.

    They start when they are needed. A worker that dies or is too slow takes one task with it.
    """

    def __init__(
        self,
        pixels: int,
        *,
        bounds: Bounds = Bounds(),
        environment: Mapping[str, str] | None = None,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        """`pixels`: the most that a picture may have. `environment` is added to that of the workers.

        What workers are forked from is started at once, and not waited for.
        """
        self._new_server = partial(ForkServerProcess, pixels, environment or {}, program)
        self._bounds = bounds
        self._lock = threading.Lock()
        self._idle: list[WorkerProcess] = []
        self._closed = False
        self._server = self._new_server()

    def execute(self, task: Task[R], file: BinaryIO, cost: int | None = None, stop: Stop | None = None) -> R:
        memory = _common_cost(task.header) if cost is None else cost
        worker = self._worker()
        try:
            result = worker.carry_out(
                task,
                file,
                seconds=self._bounds.time(memory),
                memory=memory + memory // 2 + 64 * MIB,
                stop=stop,
            )
        except (WorkerDied, TooSlow) as failed:
            self._buried(worker, task, failed)
            raise
        except (MemoryError, RuntimeError, Superseded):
            self._keep(worker)
            raise
        except BaseException:
            worker.end()
            raise
        self._keep(worker)
        return result

    def protections(self) -> Protections:
        worker = self._worker()
        self._keep(worker)
        return worker.protections

    def close(self) -> None:
        """What runs is ended with the workers."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.end()
        self._server.close()

    def _worker(self) -> WorkerProcess:
        while (worker := self._next_idle()) is not None:
            if worker.waits:
                return worker
            worker.end()
        try:
            return self._server.start_worker()
        except CannotStart as error:
            return self._second_try(error)

    def _next_idle(self) -> WorkerProcess | None:
        """The one used last: its memory is warm, and where one is enough the others go to rest."""
        with self._lock:
            if self._closed:
                raise _closed()
            return self._idle.pop() if self._idle else None

    def _second_try(self, error: CannotStart) -> WorkerProcess:
        """From a new process, where the one before has been killed."""
        log.error("starting a worker: %s", error)
        with self._lock:
            if self._closed:
                raise _closed() from error
            if self._server.ended:
                self._server.close()
                self._server = self._new_server()
            server = self._server
        try:
            return server.start_worker()
        except CannotStart as again:
            raise Unavailable(
                "No worker process can be started. For files that one trusts, DARKROOM_ISOLATION=thread "
                "does without."
            ) from again

    def _keep(self, worker: WorkerProcess) -> None:
        used_up = worker.tasks >= self._bounds.tasks or worker.resident_bytes > self._bounds.kept_bytes
        with self._lock:
            if not used_up and not self._closed:
                self._idle.append(worker)
                return
        worker.end()

    def _buried(self, worker: WorkerProcess, task: Task[Any], failed: Unavailable) -> None:
        status = worker.end()
        with self._lock:
            if self._closed:
                raise _closed() from failed
        how = f"by signal {status & 0x7F}" if status & 0x7F else f"with exit code {status >> 8}"
        log.warning("a worker ended %s: %s: %s", how, type(task).__name__, failed.__cause__ or failed.message)


def _closed() -> ShuttingDown:
    return ShuttingDown("Darkroom is shutting down.")
