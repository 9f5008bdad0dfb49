"""The word that work is needless, from who asked for it to who does it."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Stop:
    """Set once; seen by another thread, or through a descriptor by another process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_set = False
        self._open_end: int | None = None

    def is_set(self) -> bool:
        return self._is_set

    def set(self) -> None:
        with self._lock:
            self._is_set = True
            self._close()

    @contextmanager
    def as_descriptor(self) -> Iterator[int]:
        """The end of a pipe from which nothing comes, and which is at its end once this is set."""
        with self._lock:
            end, self._open_end = os.pipe()
            if self._is_set:
                self._close()
        try:
            yield end
        finally:
            os.close(end)
            with self._lock:
                self._close()

    def _close(self) -> None:
        if self._open_end is not None:
            os.close(self._open_end)
            self._open_end = None


@contextmanager
def until_cancelled() -> Iterator[Stop]:
    """For a coroutine that waits for work: set when it is cancelled."""
    stop = Stop()
    try:
        yield stop
    except asyncio.CancelledError:
        stop.set()
        raise
