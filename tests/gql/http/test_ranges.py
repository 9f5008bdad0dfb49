"""Ranges are what slices are, in the words of RFC 9110."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gql.http.ranges import Span, Unsatisfiable, requested_span

SIZES = st.integers(min_value=0, max_value=50)
PLACES = st.integers(min_value=0, max_value=100)


def served(content: bytes, header: str) -> bytes:
    """All of it where the header is ignored, and nothing where it is refused."""
    try:
        span = requested_span(header, len(content))
    except Unsatisfiable:
        return b""
    return content if span is None else content[span.start : span.stop]


@given(size=SIZES, first=PLACES, last=PLACES)
def test_first_and_last_are_both_included(size: int, first: int, last: int) -> None:
    """Backwards is no range, and ignored."""
    content = bytes(range(size))
    expected = content[first : last + 1] if first <= last else content
    assert served(content, f"bytes={first}-{last}") == expected


@given(size=SIZES, first=PLACES)
def test_an_open_range_goes_to_the_end(size: int, first: int) -> None:
    """From the byte that is named."""
    content = bytes(range(size))
    assert served(content, f"bytes={first}-") == content[first:]


@given(size=SIZES, count=PLACES)
def test_a_suffix_is_counted_from_the_end(size: int, count: int) -> None:
    """More than there is means all."""
    content = bytes(range(size))
    assert served(content, f"bytes=-{count}") == content[max(size - count, 0) :]


@given(header=st.text(alphabet="bytes=-,0123456789 \t\n٣", max_size=30), size=SIZES)
def test_a_span_lies_within_the_file_and_is_not_empty(header: str, size: int) -> None:
    """Whatever the header is."""
    try:
        span = requested_span(header, size)
    except Unsatisfiable:
        return
    assert span is None or 0 <= span.start < span.stop <= size


@pytest.mark.parametrize(
    "header",
    [None, "", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-2", "bytes=1-2,4-5", "bytes=1-2,",
     "bytes=0--1", "items=0-1", "bytes 0-1", "bytes=0-1x", "bytes=+0-1", "bytes=0-1\n", "bytes=٣-٤",
     f"bytes=0-{'9' * 5000}"],
)  # fmt: skip
def test_what_is_no_single_range_of_bytes_is_ignored(header: str | None) -> None:
    """Then the whole file is sent, as RFC 9110 allows."""
    assert requested_span(header, 10) is None


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=99999999999999999999-"])
def test_what_lies_behind_the_end_cannot_be_satisfied(header: str) -> None:
    """There is no byte to send."""
    with pytest.raises(Unsatisfiable):
        requested_span(header, 10)


@pytest.mark.parametrize("header", ["bytes=2-5", "BYTES=2-5", "bytes= 2-5 ", "bytes=002-0005"])
def test_units_have_no_case_and_spaces_may_surround_a_range(header: str) -> None:
    """RFC 9110, sections 14.1 and 5.6.1."""
    assert requested_span(header, 10) == Span(2, 6)


def test_a_span_is_told_with_its_last_byte() -> None:
    """As Content-Range counts."""
    assert Span(2, 6).content_range(10) == "bytes 2-5/10"
