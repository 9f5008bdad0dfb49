from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import replace

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import Message

from domain.errors import Refusal, ShuttingDown
from gql.limits import Limits
from tests.gql.http.test_parameters import MALFORMED
from tests.gql.http.toy import GRAPHQL, Bench

JSON = "application/json"


def codes(response: httpx.Response) -> list[object]:
    return [error["extensions"]["code"] for error in response.json()["errors"]]


async def test_a_query_is_answered_with_its_data_and_its_cost() -> None:
    """As UTF-8 JSON; the media type depends on what the client accepts."""
    response = await Bench().post({"query": '{ hello(name: "wörld 🏃") }'})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.headers["vary"] == "accept"
    assert response.json() == {"data": {"hello": "hello wörld 🏃"}, "extensions": {"cost": 1}}


async def test_resolvers_get_enums_variables_and_context_as_strawberry_promises() -> None:
    """Operations are executed by graphql-core directly, with Strawberry's own executor."""
    query = "query Q($c: Colour!, $v: JSON!) { paint(colour: $c) echo(value: $v) pet { friend { name } } }"
    variables = {"c": "RED", "v": {"a": [1, None, 10**30]}}
    response = await Bench().post({"query": query, "variables": variables, "operationName": "Q"})
    assert response.json()["data"] == {
        "paint": "RED",
        "echo": variables["v"],
        "pet": {"friend": {"name": "friend of Rex"}},
    }


async def test_an_error_of_a_field_leaves_the_other_fields() -> None:
    """Data together with errors is a partial success: 294 to those who know it, else 200 (§6.4)."""
    query = "{ hello refused }"
    legacy, current = (
        await Bench().post({"query": query}),
        await Bench().post({"query": query}, accept=GRAPHQL),
    )
    assert (legacy.status_code, current.status_code) == (200, 294)
    assert legacy.json() == current.json()
    assert legacy.json()["data"] == {"hello": "hello world", "refused": None}
    assert legacy.json()["errors"][0]["extensions"] == {"code": "UNKNOWN_NAME", "field": "recipe.steps"}


async def test_an_error_that_takes_all_data_with_it_is_still_an_answer() -> None:
    """`data` is null, and there."""
    response = await Bench().post({"query": "{ strictlyRefused }"}, accept=GRAPHQL)
    assert (response.status_code, response.json()["data"], codes(response)) == (294, None, ["NOT_FOUND"])


async def test_an_unexpected_error_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    """Only an id, under which the log has the rest."""
    with caplog.at_level(logging.ERROR):
        response = await Bench().post({"query": "{ broken }"})
    assert codes(response) == ["INTERNAL"]
    assert "secret" not in response.text
    assert response.json()["errors"][0]["extensions"]["correlationId"] in caplog.text


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nope }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query Q($c: Colour!) { paint(colour: $c) }"}, "BAD_VARIABLES"),
        (
            {"query": "query Q($c: Colour!) { paint(colour: $c) }", "variables": {"c": "BLUE"}},
            "BAD_VARIABLES",
        ),
        ({"query": "query A { hello } query B { hello }"}, "OPERATION_NAME_REQUIRED"),
        ({"query": "{ hello }", "operationName": "B"}, "OPERATION_NOT_FOUND"),
        ({"query": "subscription { count }"}, "SUBSCRIPTION_NOT_SUPPORTED"),
        ({"query": "{ pet { friends { friends { friends { name } } } } }"}, "QUERY_TOO_EXPENSIVE"),
        (
            {"query": "query Q($n: Int) { pet { friends(first: $n) { name } } }", "variables": {"n": 30_000}},
            "QUERY_TOO_EXPENSIVE",
        ),
        ({"query": 'mutation { upload(file: "x") { size } }'}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "mutation { upload(file: {a: 1}) { size } }"}, "GRAPHQL_VALIDATION_FAILED"),
        (
            {"query": "mutation($f: Upload!) { upload(file: $f) { size } }", "variables": {"f": "x"}},
            "BAD_VARIABLES",
        ),
        (
            {"query": "mutation($f: Upload!) { upload(file: $f) { size } }", "variables": {"f": {}}},
            "BAD_VARIABLES",
        ),
    ],
)
async def test_what_cannot_be_executed_is_answered_without_data(body: dict[str, object], code: str) -> None:
    """400, but 200 to clients that take everything else for a failure of the network."""
    current, legacy = await Bench().post(body, accept=GRAPHQL), await Bench().post(body, accept=JSON)
    assert (current.status_code, legacy.status_code) == (400, 200)
    assert current.json() == legacy.json()
    assert set(current.json()) == {"errors"}
    assert codes(current) == [code]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"])
async def test_other_methods_are_refused_with_those_allowed(method: str) -> None:
    """405 carries Allow (RFC 9110 §15.5.6)."""
    async with Bench().client() as client:
        response = await client.request(method, "/graphql", headers={"accept": "text/html"})
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize("query", ["mutation { increment }", "subscription { count }"])
async def test_only_queries_go_by_get(query: str) -> None:
    """Nothing is executed, and the client is told to use POST."""
    async with Bench().client() as client:
        response = await client.get("/graphql", params={"query": query})
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert codes(response) == ["METHOD_NOT_ALLOWED"]


