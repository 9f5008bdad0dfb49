"""A whole data folder, part by part."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from infrastructure.verification.content import check_content
from infrastructure.verification.database import check_file
from infrastructure.verification.finding import Finding, Kind, Progress
from infrastructure.verification.log import check_log, open_log
from infrastructure.verification.read_file import check_read_file

_NOT_TO_BE_FOLDED: Final = {Kind.EVENT, Kind.KEY}


def verify(folder: Path, progress: Progress = lambda *_: None) -> Iterator[Finding]:
    """Everything that is wrong with a data folder, as it is found; nothing where it is whole.

    Reads only: `log.db` and `keys.db` for every event, each read file against the fold of the log,
    and the hash of each blob. Blobs that no event names are no finding: an upload that was cut off
    leaves them. Not found is what nothing else tells of: the answer kept with a command id, and a
    key that was never used. Blocks, for some 80 µs of CPU an event and as long as it takes to read and
    hash the content.
    """
    content = folder / "content"
    for name in ("log.db", "keys.db"):
        progress(name, 0, 1)
        yield from check_file(folder / name)
    try:
        with open_log(folder) as log:
            foldable = True
            for finding in check_log(log, content, progress):
                foldable = foldable and finding.kind not in _NOT_TO_BE_FOLDED
                yield finding
            for path in sorted(folder.glob("read-*.db")):
                yield from check_file(path)
                if foldable:
                    yield from check_read_file(path, log, progress)
    except sqlite3.Error as error:
        yield Finding(Kind.FILE, "log.db", f"The log cannot be opened: {error}.")
    yield from check_content(content, progress)
