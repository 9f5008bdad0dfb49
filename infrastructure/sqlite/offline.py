"""Work on a data folder that no server has open."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

from infrastructure.sqlite import read_files
from infrastructure.sqlite.folding import fold_anew
from infrastructure.sqlite.keys import Keys
from infrastructure.sqlite.ledger import Ledger
from infrastructure.sqlite.lock import DataFolderUnusable, lock


def rebuild_offline(folder: Path, progress: Callable[[int, int], None]) -> int:
    """Make the read file of a folder anew, and answer the position that it shows.

    `progress` is told positions: how far, of how many. Raises DataFolderUnusable, which is DataFolderInUse
    where a server runs; whatever is raised, the read file is as it was.
    """
    if not (folder / "log.db").is_file():
        raise DataFolderUnusable(f"There is no log in {folder}. Say where it is with DARKROOM_DATA.")
    with ExitStack() as stack:
        stack.callback(os.close, lock(folder))
        new = read_files.following(folder)
        with ExitStack() as undo:
            undo.callback(read_files.remove, read_files.part(new))
            try:
                _recover(folder)
                position = fold_anew(folder, read_files.part(new), progress)
            except (OSError, sqlite3.Error) as error:
                raise DataFolderUnusable(f"The read model was not made anew: {error}.") from error
            read_files.complete(new)
        read_files.sweep(folder, keep=new)
        return position


def _recover(folder: Path) -> None:
    """Have SQLite bring in what a killed server left in its write-ahead logs: whoever only reads cannot."""
    with closing(Keys(folder / "keys.db")) as keys, closing(Ledger(folder / "log.db", keys)):
        pass
