from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gql.http.negotiation import AnswerType, MediaRange, negotiate

GRAPHQL, JSON = "application/graphql-response+json", "application/json"


@pytest.mark.parametrize(
    ("accept", "answer"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (GRAPHQL.upper(), GRAPHQL),
        (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", GRAPHQL),
        (f"{JSON};q=0.5, {GRAPHQL};q=0.4", JSON),
        (f"{GRAPHQL};q=0.5, */*;q=0.9", JSON),
        (f"{JSON};q=0, */*", GRAPHQL),
        (f"{JSON};q=0.1, application/*;q=0.2, */*;q=0.9", GRAPHQL),
        (f"{JSON}; charset=UTF-8", JSON),
        (f'{JSON};profile="a,b;q=0";q=0.5, {GRAPHQL};q=0.1', JSON),
        ("text/html, */*;q=0.001", JSON),
        (f"{JSON}, multipart/mixed", JSON),
        (" , ,", JSON),
        ("text/html", None),
        (f"{JSON};q=0", None),
        ("*/*;q=0", None),
        (f"{JSON};charset=latin-1", None),
        (f"{JSON};q=much", None),
        (f"{JSON};q=1.5", None),
    ],
)
def test_the_most_wanted_answer_is_given(accept: str, answer: str | None) -> None:
    """By quality first; the closest range decides on a quality (RFC 9110 §12.5.1)."""
    assert negotiate(accept) == answer


@given(st.text(st.sampled_from('application/json*;q=0.,"\\ '), max_size=60))
def test_no_header_is_too_strange(accept: str) -> None:
    """Whatever is written, there is an answer or none."""
    assert negotiate(accept) in {*AnswerType, None}


def test_parameters_are_read_quoted_or_not() -> None:
    """A boundary with a space has to be quoted."""
    found = MediaRange.parse('Multipart/Form-Data; Boundary="a \\"b\\""; charset=utf-8')
    assert (found.name, found.parameters) == (
        "multipart/form-data",
        {"boundary": 'a "b"', "charset": "utf-8"},
    )
