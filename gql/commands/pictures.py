"""`darkroom import`: the pictures of a folder."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path

from gql.commands.command import DONE, FAILED, Arguments, Commands, WrongUse, add_command
from gql.commands.output import bar, print_json, printable
from infrastructure.pixels.environment import LARGEST_SIDE, prepare
from infrastructure.settings import Settings


def add_to(commands: Commands) -> None:
    import_ = add_command(
        commands,
        "import",
        _import,
        "upload all pictures below a folder, while no server runs",
        "Done again it adds what is new, also after it was interrupted. Hidden files are left out, and what "
        "is no picture is told. Renditions are made on the way; what is left, by the server.",
    )
    import_.add_argument("folder", type=Path, metavar="FOLDER", help="where the pictures are")
    import_.add_argument("--json", action="store_true", help="one JSON object for each file")


def _import(arguments: Arguments, settings: Settings) -> int:
    if not arguments.folder.is_dir():
        raise WrongUse(f"{arguments.folder} is no folder.")
    prepare(settings.max_pixels, LARGEST_SIDE)
    from infrastructure.folder_import import files_below  # noqa: PLC0415  (OpenCV reads its limits at import)

    files = files_below(arguments.folder)
    counts = asyncio.run(_imported(files, settings, json=arguments.json))
    told = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(counts.items())) or "no files"
    print(printable(f"{arguments.folder}: {told}."), file=sys.stderr)
    return FAILED if counts["refused"] else DONE


async def _imported(files: list[Path], settings: Settings, *, json: bool) -> Counter[str]:
    from gql.backend import LOCAL, open_backend  # noqa: PLC0415
    from infrastructure.folder_import import Imported, import_files  # noqa: PLC0415

    with bar("importing", len(files), unit=" files") as advance:

        def report(imported: Imported) -> None:
            advance(1)
            if json:
                shown = {"path": str(imported.path), "outcome": imported.outcome, "refusal": imported.refusal}
                print_json(shown)
            elif imported.refusal is not None:
                print(printable(f"{imported.path}: {imported.refusal}"))

        async with open_backend(settings) as backend, backend.working():
            return await import_files(files, backend.services.images, backend.content, LOCAL, report)
