from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

import pytest
from starlette.datastructures import Headers
from starlette.types import Message

from gql.errors import RequestError
from gql.http.body import Body, ClientGone


def body(messages: Iterable[Message | float], *, idle: float = 5, **headers: str) -> Body:
    """A client that sends these messages, and is silent for so many seconds where a number stands."""
    waiting = iter(messages)

    async def receive() -> Message:
        while isinstance(message := next(waiting, 3600.0), float):
            await asyncio.sleep(message)
        return message

    return Body(receive, Headers({name.replace("_", "-"): value for name, value in headers.items()}), idle)


def chunk(content: bytes, *, more: bool = True) -> Message:
    return {"type": "http.request", "body": content, "more_body": more}


async def test_chunks_come_as_they_arrive_and_then_none() -> None:
    """Empty chunks say nothing, unless they are the last."""
    reading = body([chunk(b"a"), chunk(b""), chunk(b"b"), chunk(b"", more=False)])
    assert [await reading.next() for _ in range(4)] == [b"a", b"b", b"", b""]
    assert reading.complete


async def test_a_whole_body_is_read_up_to_its_limit() -> None:
    """Exactly the limit is allowed, in one chunk or in many."""
    assert await body([chunk(b"abcd", more=False)]).read(4) == b"abcd"
    assert await body([chunk(b"ab"), chunk(b"cd"), chunk(b"", more=False)]).read(4) == b"abcd"
    assert await body([chunk(b"", more=False)]).read(4) == b""


@pytest.mark.parametrize(
    "messages", [[chunk(b"abcde", more=False)], [chunk(b"abcde")], [chunk(b"ab"), chunk(b"cde")]]
)
async def test_a_body_is_refused_as_soon_as_it_passes_the_limit(messages: list[Message]) -> None:
    """Without waiting for the rest."""
    with pytest.raises(RequestError) as caught:
        await body(messages).read(4)
    assert caught.value.status == 413


async def test_a_client_that_leaves_is_not_answered() -> None:
    """There is nobody to answer."""
    with pytest.raises(ClientGone):
        await body([chunk(b"a"), {"type": "http.disconnect"}]).read(100)


async def test_a_silent_client_is_given_up() -> None:
    """Silence is what is measured, not the time that the whole body takes."""
    slow = body([chunk(b"a"), 0.06, chunk(b"b"), 0.06, chunk(b"c", more=False)], idle=0.1)
    assert await slow.read(100) == b"abc"
    silent = body([chunk(b"a"), 0.06, chunk(b""), 0.06, chunk(b"b")], idle=0.1)
    with pytest.raises(RequestError, match=r"Nothing was received for 0\.1 s") as caught:
        await silent.read(100)
    assert caught.value.status == 408


async def test_the_rest_of_a_refused_body_is_thrown_away() -> None:
    """To its end, or until the client leaves or falls silent."""
    refused = body([chunk(b"a"), chunk(b"b"), chunk(b"c", more=False)], content_length="3")
    await refused.next()
    await refused.discard()
    assert refused.complete
    await body([chunk(b"a"), {"type": "http.disconnect"}]).discard()
    started = time.monotonic()
    await body([chunk(b"a")]).discard()
    assert time.monotonic() - started < 3


def test_a_request_without_a_body_has_nothing_unread() -> None:
    """A body is announced by one of two headers (RFC 9112 §6.3)."""
    assert not body([]).unread
    assert not body([], content_length="0").unread
    assert body([], content_length="1").unread
    assert body([], transfer_encoding="chunked").unread
