"""`darkroom log export | import | materialise`: the log elsewhere, and as it was."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from gql.commands.command import DONE, Arguments, Commands, WrongUse, add_command
from gql.commands.log_places import MOMENT, position_then
from gql.commands.output import bar, print_json, printable
from infrastructure.settings import Settings
from infrastructure.sqlite.log_export import export_keys, export_log, private_file
from infrastructure.sqlite.log_file import open_log
from infrastructure.sqlite.log_import import import_log
from infrastructure.sqlite.materialisation import LISTING, READ_FILE, list_images, materialise


def add_to(actions: Commands) -> None:
    export = add_command(
        actions,
        "export",
        _export,
        "write the log as JSON Lines, with every column and hash",
        "Personal values stay sealed. Originals and renditions are not in it: they are files in the folder "
        "content.",
    )
    export.add_argument("file", metavar="FILE", help="a file that is not there yet, or - for standard output")
    export.add_argument(
        "--keys",
        type=Path,
        metavar="FILE",
        help="write what opens personal values into a file of its own; keep it apart from the log",
    )

    import_ = add_command(
        actions,
        "import",
        _import,
        "make the log of a new data folder from an export",
        "DARKROOM_DATA names the folder, which must hold no log and not be in use. The chain is checked on "
        "the way: where it breaks, the position is told and nothing is kept. Cursors stay good.",
    )
    import_.add_argument("file", metavar="FILE", help="what was exported, or - for standard input")
    import_.add_argument(
        "--keys",
        type=Path,
        metavar="FILE",
        help="what was exported by --keys; without, personal values are gone as if they had been erased",
    )

    materialise_ = add_command(
        actions,
        "materialise",
        _materialise,
        "write what there was at some time into a folder",
        f"That is {READ_FILE}, a read model in SQLite, and {LISTING}, every image as a line of JSON.",
    )
    materialise_.add_argument("--at", required=True, metavar="MOMENT", help=MOMENT)
    materialise_.add_argument("folder", type=Path, metavar="FOLDER", help="a folder that is not there yet")
    for parser in (export, import_, materialise_):
        parser.add_argument("--json", action="store_true", help="what was done as one JSON object")


def _export(arguments: Arguments, settings: Settings) -> int:
    with ExitStack() as stack:
        log = stack.enter_context(open_log(settings.data))
        if arguments.keys is not None:
            keys = stack.enter_context(private_file(arguments.keys))
        file = stack.enter_context(_written(arguments.file))
        with bar("exporting", log.head) as advance:
            count = export_log(log, file, advance)
        if arguments.keys is not None:
            export_keys(log, keys)  # after the log: no key of an event in it is missing
        store_id = log.store_id
    if arguments.file != "-":
        _tell(arguments, f"Exported {count} events.", {"events": count, "store_id": store_id})
    return DONE


def _import(arguments: Arguments, settings: Settings) -> int:
    with ExitStack() as stack:
        file = stack.enter_context(_read(arguments.file))
        keys = None if arguments.keys is None else stack.enter_context(arguments.keys.open("rb"))
        advance = stack.enter_context(bar("importing", None))
        count = import_log(settings.data, file, keys, advance)
    told = (
        f"Imported {count} events into {settings.data}. Originals and renditions come as files: copy the "
        "folder content of the other store too."
    )
    _tell(arguments, told, {"events": count})
    return DONE


def _materialise(arguments: Arguments, settings: Settings) -> int:
    with open_log(settings.data) as log:
        until = position_then(log, arguments.at)
        with _new_folder(arguments.folder) as folder:
            with bar("folding", until) as advance:
                materialise(log, until, folder, advance)
            with private_file(folder / LISTING) as file:
                images = list_images(folder, file)
    _tell(arguments, f"{images} images as of position {until}.", {"position": until, "images": images})
    return DONE


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """Gone again if what is done in it fails."""
    if folder.exists():
        raise WrongUse(f"{folder} is there already. Name a folder that is not.")
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


@contextmanager
def _written(name: str) -> Iterator[IO[bytes]]:
    if name == "-":
        yield sys.stdout.buffer
        return
    with private_file(Path(name)) as file:
        yield file


@contextmanager
def _read(name: str) -> Iterator[IO[bytes]]:
    if name == "-":
        yield sys.stdin.buffer
        return
    with Path(name).open("rb") as file:
        yield file


def _tell(arguments: Arguments, sentence: str, values: dict[str, object]) -> None:
    if arguments.json:
        print_json(values)
    else:
        print(printable(sentence))
