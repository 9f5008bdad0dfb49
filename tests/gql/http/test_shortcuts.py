"""Files and pictures are found at once, and nothing else is answered otherwise than before."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from gql.http.shortcuts import Shortcuts


class Told:
    """An ASGI application that answers with what it is and what it was given."""

    def __init__(self, name: str) -> None:
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = Request(scope).path_params
        await PlainTextResponse(f"{self._name} {given}")(scope, receive, send)


FILES = Route("/files/{path:path}", Told("files"))
PAIRS = Route("/pairs/{one}/{two}", Told("pairs"))
PAGE = Route("/pairs/{one}", Told("page"))


async def _asked(path: str) -> httpx.Response:
    app = Shortcuts([FILES, PAIRS], Starlette(routes=[FILES, PAIRS, PAGE]))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as http:
        return await http.get(path)


@pytest.mark.parametrize(
    "path",
    [
        *("/files/a/b", "/files/", "/files/%2e%2e/a", "/files", "/files//"),
        *("/pairs/a/b", "/pairs/a%2Fb", "/pairs/a", "/pairs/a/b/", "/pairs/a/b/c", "/pairs//b"),
        *("/", "//", "/filesystem/a", "/none"),
    ],
)
async def test_the_way_makes_no_difference(path: str) -> None:
    """Whatever is asked is answered as by routes alone, redirects and refusals too."""
    routes = Starlette(routes=[FILES, PAIRS, PAGE])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(routes), base_url="http://localhost") as http:
        expected = await http.get(path)
    given = await _asked(path)
    assert (given.status_code, given.content) == (expected.status_code, expected.content)
    assert given.headers == expected.headers


@pytest.mark.parametrize(("path", "expected"), [("/files/a", "files"), ("/pairs/a/b", "pairs")])
async def test_a_file_does_not_come_by_the_other_routes(path: str, expected: str) -> None:
    """That is what they are for."""
    app = Shortcuts([FILES, PAIRS], Told("others"))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as http:
        assert (await http.get(path)).text.startswith(expected)


@pytest.mark.parametrize(("kind", "path"), [("websocket", "/files/a"), ("http", "*"), ("http", "")])
async def test_what_is_no_request_for_a_file_goes_on(kind: str, path: str) -> None:
    """A socket under the path of a file, and what is no path at all."""
    reached: list[str] = []

    async def others(scope: Scope, receive: Receive, send: Send) -> None:
        reached.append(scope["path"])

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    async def send(message: Message) -> None:
        raise AssertionError(message)

    await Shortcuts([FILES, PAIRS], others)({"type": kind, "path": path}, receive, send)
    assert reached == [path]
