"""Deaths of workers in a row, counted by the original that they worked on."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from domain.errors import TooSlow, WorkerDied
from domain.quarantine import DEATHS, Quarantine, is_deadly
from domain.recipe import Recipe

MOST: Final = 4096
"""Originals that are remembered: those that somebody died of last."""


@dataclass(slots=True)
class _Row:
    """`latest`: when the last death was counted, by the monotonic clock."""

    deaths: int = 0
    latest: float = 0.0
    quarantine: Quarantine | None = None


class Deaths:
    """Whatever decodes an original does so within `counted`, so that deaths count whoever asked for what.

    Work that overlaps may have died of one cause, such as a machine without memory: it counts as one death.
    Methods may be called in any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: OrderedDict[str, _Row] = OrderedDict()
        self._tell: Callable[[str], object] = lambda _: None

    def follow(self, tell: Callable[[str], object]) -> None:
        """Have the hash of an original told when it is not to be decoded any more, and whenever it is asked
        for all the same. It is told in the thread that finds out, and must not block."""
        self._tell = tell

    @contextmanager
    def counted(self, sha256: str, *recipes: Recipe) -> Iterator[None]:
        """Around a task on an original that these are asked of. Raises Quarantined after too many deaths."""
        begun = time.monotonic()
        if (quarantine := self.quarantine(sha256)) is not None:
            self._tell(sha256)
            raise quarantine.refusal
        try:
            yield
        except (WorkerDied, TooSlow) as death:
            if is_deadly(death.code, recipes):
                self._died(sha256, begun, Quarantine(death.code, death.message))
            raise
        self._survived(sha256)

    def quarantine(self, sha256: str) -> Quarantine | None:
        """Why an original is not decoded any more; None where it may be."""
        with self._lock:
            row = self._rows.get(sha256)
            return None if row is None else row.quarantine

    def forget(self, sha256: str) -> None:
        """What has these bytes later begins anew."""
        with self._lock:
            self._rows.pop(sha256, None)

    def _died(self, sha256: str, begun: float, last: Quarantine) -> None:
        with self._lock:
            row = self._rows.setdefault(sha256, _Row())
            if begun < row.latest:
                return
            row.deaths += 1
            row.latest = time.monotonic()
            if row.deaths >= DEATHS and row.quarantine is None:
                row.quarantine = last
            self._rows.move_to_end(sha256)
            if len(self._rows) > MOST:
                self._rows.popitem(last=False)
            is_enough = row.quarantine is not None
        if is_enough:
            self._tell(sha256)

    def _survived(self, sha256: str) -> None:
        with self._lock:
            row = self._rows.get(sha256)
            if row is not None and row.quarantine is None:
                del self._rows[sha256]
