"""What every command is: a parser, and a function that gives the exit code."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Final, TypeAlias

from infrastructure.settings import Settings

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  (it has no other)
Arguments: TypeAlias = argparse.Namespace
Run: TypeAlias = Callable[[Arguments, Settings], int]

DONE: Final = 0
FAILED: Final = 1
"""Something could not be done, or was found that is not as it should be."""

WRONG_USE: Final = 2
"""The command line or a setting is wrong; nothing was done."""

EXIT_CODES: Final = (
    "Exit codes: 0 when all is well; 1 when something failed, was found to be wrong or was not found; "
    "2 when the command line or a setting is wrong."
)


class Failure(Exception):
    """A command that does not succeed, with what is told of it; its exit code is 1."""


class WrongUse(Exception):
    """What was given makes no sense; the exit code is 2."""


def add_command(
    commands: Commands, name: str, run: Run, about: str, more: str = ""
) -> argparse.ArgumentParser:
    """`about` is the line in the list of commands; with `more`, what the command's own help tells."""
    whole = f"{about[0].upper()}{about[1:]}. {more}".strip()
    parser = commands.add_parser(name, help=about, description=whole, epilog=EXIT_CODES, allow_abbrev=False)
    parser.set_defaults(run=run)
    return parser
