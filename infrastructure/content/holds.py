"""Which bytes are being kept at this moment, so that nobody removes them before an event refers to them.

Without this an upload might find its bytes there, an eraser remove them, and the upload be
acknowledged. So whoever keeps bytes holds their hash first and looks for them then; whoever removes
bytes announces it first, asks then whether anything refers to them, and removes them only if nobody
took hold of them meanwhile.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition

from domain.ports.content import Hold


class Holds:
    """The holds of one store. Nobody touches a file inside its lock."""

    def __init__(self) -> None:
        self.changed = Condition()
        self.held: Counter[str] = Counter()
        self.announced: set[str] = set()
        self.going: set[str] = set()

    @contextmanager
    def hold(self, put: Callable[[bytes | memoryview, Holder], str]) -> Iterator[Hold]:
        """What is put while this lasts is held."""
        holder = Holder(self)
        try:
            yield _Hold(put, holder)
        finally:
            holder.end()

    def announce(self, sha256: str) -> bool:
        """Say that bytes are to be removed; false where they are held."""
        with self.changed:
            if sha256 in self.held:
                return False
            self.announced.add(sha256)
            return True

    def spare(self, sha256: str) -> None:
        """Take back what was announced."""
        with self.changed:
            self.announced.discard(sha256)

    @contextmanager
    def removal(self, sha256: str) -> Iterator[bool]:
        """Whether what was announced still holds; until this is left nobody takes hold of the bytes."""
        with self.changed:
            free = sha256 in self.announced
            self.announced.discard(sha256)
            if free:
                self.going.add(sha256)
        try:
            yield free
        finally:
            if free:
                with self.changed:
                    self.going.discard(sha256)
                    self.changed.notify_all()


class Holder:
    """Takes hold of bytes, one after the other, until it ends. For any threads."""

    def __init__(self, holds: Holds) -> None:
        self._holds = holds
        self._taken: list[str] = []
        self._ended = False

    def take(self, sha256: str) -> None:
        """Before it is looked whether they are there. Waits for their removal, where that has begun.

        Raises ValueError once the holder has ended: whoever is late has nobody who would refer to them.
        """
        holds = self._holds
        with holds.changed:
            holds.changed.wait_for(lambda: sha256 not in holds.going)
            if self._ended:
                raise ValueError("This hold has ended.")
            holds.held[sha256] += 1
            holds.announced.discard(sha256)
            self._taken.append(sha256)

    def end(self) -> None:
        holds = self._holds
        with holds.changed:
            self._ended = True
            for sha256 in self._taken:
                holds.held[sha256] -= 1
                if not holds.held[sha256]:
                    del holds.held[sha256]


class _Hold:
    def __init__(self, put: Callable[[bytes | memoryview, Holder], str], holder: Holder) -> None:
        self._put = put
        self._holder = holder

    def put(self, content: bytes | memoryview) -> str:
        return self._put(content, self._holder)
