from __future__ import annotations

import asyncio
import hashlib
import json
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import Message

from domain.errors import Refusal
from gql.limits import MIB, Limits
from tests.gql.http import forms
from tests.gql.http.toy import Bench, until

TWO = "mutation($files: [Upload!]!) { uploadMany(files: $files) { filename size sha256 } }"


async def send(
    bench: Bench, content: bytes | AsyncIterator[bytes], headers: dict[str, str] | None = None
) -> httpx.Response:
    """Whatever happens, nothing stays behind."""
    async with bench.client() as client:
        named = {"content-type": forms.CONTENT_TYPE, **(forms.PREFLIGHT if headers is None else headers)}
        response = await client.post("/graphql", content=content, headers=named)
    assert bench.store.open_stagings == set()
    return response


def codes(response: httpx.Response) -> list[object]:
    return [error["extensions"]["code"] for error in response.json()["errors"]]


async def test_a_file_arrives_with_its_name_its_type_and_its_bytes() -> None:
    """And is gone when the request has been answered."""
    content = b"\x89PNG" + bytes(range(256)) * 100
    body = forms.form(
        forms.operations(),
        forms.file_map(f0=["variables.file"]),
        forms.file("0", content, "Ünter den Linden %22x%22.png", "image/png; charset=x"),
    )
    response = await send(Bench(), body)
    assert response.json()["data"]["upload"] == {
        "filename": 'Ünter den Linden "x".png',
        "mediaType": "image/png; charset=x",
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


async def test_several_files_and_one_in_several_places() -> None:
    """A file that the map names twice is received once."""
    bench = Bench()
    body = forms.form(
        forms.operations(TWO, files=[None, None, None]),
        forms.file_map(f0=["variables.files.0", "variables.files.2"], f1=["variables.files.1"]),
        forms.file("0", b"zero", "0.png"),
        forms.file("1", b"one", "1.png"),
    )
    received = (await send(bench, body)).json()["data"]["uploadMany"]
    assert [(each["filename"], each["size"]) for each in received] == [
        ("0.png", 4),
        ("1.png", 3),
        ("0.png", 4),
    ]
    assert len(bench.store.stagings) == 2


async def test_a_file_may_be_inside_an_input_object() -> None:
    """Or be left out where it is not required."""
    query = "mutation($input: Attachment!) { attach(input: $input) { filename } }"
    body = forms.form(
        forms.operations(query, input={"caption": "x", "file": None}),
        forms.file_map(f0=["variables.input.file"]),
        forms.file("0", b"x"),
    )
    assert (await send(Bench(), body)).json()["data"] == {"attach": [{"filename": "a.png"}]}
    empty = forms.form(forms.operations(query, input={"caption": "x"}), forms.file_map())
    assert (await send(Bench(), empty)).json()["data"] == {"attach": []}


async def test_what_httpx_sends_is_understood() -> None:
    """A client that knows nothing of this one."""
    operations = json.dumps({"query": forms.UPLOAD, "variables": {"file": None}}).encode()
    files: list[tuple[str, tuple[str | None, bytes]]] = [
        ("operations", (None, operations)),
        ("map", (None, b'{"0": ["variables.file"]}')),
        ("0", ("写真.png", b"x")),
    ]
    async with Bench().client() as client:
        response = await client.post("/graphql", files=files, headers=forms.PREFLIGHT)
    assert response.json()["data"]["upload"]["filename"] == "写真.png"


@pytest.mark.parametrize(("size", "count"), [(64 * 1024, 1_000), (16, 10_000)])
async def test_memory_stays_flat(size: int, count: int) -> None:
    """A file needs as much memory as is on its way to the store, whatever the size of the chunks."""
    bench, chunk = Bench(), b"x" * size
    head, tail = forms.upload(b"|").split(b"|")

    async def chunks() -> AsyncIterator[bytes]:
        yield head
        for number in range(count):
            yield bytes(bytearray(chunk))  # each a copy of its own, as from a socket
            if number % 100 == 0:
                await asyncio.sleep(0)
        yield tail

    await send(Bench(), forms.upload(b"x"))
    tracemalloc.start()
    try:
        assert (await send(bench, chunks())).status_code == 200
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(bench.store.stagings[0].writes) == size * count
    assert peak < 2 * MIB


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (forms.form(), "MULTIPART_OPERATIONS_MISSING"),
        (forms.form(forms.file_map(f0=["variables.file"])), "MULTIPART_OPERATIONS_MISSING"),
        (forms.form(forms.file("0", b"x")), "MULTIPART_OPERATIONS_MISSING"),
        (forms.form(forms.file("operations", b"{}")), "MULTIPART_OPERATIONS_MISSING"),
        (forms.form(forms.operations()), "MULTIPART_MAP_MISSING"),
        (forms.form(forms.operations(), forms.operations()), "MULTIPART_MAP_MISSING"),
        (forms.form(forms.operations(), forms.file("0", b"x")), "MULTIPART_MAP_MISSING"),
        (forms.form(forms.part('name="operations"', b"{"), forms.file_map()), "BAD_REQUEST"),
        (
            forms.form(forms.field("operations", [{"query": "{ hello }"}]), forms.file_map()),
            "BATCHING_NOT_SUPPORTED",
        ),
        (forms.form(forms.operations(), forms.field("map", ["variables.file"])), "MULTIPART_MAP_INVALID"),
        (forms.form(forms.operations(), forms.file_map(f0=["variables.other"])), "MULTIPART_MAP_INVALID"),
        (forms.form(forms.operations(), forms.file_map(f0=["variables.file"])), "MULTIPART_FILE_MISSING"),
        (
            forms.form(forms.operations(), forms.file_map(f0=["variables.file"]), forms.file("1", b"x")),
            "MULTIPART_FILE_UNEXPECTED",
        ),
        (
            forms.form(forms.operations(), forms.file_map(f0=["variables.file"]), forms.field("0", "x")),
            "MULTIPART_FILE_UNEXPECTED",
        ),
        (
            forms.form(
                forms.operations(), forms.file_map(f0=["variables.file"]), *[forms.file("0", b"x")] * 2
            ),
            "MULTIPART_FILE_UNEXPECTED",
        ),
        (forms.upload(b"x")[:-10], "MULTIPART_MALFORMED"),
        (b"nonsense", "MULTIPART_MALFORMED"),
        (forms.form(forms.operations("{"), forms.file_map()), "GRAPHQL_PARSE_FAILED"),
        (
            forms.form(forms.operations("subscription { count }"), forms.file_map()),
            "SUBSCRIPTION_NOT_SUPPORTED",
        ),
        (forms.form(forms.operations(), forms.file_map()), "BAD_VARIABLES"),
    ],
    ids=range(20),
)
async def test_a_form_that_is_not_a_request_is_refused(content: bytes, code: str) -> None:
    """With a code that says which part is wrong."""
    response = await send(Bench(), content)
    assert response.status_code in {200, 400}
    assert codes(response) == [code]


