"""Cursors of lists of images."""

from __future__ import annotations

import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidCursor, InvalidInput
from domain.paging import decode_keyset, encode_keyset, page_size
from domain.query import ImageOrder, Keyset, SortKey

BY_WIDTH, BY_NAME = ImageOrder(SortKey.WIDTH), ImageOrder(SortKey.NAME)


def forged(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


@given(st.integers(-(2**63) + 1, 2**63 - 1), st.integers(1, 2**63 - 1))
def test_a_cursor_comes_back_as_it_was(value: int, position: int) -> None:
    """What was given is understood."""
    keyset = Keyset(value, position)
    assert decode_keyset(encode_keyset(keyset, BY_WIDTH), BY_WIDTH, field="after") == keyset


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "é",
        forged(b"[]"),
        forged(b'["width","ten",1]'),
        forged(b'["width",1.5,1]'),
        forged(b'["width",true,1]'),
        forged(b'["width",1,0]'),
        forged(b'["width",1,99999999999999999999]'),
        forged(b'["height",1,1]'),
        forged(b'["name",1,1]'),
        forged(b"[" * 100_000),
        forged(b"\xff"),
    ],
)
def test_forged_cursors_are_refused(cursor: str) -> None:
    """Nothing of a cursor reaches a query unless its form, kind and order are right."""
    with pytest.raises(InvalidCursor):
        decode_keyset(cursor, BY_WIDTH, field="after")


def test_a_name_that_cannot_be_written_is_refused() -> None:
    """Half a character is no name."""
    with pytest.raises(InvalidCursor):
        decode_keyset(forged(b'["name","\\ud800",1]'), BY_NAME, field="after")


@given(st.binary())
def test_any_bytes_are_a_cursor_or_are_refused(data: bytes) -> None:
    """Nothing but InvalidCursor is ever raised."""
    with suppress(InvalidCursor):
        assert decode_keyset(forged(data), BY_WIDTH, field="after").position > 0


def test_pages_have_a_size() -> None:
    """From one end or from the other, never more than a hundred."""
    assert page_size(None, None) == (24, False)
    assert page_size(5, None) == (5, False)
    assert page_size(None, 5) == (5, True)
    for first, last in ((0, None), (101, None), (None, -1), (1, 1)):
        with pytest.raises(InvalidInput):
            page_size(first, last)
