"""Cursors of the log."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cursor import decode_cursor, encode_cursor
from domain.errors import InvalidCursor

STORE = "0123abcd"


@given(st.integers(0, 10**17))
def test_a_cursor_comes_back_as_its_position(position: int) -> None:
    """What was given is understood."""
    assert decode_cursor(encode_cursor(STORE, position), STORE, head=position) == position


@pytest.mark.parametrize(
    ("cursor", "code"),
    [
        ("", "INVALID_CURSOR"),
        ("nonsense", "INVALID_CURSOR"),
        ("é", "INVALID_CURSOR"),
        ("A" * 10_000, "INVALID_CURSOR"),
        (encode_cursor("ffffffff", 1), "CURSOR_OF_ANOTHER_STORE"),
        (encode_cursor(STORE, 11), "CURSOR_BEYOND_HEAD"),
    ],
)
def test_other_cursors_are_refused_with_the_reason(cursor: str, code: str) -> None:
    """A program can tell a typing error from a restored backup."""
    with pytest.raises(InvalidCursor) as refused:
        decode_cursor(cursor, STORE, head=10)
    assert refused.value.code == code


@given(st.text())
def test_any_text_is_a_cursor_or_is_refused(text: str) -> None:
    """Nothing but InvalidCursor is ever raised."""
    with suppress(InvalidCursor):
        assert decode_cursor(text, STORE, head=10) <= 10
