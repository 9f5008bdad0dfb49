"""From the request of a rendition to its one end."""

from __future__ import annotations

from functools import reduce

import pytest

from domain.events import RenderingEvent, RenderingFailed, RenderingFinished, RenderingStarted
from domain.header import MediaType
from domain.ports.rendering import Rendered, RenderFailure
from domain.rendering import MAX_ATTEMPTS, Phase, Rendering, ask, evolve, settle, start
from tests.examples import requested

IMAGE, RENDITION = "a" * 32, "b" * 32
RENDERED = Rendered(sha256="c" * 64, byte_size=9, media_type=MediaType.WEBP, width=2, height=1)
FINISHED = RenderingFinished(
    image_id=IMAGE,
    rendition_id=RENDITION,
    sha256="c" * 64,
    byte_size=9,
    media_type=MediaType.WEBP,
    width=2,
    height=1,
)
DAMAGED = RenderFailure("DAMAGED_FILE", "The file is damaged.")
PASSING = RenderFailure("RENDER_FAILED", "Not this time.", final=False)


def started(attempt: int) -> RenderingStarted:
    return RenderingStarted(image_id=IMAGE, rendition_id=RENDITION, attempt=attempt)


def failed(code: str, message: str) -> RenderingFailed:
    return RenderingFailed(image_id=IMAGE, rendition_id=RENDITION, code=code, message=message)


def rendering(*events: RenderingEvent) -> Rendering:
    history = [requested(IMAGE, RENDITION), *events]
    state = reduce(evolve, history, None)
    assert state is not None
    return state


def test_each_start_is_counted() -> None:
    """The second attempt says that it is the second."""
    assert start(rendering()) == [started(1)]
    assert start(rendering(started(1))) == [started(2)]


def test_attempts_come_to_an_end() -> None:
    """Starts that led nowhere, be it by the death of the process, are not repeated for ever."""
    history = [started(attempt) for attempt in range(1, MAX_ATTEMPTS + 1)]
    (event,) = start(rendering(*history))
    assert isinstance(event, RenderingFailed)
    assert event.code == "ATTEMPTS_EXHAUSTED"


def test_a_rendered_picture_finishes_the_rendering() -> None:
    """The event says where the bytes are."""
    assert settle(rendering(started(1)), RENDERED) == [FINISHED]


def test_a_final_failure_ends_the_rendering_at_once() -> None:
    """A damaged file is not decoded again."""
    assert settle(rendering(started(1)), DAMAGED) == [failed("DAMAGED_FILE", "The file is damaged.")]


def test_a_passing_failure_ends_the_rendering_with_the_last_attempt() -> None:
    """Before that, another attempt follows."""
    assert settle(rendering(started(1)), PASSING) == []
    assert settle(rendering(started(MAX_ATTEMPTS)), PASSING) == [failed("RENDER_FAILED", "Not this time.")]


@pytest.mark.parametrize("end", [FINISHED, failed("X", "y")])
def test_a_rendering_has_one_end(end: RenderingEvent) -> None:
    """Whatever comes after it changes nothing."""
    over = rendering(started(1), end)
    assert over.settled
    assert start(over) == []
    assert settle(over, RENDERED) == []
    assert settle(over, DAMAGED) == []


def test_what_has_failed_begins_anew_when_it_is_asked_for_again() -> None:
    """Its attempts are counted from there, also where they were used up."""
    history = [started(attempt) for attempt in range(1, MAX_ATTEMPTS + 1)]
    over = rendering(*history, failed("ATTEMPTS_EXHAUSTED", "Enough."))
    (again,) = ask(over, requested(IMAGE, RENDITION))
    assert again == requested(IMAGE, RENDITION)
    anew = evolve(over, again)
    assert (anew.phase, anew.attempts) == (Phase.WAITING, 0)
    assert start(anew) == [started(1)]


@pytest.mark.parametrize("events", [(), (started(1),), (started(1), FINISHED)])
def test_what_is_made_or_under_way_is_not_asked_for_again(events: tuple[RenderingEvent, ...]) -> None:
    """The same request is the same rendition."""
    assert ask(rendering(*events), requested(IMAGE, RENDITION)) == []


def test_a_rendering_that_was_never_asked_for_is() -> None:
    """By the request itself."""
    assert ask(None, requested(IMAGE, RENDITION)) == [requested(IMAGE, RENDITION)]