async def test_the_operation_that_counts_is_the_one_named() -> None:
    """A document that also holds a mutation may be sent by GET."""
    query = "query A { hello } mutation B { increment }"
    async with Bench().client() as client:
        response = await client.get(
            "/graphql", params={"query": query, "operationName": "A", "variables": ""}
        )
    assert response.json()["data"] == {"hello": "hello world"}


async def test_an_answer_that_nobody_wants_is_not_made() -> None:
    """406 for a browser that came by mistake."""
    response = await Bench().post({"query": "{ hello }"}, accept="text/html")
    assert (response.status_code, codes(response)) == (406, ["NOT_ACCEPTABLE"])


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/json; charset=utf-16"},
        {"content-type": "application/json", "content-encoding": "gzip"},
        {},
    ],
)
async def test_other_bodies_are_refused(headers: dict[str, str]) -> None:
    """Above all those that a foreign page may send without asking."""
    async with Bench().client() as client:
        response = await client.post("/graphql", content=b'{"query": "{ hello }"}', headers=headers)
    assert (response.status_code, codes(response)) == (415, ["UNSUPPORTED_MEDIA_TYPE"])


@pytest.mark.parametrize("body", [*MALFORMED, b"[]", b"[[]]"], ids=range(len(MALFORMED) + 2))
async def test_a_malformed_body_is_a_400(body: bytes) -> None:
    """Under either media type, and never a 500."""
    async with Bench().client() as client:
        for accept in (GRAPHQL, JSON):
            headers = {"accept": accept, "content-type": "application/json"}
            response = await client.post("/graphql", content=body, headers=headers)
            assert response.status_code == 400
            assert set(response.json()) == {"errors"}


@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_request_is_a_500(data: st.DataObject) -> None:
    """Random bytes, random JSON, random GraphQL."""
    words = st.sampled_from(
        ["{", "}", "hello", "pet", "name", "...", "(", ")", "$a", ":", '"', "\\u", "query", "@", "é"]
    )
    query = st.lists(words, max_size=12).map(" ".join)
    values = st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.dictionaries(st.text(), inner)
    )
    body = st.fixed_dictionaries({"query": query, "variables": values}).map(
        lambda each: json.dumps(each).encode()
    )
    content = data.draw(body | st.binary(max_size=40))
    async with Bench().client() as client:
        response = await client.post(
            "/graphql", content=content, headers={"content-type": JSON, "accept": GRAPHQL}
        )
    assert response.status_code in {200, 294, 400}
    assert response.json()


async def test_a_large_body_is_refused_before_it_is_read() -> None:
    """By its announced length, or as soon as more than that has arrived."""
    bench = Bench(replace(Limits(), body_bytes=100))
    taken = []

    async def chunks() -> object:
        for number in range(5):
            taken.append(number)
            yield b" " * 60

    async with bench.client() as client:
        announced = await client.post("/graphql", content=b" " * 101, headers={"content-type": JSON})
        streamed = await client.post("/graphql", content=chunks(), headers={"content-type": JSON})  # type: ignore[arg-type]
        endless = {"content-type": JSON, "content-length": "9" * 5_000}
        absurd = await client.post("/graphql", content=b"", headers=endless)
    assert [announced.status_code, streamed.status_code, absurd.status_code] == [413, 413, 413]
    assert codes(announced) == codes(streamed) == ["BODY_TOO_LARGE"]
    assert streamed.headers["connection"] == "close"


@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [
        (ShuttingDown("Later."), 503, "SHUTTING_DOWN"),
        (Refusal("No."), 403, "REFUSED"),
        (KeyError("the secret is 42"), 500, "INTERNAL"),
    ],
)
async def test_a_request_may_be_refused_by_its_context(refusal: Exception, status: int, code: str) -> None:
    """Whoever may not ask is told so before the body is read, whatever media type is wanted."""
    response = await Bench(refusal=refusal).post({"query": "{ hello }"})
    assert (response.status_code, codes(response)) == (status, [code])
    assert ("retry-after" in response.headers) == (status == 503)
    assert "secret" not in response.text


async def test_an_operation_that_takes_too_long_is_stopped() -> None:
    """Its resolvers are cancelled; what it may have done is not known."""
    bench = Bench(replace(Limits(), operation_seconds=0.05))
    response = await bench.post({"query": "{ sleeping }"}, accept=GRAPHQL)
    assert (response.status_code, codes(response)) == (504, ["TIMEOUT"])
    assert bench.closed == ["sleeping"]


async def test_an_operation_in_time_is_not_disturbed() -> None:
    """The clock is stopped when it ends."""
    response = await Bench().post({"query": "{ sleeping(seconds: 0.01) }"})
    assert response.json()["data"] == {"sleeping": "awake"}


async def test_a_client_that_leaves_while_sending_is_not_answered() -> None:
    """Nothing is sent, nothing is executed, nothing is raised."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}
    await Bench().endpoint(scope, receive, send)
    assert sent == []


async def test_requests_do_not_wait_for_each_other() -> None:
    """A slow one and a quick one, sent at the same time."""
    bench = Bench()
    slow = asyncio.create_task(bench.post({"query": "{ sleeping(seconds: 0.3) }"}))
    await asyncio.sleep(0)
    quick = await bench.post({"query": "{ hello }"})
    assert quick.status_code == 200
    assert not slow.done()
    assert (await slow).status_code == 200
