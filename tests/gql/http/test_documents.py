from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace

import pytest
from graphql import get_introspection_query

from gql.errors import DocumentError
from gql.http.documents import Documents, Operation
from gql.limits import Limits
from tests.gql.http.toy import SCHEMA


def documents(**limits: int) -> Documents:
    return Documents(SCHEMA, replace(Limits(), **limits))


def code(error: DocumentError) -> object:
    extensions = error.errors[0]["extensions"]
    assert isinstance(extensions, dict)
    return extensions["code"]


def refused(text: str, name: str | None = None, **limits: int) -> object:
    with pytest.raises(DocumentError) as caught:
        documents(**limits).operation(text, name)
    return code(caught.value)


def test_a_document_is_parsed_and_validated_once() -> None:
    """The second request with the same text gets the same operation."""
    cache = documents()
    assert cache.operation("{ hello }", None) is cache.operation("{ hello }", None)
    assert cache.operation("{ hello }", None) is not cache.operation("{ hello  }", None)


def test_the_least_recently_used_documents_are_forgotten() -> None:
    """What the cache holds is bounded by what it weighs."""
    cache = documents(document_cache_bytes=8_000)
    used, unused = cache.operation("{ a: hello }", None), cache.operation("{ b: hello }", None)
    assert cache.operation("{ a: hello }", None) is used
    cache.operation("{ c: hello }", None)
    assert cache.operation("{ a: hello }", None) is used
    assert cache.operation("{ b: hello }", None) is not unused


def test_a_document_too_heavy_for_the_cache_is_used_and_forgotten() -> None:
    """The cache is no limit of its own."""
    cache = documents(document_cache_bytes=1)
    assert isinstance(cache.operation("{ hello }", None), Operation)


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("{", None, "GRAPHQL_PARSE_FAILED"),
        ("", None, "GRAPHQL_PARSE_FAILED"),
        ("# nothing", None, "GRAPHQL_PARSE_FAILED"),
        ('{ hello(name: "\\ud800") }', None, "GRAPHQL_PARSE_FAILED"),
        ("{" * 100_000, None, "DOCUMENT_TOO_LARGE"),
        ("{ a " * 400, None, "GRAPHQL_PARSE_FAILED"),
        ("[" * 4_000, None, "GRAPHQL_PARSE_FAILED"),
        ("{ hello(name: " + "[" * 2_000, None, "GRAPHQL_PARSE_FAILED"),
        ("{ " + "hello " * 6_000 + "}", None, "TOO_MANY_TOKENS"),
        ("#\n" * 6_000 + "{ hello }", None, "TOO_MANY_TOKENS"),
        ("{ nope }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("{ ...A } fragment A on Query { ...A }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("type Query { a: Int }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { count silence }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("{ a: hello } query B { hello }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("query A { hello } query A { hello }", "A", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { hello } query B { hello }", None, "OPERATION_NAME_REQUIRED"),
        ("query A { hello } query B { hello }", "C", "OPERATION_NOT_FOUND"),
        ("{ hello }", "A", "OPERATION_NOT_FOUND"),
        ("{ pet { " + "friend { " * 12 + "name" + " }" * 14, None, "QUERY_TOO_DEEP"),
        ("{ " + " ".join(f"a{n}: hello" for n in range(31)) + " }", None, "TOO_MANY_ALIASES"),
        ("{ " + "hello " * 21 + "}", None, "TOO_MANY_ROOT_FIELDS"),
        ("{ hello " + "@include(if: true) " * 51 + "}", None, "TOO_MANY_DIRECTIVES"),
        ("{ pet { friends(first: 30000) { name } } }", None, "QUERY_TOO_EXPENSIVE"),
    ],
    ids=range(24),
)
def test_a_document_that_may_not_be_executed_has_a_code(text: str, name: str | None, expected: str) -> None:
    """One for each reason."""
    assert refused(text, name) == expected


def test_an_operation_is_chosen_by_its_name() -> None:
    """Or because it is the only one."""
    text = "query A { hello } mutation B { increment }"
    assert documents().operation(text, "B").name == "B"
    assert documents().operation("query A { hello }", None).name == "A"


def test_the_whole_schema_can_be_asked_for() -> None:
    """By the query that GraphiQL and other tools send."""
    assert documents().operation(get_introspection_query(), "IntrospectionQuery").name == "IntrospectionQuery"


@pytest.mark.parametrize(
    "text",
    [
        "{ pet { " + "friend { name } " * 1_200 + "} }",
        "{ pet { " + "friends(first: 1) { name } " * 500 + "} }",
        "{ pet { " + "name " * 4_900 + "} }",
        "{ pet { "
        + " ".join(f"...F{n}" for n in range(350))
        + " } }"
        + "".join(f"fragment F{n} on Pet {{ name }}" for n in range(350)),
        "{ pet { " + " ".join(f"nope{n}" for n in range(4_900)) + " } }",
        "{ pet { " + "... { " * 190 + "name " * 4_000 + "} " * 190 + "} }",
        "query (" + " ".join(f"$v{n}: Int" for n in range(1_200)) + ") { hello }",
    ],
    ids=["same fields", "same arguments", "same names", "fragments", "unknown", "inline", "variables"],
)
def test_hostile_documents_take_no_time(text: str) -> None:
    """Of all that may be sent, these are the slowest known to parse and validate."""
    assert min(_seconds(text) for _ in range(3)) < 1


def _seconds(text: str) -> float:
    cache = documents()
    started = time.thread_time()
    with suppress(DocumentError):
        cache.operation(text, None)
    return time.thread_time() - started
