"""Darkroom behind uvicorn."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Final

import uvicorn

from gql.app import Application, application
from gql.http.connection import BoundedConnection
from gql.http.frames import GatheringSocket
from infrastructure.settings import Settings

GRACE_SECONDS: Final = 10
BACKLOG: Final = 2048
STALLED_MILLISECONDS: Final = 60_000


class CannotListen(Exception):
    """The address is taken or not ours."""


class _Server(uvicorn.Server):
    """Sends those away who hold sockets and streams open before it waits for requests to end."""

    def __init__(self, config: uvicorn.Config, application: Application, opened: Callable[[], None]) -> None:
        super().__init__(config)
        self._application = application
        self._opened = opened

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """From here on a signal ends the server in good order, so from here on it may be called open."""
        await super().startup(sockets)
        self._opened()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._leaving = asyncio.ensure_future(self._application.send_away(GRACE_SECONDS / 2))

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn does, but a signal has done its work when the requests have ended: raised again,
        SIGTERM would end the process before everything is closed."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()


async def serve(settings: Settings) -> None:
    """Serve until a signal says to stop. Raises CannotListen, and what `application` raises."""
    listener = _listen(settings.host, settings.port)
    with listener:
        async with application(settings) as app:
            config = uvicorn.Config(
                app.asgi,
                lifespan="off",
                loop="none",
                http=BoundedConnection,
                ws=GatheringSocket,
                ws_max_size=1024 * 1024,
                ws_per_message_deflate=False,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
            address = _address(settings.host, listener.getsockname()[1])
            server = _Server(config, app, partial(_announce, address, settings.data, app.protections))
            gc.freeze()  # what is there now stays; the collector need not look at it again
            gc.enable()
            await server.serve(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # a client that takes nothing any more is let go
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STALLED_MILLISECONDS)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise CannotListen(
            f"Cannot listen on {host} port {port}: {error.strerror}. "
            "Choose others with DARKROOM_HOST and DARKROOM_PORT."
        ) from None
    return listener


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _announce(address: str, data: Path, protections: str) -> None:
    print(
        "Darkroom is open.",
        f"  client      {address}/",
        f"  API         {address}/graphql",
        f"  playground  {address}/graphiql",
        f"  data        {data}",
        f"  decoding    {protections}",
        sep="\n",
        flush=True,
    )
