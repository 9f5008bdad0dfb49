"""Whether the process lives, and whether it can do its work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from domain.errors import Unavailable

Check = Callable[[], str | None]
"""What is wrong, or None."""


def health_routes(
    checks: Mapping[str, Check],
    warnings: Mapping[str, Check],
    protections: Callable[[], Awaitable[object]],
) -> list[Route]:
    """`/health/live` asks nothing of anything; `/health/ready` asks every check.

    A warning is told with the answer and does not change it: the work is done all the same.
    `/health/protections` tells what locks decoders in.
    """

    async def live(_: Request) -> Response:
        return _answer(200, {"status": "live"})

    async def ready(_: Request) -> Response:
        told = {"warnings": warned} if (warned := _wrong(warnings)) else {}
        if problems := _wrong(checks):
            return _answer(503, {"status": "not ready", "problems": problems, **told})
        return _answer(200, {"status": "ready", "checks": sorted(checks), **told})

    async def protected(_: Request) -> Response:
        try:
            return _answer(200, await protections())
        except Unavailable as reason:
            return _answer(503, {"code": reason.code, "message": reason.message})

    return [
        Route("/health/live", live),
        Route("/health/ready", ready),
        Route("/health/protections", protected),
    ]


def _wrong(checks: Mapping[str, Check]) -> dict[str, str]:
    return {name: problem for name, check in checks.items() if (problem := check()) is not None}


def _answer(status: int, body: object) -> Response:
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(msgspec.json.encode(body), status, headers, "application/json")
