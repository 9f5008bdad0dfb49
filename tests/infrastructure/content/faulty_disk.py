"""A disk that fails when it is told to."""

import errno
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from infrastructure.content.disk import Disk

T = TypeVar("T")


class FaultyDisk(Disk):
    """Counts its calls from 0, and fails those in `failing`; a write that fails has written half."""

    def __init__(self, failing: Collection[int] = (), error: int = errno.EIO) -> None:
        self.failing = failing
        self.error = error
        self.calls: list[str] = []

    def create(self, path: Path) -> int:
        return self._call("create", lambda: super(FaultyDisk, self).create(path))

    def write(self, descriptor: int, content: memoryview) -> None:
        with self._torn(descriptor, content):
            self._call("write", lambda: super(FaultyDisk, self).write(descriptor, content))

    def fsync(self, descriptor: int) -> None:
        self._call("fsync", lambda: super(FaultyDisk, self).fsync(descriptor))

    def rename(self, source: Path, target: Path) -> None:
        self._call("rename", lambda: super(FaultyDisk, self).rename(source, target))

    def unlink(self, path: Path) -> None:
        self._call("unlink", lambda: super(FaultyDisk, self).unlink(path))

    def make_folder(self, path: Path) -> None:
        self._call("make_folder", lambda: super(FaultyDisk, self).make_folder(path))

    def fsync_folder(self, path: Path) -> None:
        self._call("fsync_folder", lambda: super(FaultyDisk, self).fsync_folder(path))

    def free(self, path: Path) -> int:
        return self._call("free", lambda: super(FaultyDisk, self).free(path))

    def _call(self, name: str, call: Callable[[], T]) -> T:
        self.calls.append(name)
        if len(self.calls) - 1 in self.failing:
            raise OSError(self.error, os.strerror(self.error))
        return call()

    @contextmanager
    def _torn(self, descriptor: int, content: memoryview) -> Iterator[None]:
        try:
            yield
        except OSError:
            super().write(descriptor, content[: len(content) // 2])
            raise
