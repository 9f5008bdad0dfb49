"""What routes other than GraphQL say when they cannot do what is asked."""

from collections.abc import Mapping

import msgspec
from starlette.responses import Response


def problem(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """A code for programs and a message for people, as JSON. Not stored: it may be different soon."""
    always = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    body = msgspec.json.encode({"code": code, "message": message})
    return Response(body, status, always | dict(headers or {}), "application/json")
