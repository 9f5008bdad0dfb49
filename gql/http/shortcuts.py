"""Files and pictures, found by the first part of their path."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from re import Pattern

from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send


class Shortcuts:
    """An ASGI application: routes that answer whatever is asked below them, and another one for the rest.

    What is asked for most then passes by the routes that come before, and by the layers that turn exceptions
    into answers. An unforeseen one is logged and answered 500 by the server itself. Parameters in the paths
    of the routes are texts.
    """

    def __init__(self, routes: Iterable[Route], otherwise: ASGIApp) -> None:
        self._routes: defaultdict[str, list[tuple[Pattern[str], ASGIApp]]] = defaultdict(list)
        for route in routes:
            self._routes[_first(route.path)].append((route.path_regex, route.app))
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        for pattern, app in self._routes.get(_first(path), ()):
            match = pattern.match(path)
            if match is not None and scope["type"] == "http":
                scope["path_params"] = match.groupdict()
                await app(scope, receive, send)
                return
        await self._otherwise(scope, receive, send)


def _first(path: str) -> str:
    return path[1:].partition("/")[0]