async def test_an_operation_that_cannot_be_executed_costs_no_upload() -> None:
    """It is refused before the first byte of its file is taken."""
    bench = Bench()
    body = forms.form(
        forms.operations("mutation($file: Upload!) { nope(file: $file) }"),
        forms.file_map(f0=["variables.file"]),
        forms.file("0", b"x"),
    )
    assert codes(await send(bench, body)) == ["GRAPHQL_VALIDATION_FAILED"]
    assert bench.store.stagings == []


async def test_a_file_is_refused_as_soon_as_it_is_too_large() -> None:
    """413, whatever media type is wanted; exactly the limit is allowed."""
    bench = Bench(replace(Limits(), file_bytes=1_000))
    assert (await send(bench, forms.upload(b"x" * 1_000))).status_code == 200
    response = await send(bench, forms.upload(b"x" * 1_001))
    assert (response.status_code, codes(response)) == (413, ["FILE_TOO_LARGE"])
    assert response.json()["errors"][0]["extensions"]["field"] == "file"


async def test_more_files_than_allowed_are_refused() -> None:
    """By the map, before they are received; a file counts once for each of its places."""
    bench = Bench(replace(Limits(), files=2))
    paths = [f"variables.files.{number}" for number in range(3)]
    body = forms.form(forms.operations(TWO, files=[None] * 3), forms.file_map(f0=paths))
    assert codes(await send(bench, body)) == ["MULTIPART_MAP_INVALID"]


