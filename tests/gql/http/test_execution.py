from __future__ import annotations

from contextlib import aclosing

import pytest
from graphql import OperationType
from starlette.requests import Request

from domain.errors import InvalidInput
from gql.errors import DocumentError, RequestError
from gql.http.execution import Prepared, make_context
from gql.http.parameters import Parameters
from gql.http.payloads import Payload
from tests.gql.http.toy import Bench, Toy


def prepared(bench: Bench, query: str, **variables: object) -> Prepared:
    return bench.execution.prepare(Parameters(query, variables=variables))


def context(bench: Bench) -> Toy:
    return Toy(Request({"type": "http", "headers": []}), bench.store, bench.produced, bench.closed)


async def run(query: str, **variables: object) -> dict[str, object]:
    bench = Bench()
    return await bench.execution.run(prepared(bench, query, **variables), context(bench))


async def test_a_result_is_ready_to_be_sent() -> None:
    """Data, then errors where there are any, and the cost."""
    assert await run("{ hello }") == {"data": {"hello": "hello world"}, "extensions": {"cost": 1}}
    assert list(await run("{ refused }")) == ["errors", "data", "extensions"]


def test_what_kind_an_operation_is_can_be_asked_before_it_is_run() -> None:
    """And what it costs with these variables."""
    found = prepared(Bench(), "subscription ($n: Int) { pets { friends(first: $n) { name } } }", n=7)
    assert (found.kind, found.cost) == (OperationType.SUBSCRIPTION, 1 + 1 + 7)


async def test_a_timeout_of_a_resolver_is_not_that_of_the_operation() -> None:
    """It is an error like any other."""
    result = await run("{ timingOut }")
    assert result["data"] == {"timingOut": None}
    assert "INTERNAL" in str(result["errors"])


async def test_variables_are_coerced_before_anything_is_run() -> None:
    """Nothing is told of data then."""
    with pytest.raises(DocumentError):
        await run("query ($n: String!) { hello(name: $n) }", n=1)


async def test_a_stream_makes_a_result_when_it_is_asked_for() -> None:
    """And closes its source when it is closed, without waiting for it to end."""
    bench = Bench()
    async with aclosing(
        bench.execution.stream(prepared(bench, "subscription { count }"), context(bench))
    ) as results:
        assert await anext(results) == [Payload(b'{"data":{"count":"0"}}', None)]
        assert bench.produced == [0]
        assert await anext(results) == [Payload(b'{"data":{"count":"1"}}', None)]
        assert (bench.produced, bench.closed) == ([0, 1], [])
    assert bench.closed == ["count"]


async def test_a_stream_that_cannot_begin_raises_before_its_first_result() -> None:
    """With the code of the refusal."""
    bench = Bench()
    with pytest.raises(RequestError, match="There is nothing to count"):
        await anext(bench.execution.stream(prepared(bench, "subscription { never }"), context(bench)))


async def test_a_stream_raises_what_its_source_raises() -> None:
    """After the results that there were."""
    bench = Bench()
    results = bench.execution.stream(prepared(bench, "subscription { refusing }"), context(bench))
    await anext(results)
    with pytest.raises(InvalidInput):
        await anext(results)


async def test_a_context_may_be_made_at_once_or_later() -> None:
    """By a plain function or by a coroutine function."""

    async def later(connection: object) -> object:
        return connection

    request = Request({"type": "http", "headers": []})
    assert await make_context(lambda connection: connection, request) is request
    assert await make_context(later, request) is request
