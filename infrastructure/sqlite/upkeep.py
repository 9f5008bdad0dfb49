"""The read file kept in step with the log, through whatever goes wrong in a fold."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Final

from domain.events import WireName
from domain.ports.log import RecordedEvent
from infrastructure.sqlite.ledger import DamagedEvent, Ledger
from infrastructure.sqlite.projection import Projection

PAGE: Final = 1000
RETRY_SECONDS: Final = 1.0

log = logging.getLogger("darkroom.log")


class Upkeep:
    """Folds what the ledger records. For the thread of the ledger, but for `error`, which anybody may read.

    Where an event cannot be folded, the file stops before it and `error` says so. The log goes on; that event
    is tried again at each turn, and once it passes, the rest follows, a page a turn.
    """

    def __init__(self, ledger: Ledger, projection: Projection) -> None:
        self._ledger = ledger
        self._projection = projection
        self.position = projection.position
        """Up to which the file shows the log."""

        self.error: str | None = None

    @property
    def behind(self) -> int:
        """Events that the file does not show."""
        return self._ledger.position - self.position

    @property
    def unknown(self) -> Mapping[WireName, int]:
        """How many events of the log, by type, are of a newer Darkroom: kept, not shown."""
        return self._projection.unknown

    @property
    def idle_seconds(self) -> float | None:
        """When it wants a turn without new events; None: never."""
        if self.error is not None:
            return RETRY_SECONDS
        return 0.0 if self.behind else None

    def take(self, events: Sequence[RecordedEvent]) -> Sequence[RecordedEvent]:
        """Take in what was just recorded, and say what the file shows now that it did not before."""
        if self.behind > len(events):
            return self.catch_up()
        return self._fold(events) if events else ()

    def catch_up(self) -> Sequence[RecordedEvent]:
        """A page further; not beyond the event where it stopped, if that cannot be folded yet."""
        shown: list[RecordedEvent] = []
        try:
            if self.error is not None:
                shown.extend(self._fold(self._next(1)))
            if self.error is None and self.behind:
                shown.extend(self._fold(self._next(PAGE)))
        except DamagedEvent as damage:
            self._stopped(f": {damage}", damage)
        return shown

    def _next(self, limit: int) -> list[RecordedEvent]:
        """Events that follow, up to one that is damaged. Raises DamagedEvent where that is the first."""
        while True:
            try:
                return self._ledger.page(self.position, limit)
            except DamagedEvent:
                if limit == 1:
                    raise
                limit //= 2

    def replace(self, projection: Projection) -> tuple[Projection, Sequence[RecordedEvent]]:
        """Go on with another file, once it shows all that is recorded. Answers the one before, and the last
        event where that one did not show it. Whatever is raised, all is as it was."""
        while page := self._ledger.page(projection.position, PAGE):
            projection.fold(page)
        unseen = self._ledger.page(self._ledger.position - 1, 1) if self.behind else []
        before, self._projection = self._projection, projection
        self._moved(self._ledger.position)
        return before, unseen

    def close(self) -> None:
        self._projection.close()

    def _fold(self, events: Sequence[RecordedEvent]) -> Sequence[RecordedEvent]:
        try:
            self._projection.fold(events)
        except Exception as error:
            if len(events) == 1:
                event = events[0]
                reason = f", before event {event.position}, {event.type}: {type(error).__name__}: {error}"
                self._stopped(reason, error)
                return ()
        else:
            self._moved(events[-1].position)
            return events
        return self._fold_singly(events)

    def _fold_singly(self, events: Sequence[RecordedEvent]) -> Sequence[RecordedEvent]:
        """As many as there are before the one that cannot be folded."""
        for count, event in enumerate(events):
            if not self._fold([event]):
                return events[:count]
        return events

    def _moved(self, position: int) -> None:
        if self.error is not None:
            log.warning("the read model goes on from position %d", position)
        self.position, self.error = position, None

    def _stopped(self, reason: str, error: Exception) -> None:
        if self.error is None:
            log.error("the read model stopped at position %d", self.position, exc_info=error)
        self.error = f"stopped at position {self.position}{reason}"
