"""Where tasks on pixels are carried out."""

from __future__ import annotations

from typing import BinaryIO, Protocol, TypeVar

from infrastructure.pixels.tasks import Task

R = TypeVar("R")


class Executor(Protocol):
    def execute(self, task: Task[R], file: BinaryIO) -> R:
        """The result of a task on a file, read from where it stands. Blocks: for threads of the pool."""
        ...


class DirectExecutor:
    """In the thread that asks: the fastest way, for files that one trusts."""

    def execute(self, task: Task[R], file: BinaryIO) -> R:
        return task.carry_out(file.read())
