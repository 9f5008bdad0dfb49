"""How a rendition came to be, as the log tells it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.events import RenderingFailed, RenderingFinished, RenderingRequested, RenderingStarted
from domain.ports.log import RecordedEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """`attempts` since it was last requested; `started_at` is the beginning of the last of them.

    `made_with`: versions of libraries by their names; empty until it is made, or where it was made before
    they were recorded.
    """

    request: RenderingRequested
    attempts: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None
    made_with: Mapping[str, str] = field(default_factory=dict)


def explanation(recorded: Iterable[RecordedEvent]) -> Explanation | None:
    """Of a rendering, from the events of its stream."""
    explained: Explanation | None = None
    for each in recorded:
        match each.event:
            case RenderingRequested() as request:
                explained = Explanation(request=request)
            case RenderingStarted(attempt=attempt) if explained:
                explained = replace(explained, attempts=attempt, started_at=each.recorded_at)
            case RenderingFinished(made_with=made_with) if explained:
                explained = replace(explained, finished_at=each.recorded_at, made_with=made_with)
            case RenderingFailed() if explained:
                explained = replace(explained, finished_at=each.recorded_at)
    return explained
