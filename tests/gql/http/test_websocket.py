from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Refusal
from gql.limits import Limits
from tests.gql.http.line import Closed, opened
from tests.gql.http.test_messages import INVALID
from tests.gql.http.toy import Bench, until


def code(message: dict[str, object]) -> object:
    payload = message["payload"]
    errors = payload["errors"] if isinstance(payload, dict) else payload
    return errors[0]["extensions"]["code"]  # type: ignore[index]


async def test_a_subscription_ends_with_complete() -> None:
    """Results in order, then nothing more under this id, which may be used again."""
    bench = Bench()
    async with opened(bench) as line:
        for _ in range(2):
            line.subscribe("1", "subscription { count(to: 2) }")
            assert await line.outcome() == [
                {"id": "1", "type": "next", "payload": {"data": {"count": "0"}}},
                {"id": "1", "type": "next", "payload": {"data": {"count": "1"}}},
                {"id": "1", "type": "complete"},
            ]
    assert line.accepted == "graphql-transport-ws"
    assert bench.closed == ["count", "count"]


async def test_events_are_resolved_like_any_other_object() -> None:
    """With asynchronous fields, fragments and lists."""
    async with opened(Bench()) as line:
        line.subscribe(
            "1", "subscription { pets { ...P friends(first: 2) { name } } } fragment P on Pet { name }"
        )
        first, _ = await line.outcome()
        assert first["payload"] == {
            "data": {"pets": {"name": "Rex", "friends": [{"name": "0"}, {"name": "1"}]}}
        }


async def test_queries_and_mutations_have_one_result() -> None:
    """Variables and operation names work as over HTTP."""
    async with opened(Bench()) as line:
        line.subscribe("q", "query ($name: String!) { hello(name: $name) }", name="you")
        result = {"data": {"hello": "hello you"}, "extensions": {"cost": 1}}
        assert await line.outcome() == [
            {"id": "q", "type": "next", "payload": result},
            {"id": "q", "type": "complete"},
        ]
        payload = {"query": "query A { hello } mutation B { increment }", "operationName": "B"}
        line.send(type="subscribe", id="m", payload=payload)
        assert (await line.outcome())[0]["payload"] == {"data": {"increment": 1}, "extensions": {"cost": 1}}


async def test_operations_run_side_by_side() -> None:
    """A slow one does not hold up the others, and results are not mixed up."""
    async with opened(Bench()) as line:
        line.subscribe("slow", "{ sleeping(seconds: 0.2) }")
        for number in range(20):
            line.subscribe(str(number), "query ($n: String!) { hello(name: $n) }", n=str(number))
        messages = [await line.receive() for _ in range(42)]
        assert [message["id"] for message in messages[-2:]] == ["slow", "slow"]
        results = [message for message in messages[:-2] if message["type"] == "next"]
        assert all(f"hello {message['id']}" in json.dumps(message["payload"]) for message in results)


async def test_the_context_knows_what_came_with_connection_init() -> None:
    """And an absent payload is an empty one."""
    async with opened(Bench(), init=False) as line:
        line.send(type="connection_init", payload={"token": "x"})
        await line.receive()
        line.subscribe("1", "{ connectionInit }")
        assert (await line.receive())["payload"]["data"] == {"connectionInit": {"token": "x"}}  # type: ignore[index]


async def test_ping_is_answered_with_pong() -> None:
    """At any time, with the same payload; pongs are taken silently."""
    async with opened(Bench(), init=False) as line:
        line.send(type="ping")
        assert await line.receive() == {"type": "pong"}
        line.send(type="pong")
        line.send(type="ping", payload={"n": 1})
        assert await line.receive() == {"type": "pong", "payload": {"n": 1}}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nope }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { hello } query B { hello }", "OPERATION_NAME_REQUIRED"),
        ("query ($c: Colour!) { paint(colour: $c) }", "BAD_VARIABLES"),
        ("subscription ($n: Int!) { count(to: $n) }", "BAD_VARIABLES"),
        ("{ pet { friends(first: 50000) { name } } }", "QUERY_TOO_EXPENSIVE"),
        ("subscription { refused }", "INVALID_INPUT"),
        ("subscription { never }", "INVALID_INPUT"),
        ("mutation ($file: Upload!) { upload(file: $file) { size } }", "BAD_VARIABLES"),
        ("{ sleeping }", "TIMEOUT"),
    ],
)
async def test_a_request_error_is_the_only_message(query: str, expected: str) -> None:
    """No result, no `complete`; the socket stays open."""
    async with opened(Bench(replace(Limits(), operation_seconds=0.05))) as line:
        line.subscribe("1", query, file="x")
        (message,) = await line.outcome()
        assert (message["type"], message["id"], code(message)) == ("error", "1", expected)
        line.subscribe("1", "{ hello }")
        assert len(await line.outcome()) == 2


