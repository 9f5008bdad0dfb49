"""What routes other than GraphQL say when they cannot do what is asked."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_NO_ROUTE: Final[Mapping[HTTPStatus, str]] = {
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take that method.",
}


def problem(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """A code for programs and a message for people, as JSON. Not stored: it may be different soon."""
    always = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    body = msgspec.json.encode({"code": code, "message": message})
    return Response(body, status, always | dict(headers or {}), "application/json")


async def no_route(_: Request, raised: Exception) -> Response:
    """For addresses that there are not, and methods that they do not take."""
    assert isinstance(raised, HTTPException)  # noqa: S101  (what this is registered for)
    status = HTTPStatus(raised.status_code)
    return problem(status, status.name, _NO_ROUTE.get(status, raised.detail), raised.headers)
