"""The peer: Starlette with one picture in its memory, whatever is asked: `starlette_app.py PORT FILE`."""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def main(port: int, content: bytes) -> None:
    async def picture(_: Request) -> Response:
        return Response(content, media_type="image/jpeg")

    app = Starlette(routes=[Route("/{path:path}", picture)])
    uvicorn.run(
        app, port=port, loop="uvloop", http="httptools", lifespan="off", log_level="error", access_log=False
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]).read_bytes())
