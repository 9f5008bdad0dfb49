"""Requests are answered only under names that are ours.

A page elsewhere can point a name of its own at this machine and then read our answers as its own
(DNS rebinding). It cannot make the browser send another name than that one.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose


class KnownHosts:
    """Middleware that refuses requests to other hosts (421, RFC 9110 §15.5.20); `*` allows any.

    Health is told to all: probes ask by whatever address they have.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        self._app = app
        self._hosts = {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith("/health/") or self._knows(_host(scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await WebSocketClose(1008, "Unknown host")(scope, receive, send)
        else:
            await _refusal()(scope, receive, send)

    def _knows(self, host: str) -> bool:
        return "*" in self._hosts or _without_port(host.lower()) in self._hosts


def _host(scope: Scope) -> str:
    """The first, if there are several. Each request comes by here, so that nothing is made of its headers."""
    for name, value in scope["headers"]:
        if name == b"host":
            return str(value, "latin-1")
    return ""


def _without_port(host: str) -> str:
    """`localhost:8000` and `[::1]:8000` without what follows the name (RFC 3986 §3.2)."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


def _refusal() -> Response:
    body = {
        "code": "UNKNOWN_HOST",
        "message": "This server is not known by that name. Add it to DARKROOM_ALLOWED_HOSTS if it should be.",
    }
    return Response(msgspec.json.encode(body), 421, {"Cache-Control": "no-store"}, "application/json")
