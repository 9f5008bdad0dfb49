"""The pages a browser opens: the client and GraphiQL, read once and served from memory."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from starlette.responses import Response
from starlette.routing import Route

from gql.http.problems import problem

if TYPE_CHECKING:
    from starlette.requests import Request

# Beside `gql` both in the source tree and in the installed wheel.
STATIC: Final = Path(__file__).parents[2] / "static"

MEDIA_TYPES: Final[Mapping[str, str]] = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    # Not `no-referrer`: that would make browsers send `Origin: null` with some same-origin requests.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

_LOCKED: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

CLIENT_POLICY: Final = (
    f"{_LOCKED}; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "require-trusted-types-for 'script'; trusted-types lit-html"
)
# The one inline style of GraphiQL 4: what its dialogs put on the page behind them.
_SCROLL_LOCK: Final = "'sha256-nzTgYzXYDNe6BAHiiI7NNlfK8n/auuOAhh2t92YvuXo='"
GRAPHIQL_POLICY: Final = (
    f"{_LOCKED}; script-src 'self'; style-src 'self' {_SCROLL_LOCK}; img-src 'self' data:; font-src data:; "
    "connect-src 'self'"
)
ASSET_POLICY: Final = f"{_LOCKED}; sandbox"

Headers: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file in memory with everything that is answered along with it."""

    body: bytes
    media_type: str
    headers: Headers

    @classmethod
    def read(cls, path: Path, policy: str) -> StaticFile:
        body = path.read_bytes()
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        return cls(
            body=body,
            media_type=MEDIA_TYPES[path.suffix],
            headers={**HEADERS, "Content-Security-Policy": policy, "ETag": etag},
        )

    async def answer(self, request: Request) -> Response:
        if _known(request.headers.get("If-None-Match", ""), self.headers["ETag"]):
            return Response(status_code=304, headers=self.headers)
        return Response(self.body, media_type=self.media_type, headers=self.headers)


def pages(static: Path = STATIC) -> list[Route]:
    """`/` and `/images/<id>` are the client, which routes itself; `/graphiql` is GraphiQL."""
    client = StaticFile.read(static / "client" / "index.html", CLIENT_POLICY)
    graphiql = StaticFile.read(static / "graphiql" / "index.html", GRAPHIQL_POLICY)
    assets = _assets(static)

    async def asset(request: Request) -> Response:
        found = assets.get(request.path_params["path"])
        if found is None:
            return problem(404, "NOT_FOUND", "There is no such file.", HEADERS)
        return await found.answer(request)

    return [
        Route("/", client.answer, methods=["GET"]),
        Route("/images/{image_id}", client.answer, methods=["GET"]),
        Route("/graphiql", graphiql.answer, methods=["GET"]),
        Route("/static/{path:path}", asset, methods=["GET"]),
    ]


def _assets(static: Path) -> dict[str, StaticFile]:
    """Known by name only, so that a path from outside never reaches the file system."""
    return {
        path.relative_to(static).as_posix(): StaticFile.read(path, ASSET_POLICY)
        for part in ("client", "graphiql")
        for path in sorted((static / part).rglob("*"))
        if path.suffix in MEDIA_TYPES and path.suffix != ".html"
    }


def _known(if_none_match: str, etag: str) -> bool:
    candidates = (candidate.strip().removeprefix("W/") for candidate in if_none_match.split(","))
    return any(candidate in {etag, "*"} for candidate in candidates)
