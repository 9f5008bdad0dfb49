from __future__ import annotations

import json
from urllib.parse import quote, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gql.errors import RequestError
from gql.http.parameters import Parameters, from_json, from_query


def code(error: RequestError) -> object:
    extensions = error.errors[0]["extensions"]
    assert isinstance(extensions, dict)
    return extensions["code"]


def test_parameters_of_json() -> None:
    """What is absent is null; what is not known is ignored (§5.4.1)."""
    body = {"query": "{ a }", "operationName": "A", "variables": {"x": [1, None]}, "extensions": {}, "id": 7}
    assert from_json(json.dumps(body).encode()) == Parameters("{ a }", "A", {"x": [1, None]}, {})
    assert from_json(b'{"query": "", "variables": null}') == Parameters("")


def test_parameters_of_a_url() -> None:
    """Maps are JSON; the empty string means absent, except for the query (§5.3)."""
    query = urlencode({"query": "{ ä + b }", "variables": '{"x": 1}', "operationName": "", "extensions": ""})
    assert from_query(query.encode()) == Parameters("{ ä + b }", None, {"x": 1}, None)
    assert from_query(b"query=") == Parameters("")


MALFORMED = [
    b"",
    b" ",
    b"1",
    b"null",
    b'"query"',
    b"{",
    b"{}",
    b'{"query": 1}',
    b'{"query": null}',
    b'{"query": ["a"]}',
    b'{"query": "a", "variables": []}',
    b'{"query": "a", "variables": "{}"}',
    b'{"query": "a", "operationName": 1}',
    b'{"query": "a", "extensions": [1]}',
    b'{"query": "a"} trailing',
    b'{"query": "a",}',
    b"{'query': 'a'}",
    b'{"query": "a", "variables": {"x": NaN}}',
    b'{"query": "a", "variables": {"x": Infinity}}',
    b'{"query": "a", "variables": {"x": 1e999}}',
    b'{"query": "\xff"}',
    b'{"query": "\xed\xa0\x80"}',
    b'{"query": "\\ud800"}',
    b'{"query": "a", "variables": {"x": "\\udfff x"}}',
    b'{"query": "a\n"}',
    b"\xef\xbb\xbf{}",
    b"\xff\xfe{\x00}\x00",
    b'{"query": "a", "variables": ' + b'{"x": ' * 100_000,
    b'{"query": "a", "variables": {"x": ' + b"[" * 100_000,
]


@pytest.mark.parametrize("body", MALFORMED, ids=range(len(MALFORMED)))
def test_malformed_json_is_refused_with_a_reason(body: bytes) -> None:
    """Never anything but a RequestError."""
    with pytest.raises(RequestError, match="The request is malformed: ") as caught:
        from_json(body)
    assert (code(caught.value), caught.value.status) == ("BAD_REQUEST", 400)


@pytest.mark.parametrize("body", [b"[]", b' \n[{"query": "{ a }"}]', b"[" * 100_000])
def test_batches_are_refused_by_name(body: bytes) -> None:
    """So that a client knows what it is."""
    with pytest.raises(RequestError) as caught:
        from_json(body)
    assert code(caught.value) == "BATCHING_NOT_SUPPORTED"


@pytest.mark.parametrize(
    "query",
    [
        b"",
        b"variables={}",
        b"query=a&query=b",
        b"query=%FF",
        b"query=%ED%A0%80",
        b"query=\xc3\xa4",
        b"query=a&variables=1",
        b"query=a&variables=[]",
        b"query=a&variables={",
        b"query=a&extensions=%22x%22",
        b"query=a&variables=" + quote('{"x":' * 50_000).encode(),
        b"&".join(b"x=%d" % number for number in range(200)),
    ],
    ids=range(12),
)
def test_malformed_urls_are_refused(query: bytes) -> None:
    """Bytes that are no UTF-8 are refused, too, instead of being replaced."""
    with pytest.raises(RequestError) as caught:
        from_query(query)
    assert code(caught.value) == "BAD_REQUEST"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    st.lists,
    max_leaves=5,
)
json_bodies = st.dictionaries(
    st.sampled_from(["query", "variables", "operationName", "extensions", "x"]),
    json_values | st.dictionaries(st.text(), json_values),
).map(lambda body: json.dumps(body).encode(errors="surrogatepass"))


@given(st.binary(max_size=50) | json_bodies)
@example(b'{"query": "a", "query": 1}')
def test_bytes_are_parameters_or_a_request_error(body: bytes) -> None:
    """There is no third outcome."""
    try:
        found = from_json(body)
    except RequestError:
        return
    assert isinstance(found.query, str)


@given(st.binary(max_size=50))
def test_a_url_is_parameters_or_a_request_error(query: bytes) -> None:
    """There is no third outcome."""
    try:
        from_query(b"query=a&" + query)
    except RequestError:
        return
