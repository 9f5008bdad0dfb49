"""`darkroom backup | restore | scrub`: copies of a data folder, and whether its content is what it was."""

from __future__ import annotations

import argparse
from pathlib import Path

from gql.commands.command import DONE, FAILED, Arguments, Commands, add_command
from gql.commands.output import bars, print_findings, printable
from infrastructure import verification
from infrastructure.backup import backup, restore
from infrastructure.settings import Settings
from infrastructure.sqlite.log_file import open_log
from infrastructure.verification import Kind


def add_to(commands: Commands) -> None:
    backup_ = add_command(
        commands,
        "backup",
        _backup,
        "copy the data folder, also while a server works on it, and verify the copy",
        "Done again into the same folder it copies what is new, and removes what was purged since. The keys "
        "of personal values go into a file apart: keep the newest copy of it and no other, or what was "
        "purged can be read again from old copies.",
    )
    backup_.add_argument("folder", type=Path, metavar="FOLDER", help="where the copy is, or will be")
    _add_keys(backup_)

    restore_ = add_command(
        commands,
        "restore",
        _restore,
        "make a new data folder of a backup, and verify it",
        "DARKROOM_DATA names the folder, which must be empty or not be there yet.",
    )
    restore_.add_argument("folder", type=Path, metavar="FOLDER", help="where the backup is")
    _add_keys(restore_)

    scrub = add_command(
        commands,
        "scrub",
        _scrub,
        "read all originals and renditions again, and tell what is damaged, missing or of no use",
        "Content that no image needs is told, and harmless: exit code 0.",
    )
    scrub.add_argument("--json", action="store_true", help="one JSON object for each finding")


def _add_keys(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--keys", type=Path, required=True, metavar="FILE", help="the file that holds the keys"
    )


def _backup(arguments: Arguments, settings: Settings) -> int:
    with open_log(settings.data):
        pass  # where there is none, that is all there is to say
    with bars() as progress:
        found = print_findings(backup(settings.data, arguments.folder, arguments.keys, progress))
    if found:
        return FAILED
    print(printable(f"{arguments.folder} holds all of {settings.data}; its keys are in {arguments.keys}."))
    return DONE


def _restore(arguments: Arguments, settings: Settings) -> int:
    with bars() as progress:
        found = print_findings(restore(arguments.folder, arguments.keys, settings.data, progress))
    if found:
        return FAILED
    print(
        printable(
            f"{settings.data} is as {arguments.folder} says. Its read model is made at the first start."
        )
    )
    return DONE


def _scrub(arguments: Arguments, settings: Settings) -> int:
    with open_log(settings.data):
        pass  # where there is none, that is all there is to say
    with bars() as progress:
        kinds = print_findings(verification.scrub(settings.data, progress), json=arguments.json)
    return FAILED if kinds - {Kind.ORPHAN} else DONE
