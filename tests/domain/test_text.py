"""Names, descriptions and tags as people and programs write them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.text import NAME_LENGTH, clean_description, clean_name, clean_tags


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("photo.jpg", "photo.jpg"),
        ("../../x", "x"),
        ("..", "untitled"),
        ("", "untitled"),
        ("C:\\pictures\\me.png", "me.png"),
        ("x$(y).png", "x$(y).png"),
        ("snow\x00fall\r\n.png", "snowfall.png"),
        ("e\u0301te\u0301.jpg", "été.jpg"),
        ("写真.jpg", "写真.jpg"),
        ("صورة.png", "صورة.png"),
        ("gpj.\u202egnp", "gpj.gnp"),
        ("folder/", "folder"),
    ],
)
def test_names_are_kept_as_far_as_they_are_names(given_name: str, kept: str) -> None:
    """Any script is welcome; paths, control characters and reordering marks are not."""
    assert clean_name(given_name) == kept


@given(st.text())
def test_a_clean_name_stays_as_it_is(name: str) -> None:
    """Cleaning twice is cleaning once, and the result can be written anywhere."""
    try:
        clean = clean_name(name)
    except InvalidInput:
        assert len(name) > NAME_LENGTH
        return
    assert clean_name(clean) == clean
    assert clean.encode()
    assert "/" not in clean


def test_descriptions_keep_their_lines() -> None:
    """A line break is text, a bell is not."""
    assert clean_description(" one\ntwo\a ") == "one\ntwo"
    with pytest.raises(InvalidInput, match="at most 10000"):
        clean_description("x" * 10_001)


def test_tags_do_not_repeat() -> None:
    """Letters are compared without case; the first spelling stays."""
    assert clean_tags(["Cat", " cat ", "two  words"]) == ("Cat", "two words")


@pytest.mark.parametrize("tags", [[""], [" "], ["x" * 101], [str(n) for n in range(101)]])
def test_tags_that_are_none_are_refused(tags: list[str]) -> None:
    """Empty, endless and countless ones."""
    with pytest.raises(InvalidInput):
        clean_tags(tags)


@pytest.mark.parametrize(
    "clean", [clean_name, clean_description, lambda text, field: clean_tags([text], field=field)]
)
def test_what_is_far_too_long_is_not_even_looked_at(clean: Callable[..., object]) -> None:
    """Though nothing of it would be kept."""
    with pytest.raises(InvalidInput, match="20,000 characters") as refused:
        clean("\u202a" * 20_001, field="text")
    assert refused.value.field == "text"
