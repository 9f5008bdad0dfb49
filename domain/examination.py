"""The examination of an original: from its upload to its one end, done or failed.

It has a stream of its own. What is found is nobody's edit: the versions of the image do not move, and
nobody who edits what they have just uploaded is refused for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, assert_never

from domain.events import ExaminationEvent, ExaminationFailed, ExaminationStarted, ImageExamined
from domain.findings import Findings
from domain.ports.rendering import RenderFailure

MAX_ATTEMPTS: Final = 3


@dataclass(frozen=True, slots=True)
class Examination:
    """`attempts` counts starts, whatever became of them: also those that ended with the process."""

    image_id: str
    attempts: int = 0
    settled: bool = False


def examination_stream(image_id: str) -> str:
    return f"examination-{image_id}"


def start(examination: Examination) -> Sequence[ExaminationEvent]:
    """Begin an attempt, or give up after too many."""
    image_id, attempts = examination.image_id, examination.attempts
    if examination.settled:
        return []
    if attempts >= MAX_ATTEMPTS:
        message = f"{MAX_ATTEMPTS} attempts did not come to an end."
        return [ExaminationFailed(image_id=image_id, code="ATTEMPTS_EXHAUSTED", message=message)]
    return [ExaminationStarted(image_id=image_id, attempt=attempts + 1)]


def settle(examination: Examination, outcome: Findings | RenderFailure) -> Sequence[ExaminationEvent]:
    """Record what an attempt came to; none where another attempt shall follow."""
    image_id = examination.image_id
    if examination.settled:
        return []
    if isinstance(outcome, RenderFailure):
        if not outcome.final and examination.attempts < MAX_ATTEMPTS:
            return []
        return [ExaminationFailed(image_id=image_id, code=outcome.code, message=outcome.message)]
    return [
        ImageExamined(
            image_id=image_id,
            pixel_hash=outcome.pixel_hash,
            perceptual_hash=outcome.perceptual_hash,
            placeholder=outcome.placeholder,
            metadata=outcome.metadata,
            location=outcome.location,
        )
    ]


def evolve(examination: Examination | None, event: ExaminationEvent) -> Examination:
    """The examination after one more event; before the first one it is waiting."""
    examination = examination or Examination(event.image_id)
    match event:
        case ExaminationStarted(attempt=attempt):
            return replace(examination, attempts=attempt)
        case ImageExamined() | ExaminationFailed():
            return replace(examination, settled=True)
        case _:
            assert_never(event)


def findings(event: ImageExamined) -> Findings | None:
    """What was found; None once it is forgotten."""
    if not event.pixel_hash:
        return None
    return Findings(
        pixel_hash=event.pixel_hash,
        perceptual_hash=event.perceptual_hash,
        placeholder=event.placeholder,
        metadata=event.metadata,
        location=event.location,
    )
