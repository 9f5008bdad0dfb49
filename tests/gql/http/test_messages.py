from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gql.http.messages import (
    CloseCode,
    Complete,
    ConnectionInit,
    Ping,
    Pong,
    SocketClosing,
    Subscribe,
    decode,
)
from gql.http.parameters import Parameters


def test_messages_of_the_protocol() -> None:
    """Payloads are objects, null or absent; what is not known is ignored."""
    assert decode(b'{"type": "connection_init"}') == ConnectionInit()
    assert decode(b'{"type": "connection_init", "payload": {"token": "x"}, "id": 1}') == ConnectionInit(
        {"token": "x"}
    )
    assert decode(b'{"type": "ping", "payload": null}') == Ping()
    assert decode(b'{"payload": {}, "type": "pong"}') == Pong({})
    assert decode(b'{"type": "complete", "id": "1"}') == Complete("1")
    assert decode(
        b'{"id": "1", "type": "subscribe", "payload": {"query": "{ a }", "variables": null}}'
    ) == Subscribe("1", Parameters("{ a }"))


INVALID = [
    b"",
    b"{",
    b"1",
    b"null",
    b'"ping"',
    b"[]",
    b'[{"type": "ping"}]',
    b"{}",
    b'{"type": 1}',
    b'{"type": null}',
    b'{"type": "unknown"}',
    b'{"type": "next", "id": "1", "payload": {}}',
    b'{"type": "error", "id": "1", "payload": []}',
    b'{"type": "connection_ack"}',
    b'{"type": "start", "id": "1", "payload": {"query": "{ a }"}}',
    b'{"type": "connection_init", "payload": []}',
    b'{"type": "connection_init", "payload": "x"}',
    b'{"type": "ping", "payload": 1}',
    b'{"type": "complete"}',
    b'{"type": "complete", "id": ""}',
    b'{"type": "complete", "id": 1}',
    b'{"type": "subscribe", "payload": {"query": "{ a }"}}',
    b'{"type": "subscribe", "id": "", "payload": {"query": "{ a }"}}',
    b'{"type": "subscribe", "id": 1, "payload": {"query": "{ a }"}}',
    b'{"type": "subscribe", "id": "1"}',
    b'{"type": "subscribe", "id": "1", "payload": null}',
    b'{"type": "subscribe", "id": "1", "payload": "{ a }"}',
    b'{"type": "subscribe", "id": "1", "payload": []}',
    b'{"type": "subscribe", "id": "1", "payload": {}}',
    b'{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
    b'{"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "variables": []}}',
    b'{"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "operationName": 1}}',
    b'{"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "extensions": "x"}}',
    b'{"type": "ping", "payload": ' + b'{"a": ' * 100_000,
    b'{"type": "ping", "payload": {"a": NaN}}',
]


@pytest.mark.parametrize("content", INVALID, ids=range(len(INVALID)))
def test_all_else_closes_the_socket(content: bytes) -> None:
    """4400, as the reference server does."""
    with pytest.raises(SocketClosing) as caught:
        decode(content)
    assert int(caught.value.code) == 4400


@given(
    st.dictionaries(
        st.sampled_from(["type", "id", "payload", "x"]),
        st.sampled_from(
            ["ping", "subscribe", "complete", "connection_init", "", None, 1, {}, {"query": "a"}, []]
        ),
    ).map(lambda message: json.dumps(message).encode())
    | st.binary(max_size=30)
)
def test_a_message_is_one_of_the_protocol_or_closes_the_socket(content: bytes) -> None:
    """There is no third outcome."""
    try:
        message = decode(content)
    except SocketClosing:
        return
    assert isinstance(message, ConnectionInit | Ping | Pong | Subscribe | Complete)


def test_a_reason_is_never_too_long_for_a_close_frame() -> None:
    """123 bytes of UTF-8 (RFC 6455 §5.5.1)."""
    assert SocketClosing(CloseCode.FORBIDDEN, "é" * 100).reason == "é" * 61
