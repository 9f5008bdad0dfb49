"""`darkroom serve`"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable

from gql.commands.command import DONE, Arguments, Commands, Failure, add_command
from infrastructure.pixels.environment import LARGEST_SIDE, UnsafeEnvironmentError, prepare
from infrastructure.settings import Settings


def add_to(commands: Commands) -> None:
    add_command(
        commands,
        "serve",
        _serve,
        "serve client, API and playground until told to stop",
        "Everything is set through the environment: see `darkroom settings`.",
    )


def _serve(_: Arguments, settings: Settings) -> int:
    logging.basicConfig(format="%(message)s", level=settings.log_level.upper())
    logging.getLogger("python_multipart").setLevel(logging.ERROR)  # malformed forms are their senders' affair
    prepare(settings.max_pixels, LARGEST_SIDE)
    gc.disable()  # until the server is there: nothing of what is imported is ever garbage
    from gql.server import CannotListen, serve  # noqa: PLC0415

    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(serve(settings))
    except (CannotListen, UnsafeEnvironmentError) as reason:
        raise Failure(str(reason)) from reason
    except KeyboardInterrupt:
        pass
    return DONE


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop, where there is one."""
    try:
        import uvloop  # noqa: PLC0415
    except ImportError:
        return None
    return uvloop.new_event_loop