async def test_large_fields_are_refused() -> None:
    """They are held in memory, like a JSON body."""
    response = await send(Bench(), forms.form(forms.part('name="operations"', b" " * (MIB + 1))))
    assert (response.status_code, codes(response)) == (413, ["BODY_TOO_LARGE"])


async def test_a_store_that_is_full_says_when_to_come_back() -> None:
    """The refusal of the store becomes that of the request."""
    bench = Bench()
    bench.store.full = True
    response = await send(bench, forms.upload(b"x"))
    assert (response.status_code, codes(response)) == (503, ["STORAGE_FULL"])
    assert response.headers["retry-after"] == "60"


async def test_files_are_removed_when_the_operation_fails() -> None:
    """As in any other case."""
    bench = Bench()
    body = forms.form(
        forms.operations("mutation($file: Upload!) { fail(file: $file) }"),
        forms.file_map(f0=["variables.file"]),
        forms.file("0", b"x"),
    )
    assert codes(await send(bench, body)) == ["INTERNAL"]
    assert len(bench.store.stagings) == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"origin": "http://evil.example", "sec-fetch-site": "cross-site"}, 403),
        ({"origin": "http://toy"}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"apollo-require-preflight": "true"}, 200),
    ],
)
async def test_a_form_of_another_site_is_refused(headers: dict[str, str], status: int) -> None:
    """A browser would send it with the cookies of this site, unasked; the message says what is missing."""
    bench = Bench()
    response = await send(bench, forms.upload(b"x"), headers)
    assert response.status_code == status
    if status == 403:
        assert codes(response) == ["PREFLIGHT_REQUIRED"]
        assert "GraphQL-Require-Preflight" in response.text
        assert bench.store.stagings == []


async def test_who_may_not_ask_may_not_send_either() -> None:
    """The context is made before anything is read."""
    bench = Bench(refusal=Refusal("No."))
    assert (await send(bench, forms.upload(b"x"))).status_code == 403
    assert bench.store.stagings == []


async def post(bench: Bench, receive: Callable[[], Awaitable[Message]]) -> list[Message]:
    """A request of which the test holds the client's end."""
    sent: list[Message] = []

    async def collect(message: Message) -> None:
        sent.append(message)

    headers = [
        (b"content-type", forms.CONTENT_TYPE.encode()),
        (b"graphql-require-preflight", b"1"),
        (b"transfer-encoding", b"chunked"),
    ]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}
    await bench.endpoint(scope, receive, collect)
    return sent


async def test_a_client_that_leaves_leaves_nothing_behind() -> None:
    """What it had sent so far is removed, and nobody is answered."""
    bench, head = Bench(), forms.upload(b"x" * 1_000_000)[:500_000]
    messages: list[Message] = [
        {"type": "http.request", "body": head, "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return messages.pop(0)

    assert await post(bench, receive) == []
    assert len(bench.store.stagings) == 1
    assert bench.store.open_stagings == set()


async def test_a_cancelled_request_leaves_nothing_behind() -> None:
    """As when the server stops."""
    bench, head = Bench(), forms.upload(b"x" * 1_000_000)[:500_000]
    messages: list[Message] = [{"type": "http.request", "body": head, "more_body": True}]

    async def receive() -> Message:
        while not messages:
            await asyncio.sleep(3600)
        return messages.pop(0)

    request = asyncio.create_task(post(bench, receive))
    await until(lambda: bool(bench.store.open_stagings))
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request
    assert bench.store.open_stagings == set()


@given(st.data())
@settings(max_examples=150, deadline=None)
async def test_no_form_is_a_500_and_none_leaves_anything_behind(data: st.DataObject) -> None:
    """Parts in any order, and bytes changed, removed or put in anywhere."""
    right = [forms.operations(), forms.file_map(f0=["variables.file"]), forms.file("0", b"x" * 100)]
    others = [
        forms.file("1", b"y"),
        forms.field("map", [1]),
        forms.operations("{ hello }"),
        forms.field("0", None),
    ]
    parts = data.draw(st.just(right) | st.lists(st.sampled_from(right + others), max_size=5))
    content = bytearray(forms.form(*parts))
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    response = await send(Bench(), bytes(content))
    assert response.status_code in {200, 400, 413}
