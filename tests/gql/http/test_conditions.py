"""Conditions compare entity tags as RFC 9110 says: strongly for parts and changes, weakly for caches."""

import pytest
from starlette.datastructures import Headers

from gql.http.conditions import Verdict, range_applies, verdict

TAG = '"abc"'


@pytest.mark.parametrize("value", [TAG, f"W/{TAG}", f'"x", {TAG}', f'"a,b",{TAG}', "*", f'W/"x" , W/{TAG}'])
def test_what_the_client_has_is_not_sent_again(value: str) -> None:
    """If-None-Match compares weakly: a proxy may have compressed what we sent."""
    assert verdict(Headers({"if-none-match": value}), TAG) is Verdict.NOT_MODIFIED


@pytest.mark.parametrize("value", ['"x"', "abc", "", '"abc', '"*"', '"ab", "c"', f'"x{TAG}'])
def test_what_the_client_lacks_is_sent(value: str) -> None:
    """Also when it says so badly."""
    assert verdict(Headers({"if-none-match": value}), TAG) is Verdict.SEND


def test_a_header_may_be_repeated() -> None:
    """Two lines are one list."""
    raw = [(b"if-none-match", b'"x"'), (b"if-none-match", TAG.encode())]
    assert verdict(Headers(raw=raw), TAG) is Verdict.NOT_MODIFIED


@pytest.mark.parametrize("value", [TAG, f'"x", {TAG}', "*"])
def test_if_match_lets_pass_what_it_names(value: str) -> None:
    """A download that is continued."""
    assert verdict(Headers({"if-match": value}), TAG) is Verdict.SEND


@pytest.mark.parametrize("value", ['"x"', f"W/{TAG}", "", "abc"])
def test_if_match_stops_all_else(value: str) -> None:
    """It compares strongly: a weak tag names no bytes."""
    assert verdict(Headers({"if-match": value}), TAG) is Verdict.PRECONDITION_FAILED


def test_if_match_comes_first() -> None:
    """RFC 9110, section 13.2.2."""
    headers = Headers({"if-match": '"x"', "if-none-match": TAG})
    assert verdict(headers, TAG) is Verdict.PRECONDITION_FAILED


def test_without_conditions_all_is_sent() -> None:
    """Conditions on dates do not count: content has none."""
    assert verdict(Headers({"if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT"}), TAG) is Verdict.SEND


@pytest.mark.parametrize(
    ("value", "applies"),
    [(TAG, True), (f"W/{TAG}", False), ('"x"', False), ("Fri, 01 Jan 2100 00:00:00 GMT", False), ("", False)],
)
def test_parts_are_sent_of_the_same_bytes_only(value: str, applies: bool) -> None:
    """If-Range compares strongly."""
    assert range_applies(Headers({"if-range": value}), TAG) is applies


def test_a_range_needs_no_condition() -> None:
    """Without If-Range it is taken as it is."""
    assert range_applies(Headers({}), TAG)
