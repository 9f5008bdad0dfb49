"""Answers of GraphQL over HTTP: status, media type and body."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import msgspec
from graphql import ExecutionResult
from starlette.types import Send

from gql.errors import DocumentError, FormattedError, RequestError, execution_error
from gql.http.body import Body
from gql.http.negotiation import AnswerType

Result: TypeAlias = dict[str, object]
"""A GraphQL response as it is sent (GraphQL §7.1)."""

_PARTIAL: Final = 294
"""Data together with errors (GraphQL over HTTP §6.4); other clients are told 200."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    media_type: AnswerType
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def result(cls, result: Result, media_type: AnswerType) -> Answer:
        """What was executed. Raises when the result holds what JSON cannot."""
        partial = "errors" in result and media_type is AnswerType.GRAPHQL
        return cls(_PARTIAL if partial else 200, encode(result), media_type)

    @classmethod
    def refusal(cls, error: RequestError, media_type: AnswerType) -> Answer:
        """What was not executed: errors without data."""
        legacy = isinstance(error, DocumentError) and media_type is AnswerType.JSON
        status = 200 if legacy else error.status
        return cls(status, encode({"errors": error.errors}), media_type, error.headers)

    async def send(self, send: Send, body: Body) -> None:
        """Answer at once, even to a client that is still sending: the rest is thrown away."""
        unread = body.unread
        await send({"type": "http.response.start", "status": self.status, "headers": self._headers(unread)})
        await send({"type": "http.response.body", "body": self.body, "more_body": unread})
        if unread:
            await body.discard()
            await send({"type": "http.response.body", "body": b""})

    def _headers(self, closing: bool) -> list[tuple[bytes, bytes]]:
        headers = [
            (b"content-type", f"{self.media_type}; charset=utf-8".encode()),
            (b"content-length", b"%d" % len(self.body)),
            (b"vary", b"accept"),
        ]
        headers.extend((name.encode(), value.encode()) for name, value in self.headers.items())
        if closing:
            headers.append((b"connection", b"close"))
        return headers


def response(result: ExecutionResult, cost: int | None = None) -> Result:
    errors: list[FormattedError] = [execution_error(error) for error in result.errors or ()]
    answer: Result = {"errors": errors} if errors else {}
    answer["data"] = result.data
    if cost is not None:
        answer["extensions"] = {"cost": cost}
    return answer


def encode(value: object) -> bytes:
    """UTF-8 JSON. Lone surrogates, which UTF-8 cannot hold, are escaped."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return json.dumps(value, allow_nan=False).encode()
