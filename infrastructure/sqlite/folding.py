"""The whole log folded into a new read file. As a program: the child process of a rebuild.

    python -m infrastructure.sqlite.folding <data folder> <file> <hash of the program>

A process of its own, because a fold is all CPU: a thread would take the server's interpreter. It reads the
log and the keys, writes the file and nothing else, and ends with the process that started it.
"""

from __future__ import annotations

import errno
import gc
import os
import select
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from infrastructure.sqlite.connection import without_journal
from infrastructure.sqlite.disk_space import RESERVE_BYTES, free_bytes
from infrastructure.sqlite.program import projection_hash
from infrastructure.sqlite.projection import Projection
from infrastructure.sqlite.scan import Scan

NICE: Final = 15
COLLECT_EVERY: Final = 20_000
"""Objects between two searches for garbage. Events come and go by the page, and there are no cycles in them:
to look as often as usual takes a fifteenth of a fold."""

ORPHANED: Final = 3
"""The exit code of a child whose parent is gone."""

ANOTHER_PROGRAM: Final = 4
"""The exit code of a child that would fold otherwise than its parent."""


def fold_anew(folder: Path, path: Path, progress: Callable[[int, int], None] = lambda *_: None) -> int:
    """Fold the log of a data folder into a file that is not there yet, and answer the position reached.

    The file is on the disk when this returns, and of no use where it does not: whoever asked removes it.
    `progress` is told positions: how far, of how many. Memory is bounded by a page of events.
    """
    with closing(Scan(folder)) as scan:
        last = scan.last
        with closing(Projection(path, scan.store_id)) as projection:
            with without_journal(projection.db):
                for page in scan.pages(after=0):
                    _leave_space(folder)
                    projection.fold(page)
                    progress(page[-1].position, max(last, page[-1].position))
            position = projection.position
    _sync(path)
    return position


def main(arguments: list[str]) -> int:
    folder, path, program = Path(arguments[0]), Path(arguments[1]), arguments[2]
    os.setpriority(os.PRIO_PROCESS, 0, NICE)
    gc.set_threshold(COLLECT_EVERY)
    if program != projection_hash():
        print("The program on the disk is not the one that runs. Start that one anew.", file=sys.stderr)
        return ANOTHER_PROGRAM
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    if select.select([sys.stdin], [], [], 0)[0]:  # it is gone already: make no file that nobody removes
        return ORPHANED
    fold_anew(folder, path)
    return 0


def _end_with_the_parent() -> None:
    """Its end of the pipe closes with it, however it ends, and nothing is ever written to it."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(ORPHANED)


def _leave_space(folder: Path) -> None:
    """The space that appends need is not for a read file."""
    if free_bytes(folder) < 2 * RESERVE_BYTES:
        raise OSError(errno.ENOSPC, "The disk has no room for another read file", str(folder))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