async def test_errors_of_fields_come_with_the_result() -> None:
    """As over HTTP."""
    async with opened(Bench()) as line:
        line.subscribe("1", "{ hello refused }")
        first, last = await line.outcome()
        assert (first["type"], code(first), last["type"]) == ("next", "UNKNOWN_NAME", "complete")


@pytest.mark.parametrize(("query", "expected"), [("breaking", "INTERNAL"), ("refusing", "INVALID_INPUT")])
async def test_a_source_that_fails_ends_with_an_error(
    query: str, expected: str, caplog: pytest.LogCaptureFixture
) -> None:
    """After the results it had; what nobody expected is logged and not told."""
    with caplog.at_level(logging.ERROR, "gql"):
        async with opened(Bench()) as line:
            line.subscribe("1", f"subscription {{ {query} }}")
            first, last = await line.outcome()
    assert (first["type"], last["type"], code(last)) == ("next", "error", expected)
    assert "secret" not in json.dumps(last)
    assert ("secret" in caplog.text) == (expected == "INTERNAL")


async def test_complete_from_the_client_closes_the_source() -> None:
    """At once, without another message; its id may be used again at once."""
    bench = Bench()
    async with opened(bench) as line:
        line.subscribe("1", "subscription { silence }")
        await line.receive()
        line.send(type="complete", id="1")
        line.subscribe("1", "subscription { count(to: 1) }")
        assert [message["type"] for message in await line.outcome()] == ["next", "complete"]
        assert sorted(bench.closed) == ["count", "silence"]


async def test_complete_cancels_a_query() -> None:
    """A result that is ready later is not sent; an id never heard of is nothing wrong."""
    bench = Bench()
    async with opened(bench) as line:
        line.subscribe("1", "{ sleeping }")
        line.send(type="ping")
        await line.receive()
        await asyncio.sleep(0.01)
        line.send(type="complete", id="1")
        await until(lambda: bench.closed == ["sleeping"])
        line.send(type="complete", id="2")
        line.send(type="ping")
        assert await line.receive() == {"type": "pong"}


async def test_a_client_that_leaves_closes_its_sources() -> None:
    """Before the socket is over."""
    bench = Bench()
    async with opened(bench) as line:
        line.subscribe("1", "subscription { silence }")
        line.subscribe("2", "{ sleeping }")
        await line.receive()
        await asyncio.sleep(0.01)
    assert sorted(bench.closed) == ["silence", "sleeping"]


@pytest.mark.parametrize("init", [True, False])
async def test_an_invalid_message_closes_the_socket(init: bool) -> None:
    """Whether it comes before `connection_init` or after; the protocol is text."""
    contents: list[str | bytes] = [each.decode() for each in INVALID]
    for content in [*contents, b'{"type": "ping"}']:
        async with opened(Bench(), init=init) as line:
            line.frame(content)
            assert await line.closed() == (4400, "Invalid message received")


async def test_subscribing_before_the_acknowledgement_closes_the_socket() -> None:
    """4401; `complete` is ignored there as anywhere."""
    async with opened(Bench(), init=False) as line:
        line.send(type="complete", id="1")
        line.subscribe("1", "{ hello }")
        assert await line.closed() == (4401, "Unauthorized")


async def test_a_second_connection_init_closes_the_socket() -> None:
    """4429."""
    async with opened(Bench()) as line:
        line.send(type="connection_init")
        assert await line.closed() == (4429, "Too many initialisation requests")


async def test_a_client_that_never_initialises_is_sent_away() -> None:
    """4408, even if it keeps talking; whoever has initialised may be silent."""
    limits = replace(Limits(), init_seconds=0.1)
    async with opened(Bench(limits), init=False) as line:
        line.send(type="ping")
        assert await line.closed() == (4408, "Connection initialisation timeout")
    async with opened(Bench(limits)) as line:
        await asyncio.sleep(0.2)
        line.send(type="ping")
        assert await line.receive() == {"type": "pong"}


