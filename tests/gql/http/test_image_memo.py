"""What was worked out of an image holds for this state of it alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from domain.errors import NotFound
from domain.ports.views import ImageView
from gql.http.image_memo import ImageMemo
from tests.gql.http.gallery import image


def test_the_same_state_is_looked_at_once() -> None:
    """And every other one anew, though it be equal: nobody compares whole images."""
    seen: list[ImageView] = []

    def name(view: ImageView) -> str:
        seen.append(view)
        return view.name

    memo, view = ImageMemo(name), image()
    assert [memo.of(view), memo.of(view)] == ["holiday.jpg", "holiday.jpg"]
    assert len(seen) == 1
    assert memo.of(replace(view, name="other.jpg")) == "other.jpg"
    assert memo.of(replace(view)) == "holiday.jpg"
    assert len(seen) == 3


def test_a_refusal_is_not_kept() -> None:
    """The next one who asks is refused by the function itself."""
    answers: Iterator[NotFound | str] = iter((NotFound("not yet"), "there"))

    def function(_: ImageView) -> str:
        answer = next(answers)
        if isinstance(answer, NotFound):
            raise answer
        return answer

    memo, view = ImageMemo(function), image()
    with pytest.raises(NotFound):
        memo.of(view)
    assert memo.of(view) == "there"
