"""Whether the process lives, and whether it can do its work."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Check = Callable[[], str | None]
"""What is wrong, or None."""


def health_routes(checks: Mapping[str, Check], details: Mapping[str, object]) -> list[Route]:
    """`/health/live` asks nothing of anything; `/health/ready` asks every check, and tells the details."""

    async def live(_: Request) -> Response:
        return _answer(200, {"status": "live"})

    async def ready(_: Request) -> Response:
        problems = {name: problem for name, check in checks.items() if (problem := check()) is not None}
        if problems:
            return _answer(503, {"status": "not ready", "problems": problems, "details": details})
        return _answer(200, {"status": "ready", "checks": sorted(checks), "details": details})

    return [Route("/health/live", live), Route("/health/ready", ready)]


def _answer(status: int, body: object) -> Response:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(msgspec.json.encode(body), status, headers, "application/json")
