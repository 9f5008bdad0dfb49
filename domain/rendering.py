"""A rendering: from the request of a rendition to its end, finished or failed.

What has failed may be asked for again, and begins anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final, assert_never

from domain.events import (
    RenderingEvent,
    RenderingFailed,
    RenderingFinished,
    RenderingRequested,
    RenderingStarted,
)
from domain.ports.rendering import Rendered, RenderFailure, RenderOutcome
from domain.quarantine import Quarantine

MAX_ATTEMPTS: Final = 3


class Phase(Enum):
    WAITING = auto()
    RUNNING = auto()
    FINISHED = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class Rendering:
    """`attempts` counts starts since it was last asked for, whatever became of them: also those that ended
    with the process."""

    image_id: str
    rendition_id: str
    phase: Phase = Phase.WAITING
    attempts: int = 0

    @property
    def settled(self) -> bool:
        return self.phase in {Phase.FINISHED, Phase.FAILED}


def rendering_stream(image_id: str, rendition_id: str) -> str:
    return f"rendering-{image_id}-{rendition_id}"


def ask(rendering: Rendering | None, request: RenderingRequested) -> Sequence[RenderingEvent]:
    """Ask for what is not there and not under way."""
    return [request] if rendering is None or rendering.phase is Phase.FAILED else []


def start(rendering: Rendering) -> Sequence[RenderingEvent]:
    """Begin an attempt, or give up after too many."""
    if rendering.settled:
        return []
    image_id, rendition_id = rendering.image_id, rendering.rendition_id
    if rendering.attempts >= MAX_ATTEMPTS:
        return [
            RenderingFailed(
                image_id=image_id,
                rendition_id=rendition_id,
                code="ATTEMPTS_EXHAUSTED",
                message=f"{MAX_ATTEMPTS} attempts did not come to an end.",
            )
        ]
    return [
        RenderingStarted(image_id=image_id, rendition_id=rendition_id, attempt=rendering.attempts + 1),
    ]


def settle(rendering: Rendering, outcome: RenderOutcome) -> Sequence[RenderingEvent]:
    """Record what an attempt came to; none where another attempt shall follow."""
    if rendering.settled:
        return []
    image_id, rendition_id = rendering.image_id, rendering.rendition_id
    match outcome:
        case Rendered():
            return [
                RenderingFinished(
                    image_id=image_id,
                    rendition_id=rendition_id,
                    sha256=outcome.sha256,
                    byte_size=outcome.byte_size,
                    media_type=outcome.media_type,
                    width=outcome.width,
                    height=outcome.height,
                    made_with=outcome.made_with,
                )
            ]
        case RenderFailure(code=code, message=message, final=final):
            if not final and rendering.attempts < MAX_ATTEMPTS:
                return []
            return [RenderingFailed(image_id=image_id, rendition_id=rendition_id, code=code, message=message)]
        case _:
            assert_never(outcome)


def refused(quarantine: Quarantine) -> RenderFailure:
    """What comes of work on a picture that is not worked on any more."""
    refusal = quarantine.refusal
    return RenderFailure(refusal.code, refusal.message)


def evolve(rendering: Rendering | None, event: RenderingEvent) -> Rendering:
    """The rendering after one more event."""
    if isinstance(event, RenderingRequested):
        return Rendering(event.image_id, event.rendition_id)
    if rendering is None:
        raise ValueError(f"{type(event).__name__} before RenderingRequested")
    match event:
        case RenderingStarted():
            return replace(rendering, phase=Phase.RUNNING, attempts=event.attempt)
        case RenderingFinished():
            return replace(rendering, phase=Phase.FINISHED)
        case RenderingFailed():
            return replace(rendering, phase=Phase.FAILED)
        case _:
            assert_never(event)
