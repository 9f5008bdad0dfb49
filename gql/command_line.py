"""The command `darkroom`.

OpenCV reads its limits when it is imported, so that whatever leads to it is imported only after the
environment has been prepared.
"""

from __future__ import annotations

import argparse
import io
import os
import sqlite3
import sys
from collections.abc import Sequence
from typing import Final

from domain.errors import InvalidInput, Refusal
from gql.commands import copies, log, operations, pictures, rebuild, renditions, schema, serve, settings
from gql.commands.command import EXIT_CODES, FAILED, WRONG_USE, Failure, WrongUse
from infrastructure.backup import NoBackup, NotEmpty
from infrastructure.log.chain import ChainBroken
from infrastructure.log.proof import NotTheLogSigned
from infrastructure.settings import InvalidSettings, Settings, from_environment
from infrastructure.sqlite.ledger import DamagedEvent
from infrastructure.sqlite.lock import DataFolderUnusable
from infrastructure.sqlite.log_file import NoLog
from infrastructure.sqlite.log_import import CannotImport, FolderNotEmpty

_NOUNS: Final = (serve, pictures, log, rebuild, copies, renditions, settings, schema, operations)
_FAILURES: Final = (
    CannotImport,
    ChainBroken,
    DamagedEvent,
    DataFolderUnusable,
    Failure,
    FolderNotEmpty,
    NoBackup,
    NoLog,
    NotEmpty,
    NotTheLogSigned,
    Refusal,
)
"""What was foreseen; each says by itself what is wrong."""

_INTERRUPTED: Final = 130
"""What a shell gives a program that was interrupted from the keyboard."""


def run(arguments: Sequence[str]) -> int:
    """Carry out a command line; the result is the exit code of the process."""
    given = _parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # on a terminal that has not every letter
    try:
        values = from_environment(os.environ)
    except InvalidSettings as invalid:
        _complain(*invalid.problems, "`darkroom settings` lists what can be set.")
        if given.needs_settings:
            return WRONG_USE
        values = invalid.others
    return _carried_out(given, values)


def _carried_out(given: argparse.Namespace, values: Settings) -> int:
    """What goes wrong in a way that was foreseen is told in a line."""
    try:
        code: int = given.run(given, values)
        sys.stdout.flush()
    except (WrongUse, InvalidInput) as wrong:
        _complain(str(wrong))
        return WRONG_USE
    except _FAILURES as failure:
        _complain(str(failure))
        return FAILED
    except BrokenPipeError:  # whoever read what was printed has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        _complain(f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror or error}.")
        return FAILED
    except sqlite3.Error as error:
        _complain(f"The data folder {values.data} cannot be read: {error}.")
        return FAILED
    except KeyboardInterrupt:
        return _INTERRUPTED
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "darkroom", description="An image backend with a memory.", epilog=EXIT_CODES
    )
    parser.set_defaults(needs_settings=True)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for noun in _NOUNS:
        noun.add_to(commands)
    return parser


def _complain(*lines: str) -> None:
    print(*lines, sep="\n", file=sys.stderr)
