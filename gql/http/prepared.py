"""Answers whose headers are bytes already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from starlette.responses import Response

RawHeaders: TypeAlias = tuple[tuple[bytes, bytes], ...]
"""In the order in which they are sent, with names in lower case (ASGI, HTTP connection scope)."""


def raw(headers: Mapping[str, str]) -> RawHeaders:
    return tuple((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items())


class Prepared(Response):
    """Some content as a whole. Its headers are all that is sent, the length of the content among them."""

    def __init__(self, content: bytes, headers: RawHeaders) -> None:
        self.status_code = 200
        self.background = None
        self.body = content
        self.raw_headers = list(headers)
