from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gql.errors import RequestError
from gql.http.parameters import Parameters
from gql.http.slots import read_map


def given_variables(variables: object) -> Parameters:
    return Parameters("{ a }", variables=variables)  # type: ignore[arg-type]


def test_files_are_put_where_the_map_says() -> None:
    """Into objects and lists, one file into several places if asked."""
    given = given_variables({"file": None, "files": [None, None], "input": {"list": [{"file": None}]}})
    content = {"0": ["variables.file", "variables.files.1"], "1": ["variables.input.list.0.file"]}
    slots = read_map(json.dumps(content).encode(), given, 3)
    for name, each in slots.items():
        for slot in each:
            slot.fill(name)  # type: ignore[arg-type]
    assert given.variables == {"file": "0", "files": [None, "0"], "input": {"list": [{"file": "1"}]}}


def test_no_file_is_needed() -> None:
    """A request without files may still be multipart."""
    assert read_map(b"{}", Parameters("{ a }"), 1) == {}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "malformed"),
        (b"[]", "malformed"),
        (b'{"0": "variables.file"}', "malformed"),
        (b'{"0": [1]}', "malformed"),
        (b'{"0": ["variables.file"]', "malformed"),
        (b'{"0": ["\xff"]}', "malformed"),
        (b'{"0":' + b"[" * 100_000, "malformed"),
        (b'{"0": []}', "without a place"),
        (b'{"0": ["file"]}', "does not begin with `variables.`"),
        (b'{"0": ["variables"]}', "does not begin with `variables.`"),
        (b'{"0": ["query"]}', "does not begin with `variables.`"),
        (b'{"0": ["0.variables.file"]}', "does not begin with `variables.`"),
        (b'{"0": ["variables."]}', "does not exist"),
        (b'{"0": ["variables.other"]}', "does not exist"),
        (b'{"0": ["variables.file.deeper"]}', "does not exist"),
        (b'{"0": ["variables.taken.0"]}', "does not exist"),
        (b'{"0": ["variables.files.2"]}', "does not exist"),
        (b'{"0": ["variables.files.-1"]}', "does not exist"),
        (b'{"0": ["variables.files.00"]}', "does not exist"),
        (b'{"0": ["variables.files.+0"]}', "does not exist"),
        (b'{"0": ["variables.files.0.5"]}', "does not exist"),
        (b'{"0": ["variables.files.x"]}', "does not exist"),
        ('{"0": ["variables.files.\N{ARABIC-INDIC DIGIT ZERO}"]}'.encode(), "does not exist"),
        (b'{"0": ["variables.files.99999999999999999999"]}', "does not exist"),
        (b'{"0": ["variables.taken"]}', "is not null"),
        (b'{"0": ["variables.files"]}', "is not null"),
        (b'{"0": ["variables.file"], "1": ["variables.file"]}', "a place twice"),
        (b'{"0": ["variables.file", "variables.file"]}', "a place twice"),
        (b'{"0": ["variables.file", "variables.files.0", "variables.files.1"]}', "has 3 places"),
        (b'{"0": ["variables.file"], "1": [], "2": []}', "limit is 2"),
    ],
    ids=range(30),
)
def test_a_map_that_does_not_fit_is_refused(content: bytes, reason: str) -> None:
    """Before any file is taken, with the path that is wrong."""
    given = given_variables({"file": None, "files": [None, None], "taken": "x"})
    with pytest.raises(RequestError, match=reason) as caught:
        read_map(content, given, 2)
    assert caught.value.errors[0]["extensions"] == {"code": "MULTIPART_MAP_INVALID"}


paths = st.lists(st.sampled_from(["variables", "a", "0", "1", ""]), max_size=4).map(".".join)
values = st.recursive(
    st.none() | st.just("x"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("a0"), inner),
)


@given(
    st.dictionaries(st.text(max_size=2), st.lists(paths, max_size=3)),
    st.none() | st.dictionaries(st.just("a"), values),
)
def test_a_map_fits_or_is_refused(content: dict[str, list[str]], variables: dict[str, object] | None) -> None:
    """A path is followed through whatever the variables are."""
    try:
        slots = read_map(json.dumps(content).encode(), given_variables(variables), 5)
    except RequestError:
        return
    assert {name: len(each) for name, each in slots.items()} == {
        name: len(each) for name, each in content.items()
    }
