"""Where tasks on pixels are carried out."""

from __future__ import annotations

from typing import BinaryIO, Protocol, TypeVar

from infrastructure.pixels.checkpoint import watched
from infrastructure.pixels.stop import Stop
from infrastructure.pixels.tasks import Task
from infrastructure.sandbox.protections import Protections

R = TypeVar("R")


class Executor(Protocol):
    def execute(self, task: Task[R], file: BinaryIO, cost: int | None = None, stop: Stop | None = None) -> R:
        """The result of a task on a file, read from where it stands. Blocks: for threads of the pool.

        `cost` is the memory in bytes that it takes at most; None: what a common task on such a picture
        takes. Where `stop` is set meanwhile, the work ends between two steps. Raises WorkerDied, TooSlow,
        MemoryError, ShuttingDown and Superseded.
        """
        ...

    def protections(self) -> Protections:
        """What is in force where tasks are carried out. Blocks as `execute` does."""
        ...

    def close(self) -> None:
        """End what runs, where it can be ended. Blocks."""
        ...


class DirectExecutor:
    """In the thread that asks: for files that one trusts, and where there are no workers."""

    def execute(self, task: Task[R], file: BinaryIO, cost: int | None = None, stop: Stop | None = None) -> R:
        if stop is None:
            return task.carry_out(file.read())
        with watched(stop.is_set):
            return task.carry_out(file.read())

    def protections(self) -> Protections:
        return Protections(isolation="thread")

    def close(self) -> None:
        """A thread cannot be ended."""
