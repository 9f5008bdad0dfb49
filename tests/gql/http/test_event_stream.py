from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from domain.errors import Refusal
from gql.limits import Limits
from tests.event_source import ACCEPT, EventSource, SentEvent
from tests.gql.http.toy import Bench, until

SUBSCRIPTION = b'{"query": "subscription { count }"}'
BOTH = f"application/json, {ACCEPT}"


@asynccontextmanager
async def client(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    """Over a socket: without one httpx waits for the end of an answer."""
    async with (
        bench.serve() as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http,
    ):
        yield http


async def told(query: str, *, method: str = "POST", bench: Bench | None = None) -> list[SentEvent]:
    async with (bench or Bench()).client() as http:
        return [event async for event in EventSource(query).events(http, method=method)]


def code(event: SentEvent) -> str:
    found: str = event.result["errors"][0]["extensions"]["code"]
    return found


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_subscription_ends_with_complete(method: str) -> None:
    """Every result is an event `next`; data that come one by one have no cursor, and so no id."""
    assert await told("subscription { count(to: 2) }", method=method) == [
        SentEvent("next", '{"data":{"count":"0"}}', ""),
        SentEvent("next", '{"data":{"count":"1"}}', ""),
        SentEvent("complete", "", ""),
    ]


async def test_queries_and_mutations_have_one_result() -> None:
    """Where nothing but events is accepted."""
    for query, data in (
        ("{ hello }", {"hello": "hello world"}),
        ("mutation { increment }", {"increment": 1}),
    ):
        first, last = await told(query)
        assert first.result["data"] == data
        assert last.name == "complete"


async def test_a_query_is_answered_in_one_piece_where_that_is_accepted() -> None:
    """Programs that name both expect a stream for a subscription alone."""
    async with Bench().client() as http:
        for query, expected in (("{ hello }", "application/json"), ("subscription { count(to: 1) }", ACCEPT)):
            answer = await http.post("/graphql", json={"query": query}, headers={"accept": BOTH})
            assert answer.headers["content-type"].partition(";")[0] == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nope }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription A { count } subscription B { count }", "OPERATION_NAME_REQUIRED"),
        ("subscription ($n: Int!) { count(to: $n) }", "BAD_VARIABLES"),
        ("subscription { never }", "INVALID_INPUT"),
        ("subscription { refused }", "INVALID_INPUT"),
    ],
)
async def test_what_is_wrong_with_an_operation_is_told_by_events(query: str, expected: str) -> None:
    """As the protocol has it: a browser's EventSource tells nothing of another status."""
    first, last = await told(query)
    assert (first.name, code(first), last.name) == ("next", expected, "complete")


@pytest.mark.parametrize(("query", "expected"), [("breaking", "INTERNAL"), ("refusing", "INVALID_INPUT")])
async def test_a_source_that_fails_ends_with_an_error(
    query: str, expected: str, caplog: pytest.LogCaptureFixture
) -> None:
    """After the results it had; what nobody expected is logged and not told."""
    with caplog.at_level(logging.ERROR, "gql"):
        first, second, last = await told(f"subscription {{ {query} }}")
    assert (code(second), last.name) == (expected, "complete")
    assert "errors" not in first.result
    assert "secret" not in second.data
    assert ("secret" in caplog.text) == (expected == "INTERNAL")


@pytest.mark.parametrize(
    ("method", "headers", "content", "status", "expected"),
    [
        ("POST", {"accept": "text/html"}, b"{}", 406, "NOT_ACCEPTABLE"),
        (
            "POST",
            {"accept": "*/*"},
            b'{"query": "subscription { count }"}',
            200,
            "SUBSCRIPTION_NOT_SUPPORTED",
        ),
        (
            "POST",
            {"accept": f"{ACCEPT}; q=0, */*"},
            b'{"query": "subscription { count }"}',
            200,
            "SUBSCRIPTION_NOT_SUPPORTED",
        ),
        ("POST", {"accept": ACCEPT}, b"{", 400, "BAD_REQUEST"),
        ("POST", {"accept": ACCEPT, "content-type": "text/plain"}, b"{}", 415, "UNSUPPORTED_MEDIA_TYPE"),
        ("POST", {"accept": ACCEPT, "content-type": "multipart/form-data"}, b"", 406, "NOT_ACCEPTABLE"),
        ("PUT", {"accept": ACCEPT}, b"{}", 405, "METHOD_NOT_ALLOWED"),
    ],
)
async def test_what_is_no_request_has_a_status(
    method: str, headers: dict[str, str], content: bytes, status: int, expected: str
) -> None:
    """And a body that says why."""
    async with Bench().client() as http:
        named = {"content-type": "application/json"} | headers
        answer = await http.request(method, "/graphql", content=content, headers=named)
    assert answer.status_code == status
    assert answer.json()["errors"][0]["extensions"]["code"] == expected


@pytest.mark.parametrize("query", ["mutation { increment }", "subscription { count }"])
async def test_get_changes_nothing_and_needs_to_accept_events(query: str) -> None:
    """405, whatever else is accepted."""
    accept = ACCEPT if query.startswith("mutation") else "application/json"
    async with Bench().client() as http:
        answer = await http.get("/graphql", params={"query": query}, headers={"accept": accept})
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_a_refused_context_is_a_status() -> None:
    """Nothing of the operation has been looked at."""
    async with Bench(refusal=Refusal("No token, no images.")).client() as http:
        answer = await http.post("/graphql", json={"query": "{ hello }"}, headers={"accept": ACCEPT})
    assert answer.status_code == 403


async def test_a_client_that_leaves_closes_its_source() -> None:
    """Though nothing was about to be sent."""
    bench = Bench()
    async with client(bench) as http:
        async with aclosing(EventSource("subscription { silence }").events(http)) as events:
            await anext(events)
        await until(lambda: bench.closed == ["silence"])


async def test_silence_is_filled_with_comments() -> None:
    """For those in between, who close what seems dead."""
    bench = Bench(replace(Limits(), keep_alive_seconds=0.02))
    request = {"json": {"query": "subscription { silence }"}, "headers": {"accept": ACCEPT}}
    async with client(bench) as http, http.stream("POST", "/graphql", **request) as response:  # type: ignore[arg-type]
        lines = response.aiter_lines()
        found = [await asyncio.wait_for(anext(lines), 10) for _ in range(9)]
    assert [line for line in found if line] == [":", "event: next", 'data: {"data":{"silence":0}}', ":", ":"]


async def test_a_server_that_stops_breaks_streams_off() -> None:
    """Without `complete`, which would tell clients not to come back; and a new one is refused."""
    bench = Bench()
    source = EventSource("subscription { silence }")
    async with client(bench) as http, aclosing(source.events(http)) as events:
        await anext(events)
        bench.endpoint.streams.close()
        assert [event async for event in events] == []
        assert not source.complete
        assert bench.closed == ["silence"]
        answer = await http.post("/graphql", json={"query": "{ hello }"}, headers={"accept": ACCEPT})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
