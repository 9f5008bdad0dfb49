"""The command `darkroom`.

OpenCV reads its limits when it is imported, so that whatever leads to it is imported only after the
environment has been prepared.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from infrastructure.pixels.environment import UnsafeEnvironmentError, prepare
from infrastructure.settings import InvalidSettings, Settings, from_environment, listing

CANNOT_START: Final = 1
WRONG_SETTINGS: Final = 2
LARGEST_SIDE: Final = 32_768


def run(arguments: Sequence[str]) -> int:
    """Carry out a command line; the result is the exit code of the process."""
    command = _parser().parse_args(arguments).command
    try:
        settings = from_environment(os.environ)
    except InvalidSettings as invalid:
        _tell(*invalid.problems, "`darkroom settings` lists what can be set.")
        if command != "settings":
            return WRONG_SETTINGS
        settings = Settings()
    return _COMMANDS[command](settings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("darkroom", description="An image backend with a memory.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="serve client, API and playground until told to stop")
    commands.add_parser("rebuild", help="make the read model anew from the log, while no server runs")
    commands.add_parser("settings", help="list what can be set through the environment")
    commands.add_parser("schema", help="print the GraphQL schema")
    return parser


def _serve(settings: Settings) -> int:
    logging.basicConfig(format="%(message)s", level=settings.log_level.upper())
    logging.getLogger("python_multipart").setLevel(logging.ERROR)  # malformed forms are their senders' affair
    prepare(settings.max_pixels, LARGEST_SIDE)
    gc.disable()  # until the server is there: nothing of what is imported is ever garbage
    from gql.server import CannotListen, serve  # noqa: PLC0415
    from infrastructure.sqlite.lock import DataFolderUnusable  # noqa: PLC0415

    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(serve(settings))
    except (CannotListen, DataFolderUnusable, UnsafeEnvironmentError) as reason:
        _tell(str(reason))
        return CANNOT_START
    except KeyboardInterrupt:
        pass
    return 0


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop, where there is one."""
    try:
        import uvloop  # noqa: PLC0415
    except ImportError:
        return None
    return uvloop.new_event_loop


def _rebuild(settings: Settings) -> int:
    from infrastructure.sqlite.lock import DataFolderUnusable  # noqa: PLC0415
    from infrastructure.sqlite.offline import rebuild_offline  # noqa: PLC0415

    tenths = 0

    def say(position: int, last: int) -> None:
        nonlocal tenths
        if position * 10 // last > tenths:
            tenths = position * 10 // last
            _tell(f"{position:,} of {last:,} events folded")

    try:
        position = rebuild_offline(settings.data, say)
    except DataFolderUnusable as reason:
        _tell(str(reason))
        return CANNOT_START
    print(f"The read model of {settings.data} shows all {position:,} events, folded anew.")
    return 0


def _settings(settings: Settings) -> int:
    for name, value, about in listing(settings):
        print(f"{name}={value}\n    {about}")
    return 0


def _schema(settings: Settings) -> int:
    prepare(settings.max_pixels, LARGEST_SIDE)
    from gql.schema import build_schema  # noqa: PLC0415

    print(build_schema().as_str())
    return 0


def _tell(*lines: str) -> None:
    print(*lines, sep="\n", file=sys.stderr)


_COMMANDS: Final[Mapping[str, Callable[[Settings], int]]] = {
    "serve": _serve,
    "rebuild": _rebuild,
    "settings": _settings,
    "schema": _schema,
}