async def test_an_id_in_use_closes_the_socket() -> None:
    """4409, and the operation under that id is closed as well."""
    bench = Bench()
    async with opened(bench) as line:
        line.subscribe("1", "subscription { silence }")
        await line.receive()
        line.subscribe("1", "{ hello }")
        assert await line.closed() == (4409, "Subscriber for 1 already exists")
    assert bench.closed == ["silence"]


@pytest.mark.parametrize("subprotocols", [[], ["graphql-ws"]])
async def test_another_subprotocol_is_not_acceptable(subprotocols: list[str]) -> None:
    """4406, once the socket is open."""
    async with opened(Bench(), init=False, subprotocols=subprotocols) as line:
        assert await line.closed() == (4406, "Subprotocol not acceptable")
    assert line.accepted is None


async def test_a_page_of_another_host_is_refused() -> None:
    """Before the socket is open: browsers send cookies with any handshake."""
    async with opened(Bench(), init=False, origin="http://evil.example") as line:
        with pytest.raises(Closed):
            await line.receive()
        assert line.to_client.empty()
    async with opened(Bench(), origin="http://toy"):
        pass


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (Refusal("No token, no images."), (4403, "No token, no images.")),
        (KeyError("the secret is 42"), (4500, "Internal server error")),
    ],
)
async def test_a_context_that_cannot_be_made_refuses_the_connection(
    refusal: Exception, expected: tuple[int, str]
) -> None:
    """At `connection_init`, when there is something to decide by."""
    async with opened(Bench(refusal=refusal), init=False) as line:
        line.send(type="connection_init")
        assert await line.closed() == expected


async def test_a_context_refused_later_is_an_error_of_its_operation() -> None:
    """A token may run out while the socket is open."""
    bench = Bench()
    async with opened(bench) as line:
        bench.refusal = Refusal("Your token has run out.")
        line.subscribe("1", "{ hello }")
        (message,) = await line.outcome()
        assert (message["type"], code(message)) == ("error", "REFUSED")


async def test_operations_on_one_socket_are_limited() -> None:
    """One more is refused, and those that run go on."""
    async with opened(Bench(replace(Limits(), operations=2))) as line:
        for operation_id in ("1", "2", "3"):
            line.subscribe(operation_id, "subscription { silence }")
        messages = [await line.receive() for _ in range(3)]
        (error,) = (message for message in messages if message["type"] == "error")
        assert (error["id"], code(error)) == ("3", "TOO_MANY_OPERATIONS")
        line.send(type="complete", id="1")
        await asyncio.sleep(0.01)
        line.subscribe("3", "{ hello }")
        assert [message["type"] for message in await line.outcome()] == ["next", "complete"]


async def test_a_message_that_is_too_big_closes_the_socket() -> None:
    """1009; its size is that of its UTF-8."""
    async with opened(Bench(replace(Limits(), message_bytes=1_000))) as line:
        for length in (300, 500):
            line.frame(json.dumps({"type": "ping", "payload": {"x": "é" * length}}, ensure_ascii=False))
        assert (await line.receive())["type"] == "pong"
        assert await line.closed() == (1009, "Message too big")


frames = st.one_of(
    st.sampled_from(
        [
            '{"type": "connection_init"}',
            '{"type": "ping"}',
            '{"type": "subscribe", "id": "1", "payload": {"query": "{ hello }"}}',
            '{"type": "subscribe", "id": "2", "payload": {"query": "subscription { silence }"}}',
            '{"type": "subscribe", "id": "3", "payload": {"query": "{"}}',
            '{"type": "complete", "id": "1"}',
            '{"type": "complete", "id": "2"}',
        ]
    ),
    st.text(max_size=10),
    st.binary(max_size=10),
)


@given(st.lists(frames, max_size=8), st.booleans())
@settings(max_examples=150, deadline=None)
async def test_no_conversation_breaks_a_socket(messages: list[str | bytes], init: bool) -> None:
    """Frames in any order: the socket goes on or is closed with a code of the protocol."""
    bench = Bench()
    async with opened(bench, init=init) as line:
        for message in messages:
            line.frame(message)
        await asyncio.sleep(0)
    received = [line.to_client.get_nowait() for _ in range(line.to_client.qsize())]
    codes = [message["code"] for message in received if message["type"] == "websocket.close"]
    assert set(codes) <= {4400, 4401, 4409, 4429}
    assert len(codes) <= 1
    assert not bench.sockets._open
